"""Pacing: a loop that has just worked lets a little gather before it works again."""

import asyncio

PROMPT = 0.3
"""Rest, in rounds, of a loop that an order passes again and again: the process manager's."""
STEADY = 1.0
"""Rest of a relay, and of a consumer whose readers wait for every fact."""
GATHERING = 3.0
"""Rest of any other consumer: its part of an order is done once."""
MANY_MESSAGES = 200

_LEAST_REST_SECONDS = 0.002
_LONGEST_REST_SECONDS = 0.05


class Pace:
    """Rests between the rounds of a busy loop, as long as so many rounds like the last one.

    A round costs about the same for one message as for fifty. Without a rest a busy machine spends
    its time on rounds of one; a fixed rest that suits a busy machine makes an idle one slow. What
    the many loops save by gathering is what lets the few prompt ones be quick.
    """

    def __init__(self, rest: float) -> None:
        self._rest = rest

    async def rest(self, worked_seconds: float, messages: int) -> None:
        """Return when the next round may start.

        `worked_seconds` is what the last one took, `messages` how many it had: after many there
        is nothing to wait for.
        """
        if messages < MANY_MESSAGES:
            seconds = min(worked_seconds * self._rest, _LONGEST_REST_SECONDS)
            await asyncio.sleep(max(_LEAST_REST_SECONDS, seconds))
