"""Faults that a child is told to have: freezing at a named place, another way to the broker."""

import os
import signal

from aiokafka.conn import AIOKafkaConnection
from dualbus_events import consumer, relay, unit_of_work

from tests.chaos.mutations import put


def freeze_at(place: str) -> None:
    """Stop this process (SIGSTOP) at the n-th pass of a crash point: `<name>:<n>`."""
    name, _, count = place.partition(":")
    left = int(count)

    def pass_point(passed: str) -> None:
        nonlocal left
        left -= passed == name
        if left == 0 and passed == name:
            os.kill(os.getpid(), signal.SIGSTOP)

    for module in (consumer, relay, unit_of_work):
        put(module, "crash_point", pass_point)


def reach_brokers_through(port: int) -> None:
    """Connect to this port instead of the one a broker advertises: there is a proxy."""
    connect = AIOKafkaConnection.connect

    async def connect_there(connection: AIOKafkaConnection) -> object:
        connection._port = port
        return await connect(connection)

    put(AIOKafkaConnection, "connect", connect_there)
