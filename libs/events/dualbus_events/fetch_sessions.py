"""Fetch sessions (KIP-227): a fetch names only the partitions whose position has changed.

aiokafka 0.14 speaks the version of Fetch that has sessions, but opens none: each request and each
answer names every partition, whether anything happened in it or not, and both sides spend most of
a small fetch's time on that.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest

Partition = tuple[str, int]

_FULL = 0
"""The epoch of a request that names all partitions and opens a session."""
_LATEST_EPOCH = 2**31 - 1
_SESSION_ID_NOT_FOUND = 70
_FIRST_VERSION_WITH_SESSIONS = 7


class FetchSession:
    """What one broker remembers of one consumer's fetches. One request may be under way at a time.

    The broker keeps the positions; it answers only for partitions that have something new.
    """

    def __init__(self) -> None:
        self.id = 0
        self.epoch = _FULL
        self._known: Mapping[Partition, int] = {}
        self._asked: Mapping[Partition, int] = {}

    def ask(self, positions: Mapping[Partition, int]) -> tuple[set[Partition], set[Partition]]:
        """Which partitions the next request must name, and which it must have forgotten."""
        known = {} if self.epoch == _FULL else self._known
        self._asked = positions
        named = {tp for tp, position in positions.items() if known.get(tp) != position}
        return named, known.keys() - positions.keys()

    def answered(self, *, session_id: int, error_code: int) -> None:
        """The broker's answer to the last request; after an error the next one names all."""
        if error_code:
            self.lost()
            if error_code == _SESSION_ID_NOT_FOUND:
                self.id = 0
        elif not session_id:  # the broker has no room for another session
            self.id, self.epoch = 0, _FULL
        else:
            self.id = session_id
            self.epoch = 1 if self.epoch == _LATEST_EPOCH else self.epoch + 1
            self._known = self._asked

    def lost(self) -> None:
        """Nobody knows whether the broker saw the last request: open another session."""
        self.epoch = _FULL


class SessionFetch(FetchRequest):  # type: ignore[misc]
    """A fetch of all partitions that sends only what its session's broker does not know yet.

    `topics` names all of them: aiokafka looks there for the position that an answer belongs to.
    """

    def __init__(self, whole: FetchRequest, session: FetchSession) -> None:
        super().__init__(
            whole._max_wait_ms,
            whole._min_bytes,
            whole._max_bytes,
            whole._isolation_level,
            whole.topics,
            rack_id=whole._rack_id,
        )
        self.session = session

    def build(self, request_struct_class: type[Any]) -> Any:
        """The request as it is sent; called once, when the broker's versions are known."""
        whole = super().build(request_struct_class)
        if request_struct_class.API_VERSION < _FIRST_VERSION_WITH_SESSIONS:
            return whole
        positions = {
            (topic, partition): offset
            for topic, partitions in self.topics
            for partition, offset, _ in partitions
        }
        named, forgotten = self.session.ask(positions)
        whole.session_id, whole.session_epoch = self.session.id, self.session.epoch
        whole.topics = [
            (topic, changed)
            for topic, partitions in whole.topics
            if (changed := [one for one in partitions if (topic, one[0]) in named])
        ]
        whole.forgotten_topics_data = _by_topic(forgotten)
        return whole


class SessionClient:
    """A consumer's client whose fetches keep a session with each broker."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client
        self._sessions: dict[int, FetchSession] = defaultdict(FetchSession)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send(self, node_id: int, request: Any, **options: Any) -> Any:
        """As aiokafka's. A fetch that is not answered costs its session."""
        if not isinstance(request, FetchRequest):
            return await self._client.send(node_id, request, **options)
        session = self._sessions[node_id]
        try:
            answer = await self._client.send(node_id, SessionFetch(request, session), **options)
        except BaseException:  # cancelled too: its answer will be nobody's
            session.lost()
            raise
        if answer.API_VERSION >= _FIRST_VERSION_WITH_SESSIONS:
            session.answered(session_id=answer.session_id, error_code=answer.error_code)
        return answer


def _by_topic(partitions: Iterable[Partition]) -> list[tuple[str, list[int]]]:
    topics: dict[str, list[int]] = defaultdict(list)
    for topic, partition in sorted(partitions):
        topics[topic].append(partition)
    return list(topics.items())
