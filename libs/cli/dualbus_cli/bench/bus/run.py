"""The figures of the bus: records per second of each part, ours beside the bare one."""

import asyncio
import time

from dualbus_events.kafka import KafkaProducer
from dualbus_events.relay import Relay

from dualbus_cli.bench.bus.consuming import consume, consume_bare
from dualbus_cli.bench.bus.ground import Ground, bus_ground
from dualbus_cli.bench.bus.relaying import drain_bare, drain_with_relay
from dualbus_cli.bench.report import Figures
from dualbus_cli.progress import Board


async def run_bus(dsn: str, bootstrap: str, *, events: int, board: Board) -> Figures:
    """Relay, consumer with new records, with duplicates only, and relay and consumer at once."""
    async with bus_ground(dsn, bootstrap) as ground:
        with board.step("Relay") as step:
            figures = await _relay(ground, events)
            step.note = _note(figures, "relay")
        with board.step("Consumer") as step:
            figures |= await _consumer(ground, events)
            step.note = _note(figures, "consumer")
        with board.step("Relay and consumer") as step:
            figures |= await _together(ground, events)
            step.note = f"{figures['bus.together_per_s']:,} events/s"
    return figures


async def run_backlog(dsn: str, bootstrap: str, *, events: int, board: Board) -> Figures:
    """Relay and consumer, ours alone, working off a long backlog."""
    async with bus_ground(dsn, bootstrap) as ground:
        with board.step(f"Backlog of {events:,} events") as step:
            await ground.fill(events)
            relayed = events / await drain_with_relay(ground)
            consumed = await consume(ground, records=events)
            step.note = f"relay {relayed:,.0f} events/s, consumer {consumed:,.0f}"
    return {
        "growth.backlog_events": events,
        "growth.relay_per_s": round(relayed),
        "growth.consumer_per_s": round(consumed),
    }


async def _relay(ground: Ground, events: int) -> Figures:
    await ground.fill(events)
    bare = events / await drain_bare(ground)
    # What is measured next reads the same number of rows and writes to an empty topic.
    await ground.empty_topic()
    await ground.forget()
    await ground.fill(events)
    return _beside("relay", events / await drain_with_relay(ground), bare)


async def _consumer(ground: Ground, events: int) -> Figures:
    """The records that the relay has just published."""
    bare = await consume_bare(ground, records=events)
    bare_again = await consume_bare(ground, records=events)
    await ground.forget()
    new = await consume(ground, records=events)
    again = await consume(ground, records=events)
    return _beside("consumer", new, bare) | _beside("consumer_duplicates", again, bare_again)


async def _together(ground: Ground, events: int) -> Figures:
    await ground.empty_topic()
    await ground.forget()
    await ground.fill(events)
    producer = KafkaProducer(ground.bootstrap)
    relay = Relay(ground.pool, producer)
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        group.create_task(consume(ground, records=events))
        await relay.start()
    took = time.perf_counter() - begun
    await relay.stop()
    return {"bus.together_per_s": round(events / took)}


def _beside(part: str, ours: float, bare: float) -> Figures:
    return {
        f"bus.{part}_per_s": round(ours),
        f"bus.{part}_bare_per_s": round(bare),
        f"bus.{part}_ratio": round(ours / bare, 3),
    }


def _note(figures: Figures, part: str) -> str:
    return f"{figures[f'bus.{part}_per_s']:,} events/s, bare {figures[f'bus.{part}_bare_per_s']:,}"
