"""Counts of what an outside system was asked and did since it started."""

from dataclasses import dataclass

from outside_program.behaviour import Outcome


@dataclass(slots=True)
class Activity:
    """One count per kind of end of a request; a batch counts once per member."""

    requests: int = 0
    activations: int = 0
    deactivations: int = 0
    duplicates: int = 0
    failures: int = 0
    rejections: int = 0

    def count_refusal(self, outcome: Outcome) -> None:
        """Count a request that was not done: a rejection is no failure of the system."""
        if outcome == "reject":
            self.rejections += 1
        else:
            self.failures += 1
