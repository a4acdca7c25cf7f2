"""Faults: which part fails when and how, drawn from a seed, and the doing of it."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.chaos.whole_system.parts import Part

Kind = Literal["kill", "freeze", "restart"]
_KINDS: Final[tuple[Kind, ...]] = ("kill", "freeze", "restart")
_PAUSE: Final = (1.0, 4.0)
# How long a part is away, in seconds. A freeze may outlast the 15 s of a consumer's session.
_AWAY: Final[Mapping[Kind, tuple[float, float]]] = {
    "kill": (0.5, 8.0),
    "freeze": (1.0, 18.0),
    "restart": (0.0, 0.0),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """After a pause, a part is away for some seconds."""

    pause: float
    part: str
    kind: Kind
    away: float


def draw_faults(chance: random.Random, parts: Sequence[str], *, seconds: float) -> list[Fault]:
    """Faults one after the other for at least `seconds`: every part once before any comes again."""
    faults: list[Fault] = []
    waiting: list[str] = []
    spent = 0.0
    while spent < seconds:
        waiting = waiting or chance.sample(parts, len(parts))
        kind = chance.choice(_KINDS)
        fault = Fault(
            pause=round(chance.uniform(*_PAUSE), 2),
            part=waiting.pop(),
            kind=kind,
            away=round(chance.uniform(*_AWAY[kind]), 2),
        )
        faults.append(fault)
        spent += fault.pause + fault.away
    return faults


async def inflict(
    faults: Sequence[Fault], parts: Sequence[Part], *, tell: Callable[..., Any]
) -> None:
    """Carry the faults out in turn; every part is back at the end. `tell` keeps the history."""
    by_name = {part.name: part for part in parts}
    for fault in faults:
        await asyncio.sleep(fault.pause)
        part = by_name[fault.part]
        tell("fault", part=fault.part, kind=fault.kind, away=fault.away)
        part.meant_down = True
        try:
            await _one(part, fault)
        finally:
            part.meant_down = False
        tell("back", part=fault.part)


async def _one(part: Part, fault: Fault) -> None:
    if fault.kind == "freeze":
        part.freeze()
        try:
            await asyncio.sleep(fault.away)
        finally:
            part.thaw()
        return
    if fault.kind == "kill":
        part.kill()
        await asyncio.sleep(fault.away)
    else:
        await asyncio.to_thread(part.stop)
    await asyncio.to_thread(part.start)
