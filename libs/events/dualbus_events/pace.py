"""Pacing: a loop that has just worked lets a little gather before it works again."""

import asyncio

_LONGEST_REST_SECONDS = 0.05
MANY_MESSAGES = 200


class Pace:
    """Rests between the rounds of a busy loop for as long as the last round took.

    A round costs about the same for one message as for fifty. Without a rest a busy machine spends
    its time on rounds of one; a fixed rest that suits a busy machine makes an idle one slow.
    """

    def __init__(self, least_seconds: float) -> None:
        self._least = least_seconds

    async def rest(self, worked_seconds: float, messages: int) -> None:
        """Return when the next round may start.

        `worked_seconds` is what the last one took, `messages` how many it had: after many there
        is nothing to wait for.
        """
        if messages < MANY_MESSAGES:
            await asyncio.sleep(max(self._least, min(worked_seconds, _LONGEST_REST_SECONDS)))
