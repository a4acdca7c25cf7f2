"""What a broker remembers of a fetch session is what its consumer asks for, whatever is lost."""

from collections.abc import Mapping

from aiokafka.protocol.fetch import FetchRequest, FetchRequest_v4, FetchRequest_v11
from dualbus_events.fetch_sessions import FetchSession, Partition, SessionFetch
from hypothesis import given
from hypothesis import strategies as st

_SESSION_ID_NOT_FOUND, _INVALID_SESSION_EPOCH = 70, 71
_POSITIONS = st.dictionaries(
    st.tuples(st.sampled_from(["orders", "products"]), st.integers(0, 2)), st.integers(0, 3)
)
_FATES = st.sampled_from(["answered", "request lost", "answer lost", "session evicted"])


class Broker:
    """Sessions as KIP-227 has them: `answer` gives error code, session id, positions it reads."""

    def __init__(self) -> None:
        self.sessions: dict[int, tuple[int, dict[Partition, int]]] = {}
        self._last_id = 0

    def answer(
        self,
        session_id: int,
        epoch: int,
        named: Mapping[Partition, int],
        forgotten: set[Partition],
    ) -> tuple[int, int, dict[Partition, int]]:
        if epoch == 0:
            self.sessions.pop(session_id, None)
            self._last_id += 1
            self.sessions[self._last_id] = 1, dict(named)
            return 0, self._last_id, dict(named)
        if session_id not in self.sessions:
            return _SESSION_ID_NOT_FOUND, 0, {}
        expected, positions = self.sessions[session_id]
        if epoch != expected:
            return _INVALID_SESSION_EPOCH, 0, {}
        positions = {tp: at for tp, at in positions.items() if tp not in forgotten} | dict(named)
        self.sessions[session_id] = epoch + 1, positions
        return 0, session_id, positions


@given(st.lists(st.tuples(_POSITIONS, _FATES), max_size=30))
def test_each_answer_without_error_is_about_the_positions_that_were_asked(
    steps: list[tuple[dict[Partition, int], str]],
) -> None:
    broker, session = Broker(), FetchSession()
    for positions, fate in steps:
        if fate == "session evicted":
            broker.sessions.clear()
        named, forgotten = session.ask(positions)
        if fate == "request lost":
            session.lost()
            continue
        changed = {tp: positions[tp] for tp in named}
        error, session_id, read = broker.answer(session.id, session.epoch, changed, forgotten)
        if fate == "answer lost":
            session.lost()
            continue
        session.answered(session_id=session_id, error_code=error)

        assert error or read == positions
        assert not error or fate == "session evicted"


def test_only_what_changed_is_named_again() -> None:
    session = FetchSession()
    session.ask({("orders", 0): 5, ("orders", 1): 7, ("products", 0): 1})
    session.answered(session_id=11, error_code=0)

    named, forgotten = session.ask({("orders", 0): 5, ("orders", 1): 8})

    assert (named, forgotten) == ({("orders", 1)}, {("products", 0)})


def test_a_broker_without_room_for_a_session_is_asked_for_everything() -> None:
    session = FetchSession()
    session.ask({("orders", 0): 5})
    session.answered(session_id=0, error_code=0)

    named, _ = session.ask({("orders", 0): 5})

    assert (named, session.id, session.epoch) == ({("orders", 0)}, 0, 0)


def test_a_request_carries_its_session_where_the_broker_knows_them() -> None:
    session = FetchSession()
    topics = [("orders", [(0, 5, 100), (1, 7, 100)])]
    SessionFetch(FetchRequest(500, 1, 1_000, 0, topics), session).build(FetchRequest_v11)
    session.answered(session_id=11, error_code=0)
    later = SessionFetch(
        FetchRequest(500, 1, 1_000, 0, [("orders", [(0, 6, 100), (1, 7, 100)])]), session
    )

    built = later.build(FetchRequest_v11)
    old = later.build(FetchRequest_v4)

    assert (built.session_id, built.session_epoch) == (11, 1)
    assert built.topics == [("orders", [(0, -1, 6, -1, 100)])]
    assert old.topics == later.topics
