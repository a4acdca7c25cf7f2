"""Faults that a child is told to have at a named place, and another way to the broker."""

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from dualbus_events import consumer, relay, unit_of_work

from tests.chaos.mutations import put

# Longer than a session, than a request may take, and than the server lets a transaction be idle.
BLOCKED_SECONDS: Final = 40


def freeze_at(place: str) -> None:
    """Stop this process (SIGSTOP) at the n-th pass of a crash point: `<name>:<n>`."""
    _act_at(place, partial(os.kill, os.getpid(), signal.SIGSTOP))


def block_at(place: str) -> None:
    """Block the event loop at the n-th pass of a crash point: `<name>:<n>`."""
    _act_at(place, partial(time.sleep, BLOCKED_SECONDS))


def _act_at(place: str, action: Callable[[], None]) -> None:
    name, _, count = place.partition(":")
    left = int(count)

    def pass_point(passed: str) -> None:
        nonlocal left
        left -= passed == name
        if left == 0 and passed == name:
            action()

    for module in (consumer, relay, unit_of_work):
        put(module, "crash_point", pass_point)


def reach_brokers_through(port: int) -> None:
    """Connect to this port instead of the one a broker advertises: there is a proxy."""
    connect = AIOKafkaConnection.connect

    async def connect_there(connection: AIOKafkaConnection) -> object:
        connection._port = port
        return await connect(connection)

    put(AIOKafkaConnection, "connect", connect_there)
