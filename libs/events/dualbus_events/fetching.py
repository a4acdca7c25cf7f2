"""Fetching when asked to, instead of ahead.

aiokafka 0.14 fetches while a batch is being handled, but stops at the first answer: it asks for no
partition while records of any are waiting to be taken. So the next poll would hand out the first
record that came meanwhile, alone, and all that came after it would wait for one round more. A
fetch that starts with the poll brings all of it. Where whole batches wait, reading ahead pays.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer

from dualbus_events.fetch_sessions import SessionClient


class FetchOnDemand:
    """Lets a started consumer send fetches only between `begin` and `hold`, in fetch sessions."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._fetcher = consumer._fetcher
        self._fetcher._client = SessionClient(self._fetcher._client)
        self._plan = self._fetcher._get_actions_per_node
        self._fetcher._get_actions_per_node = self._actions
        self._wanted = True
        self._planned_for: object = None

    def begin(self) -> None:
        """From now on fetches may be sent."""
        if not self._wanted:
            self._wanted = True
            self._fetcher._notify(self._fetcher._wait_consume_future)

    def hold(self) -> None:
        """Send none until `begin`."""
        self._wanted = False

    def _actions(self, assignment: Any) -> Any:
        """What the fetcher does next: fetches, resets, seconds to wait, and two it may wait for."""
        # The positions of new partitions are looked up whether they are wanted yet or not.
        if self._wanted or assignment is not self._planned_for:
            self._planned_for = assignment
            return self._plan(assignment)
        return [], {}, self._fetcher._fetcher_timeout, False, []
