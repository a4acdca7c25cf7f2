"""How an outside system behaves: its latency, its failures, and rules for chosen requests."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Outcome = Literal["ok", "unavailable", "fail", "reject"]
"""`unavailable` is worth a retry, `fail` is a permanent fault, `reject` a business refusal."""

Facts = Mapping[str, Sequence[str]]
"""What rules can match: field name to the values the request has for it."""

LatencyMs = Annotated[float, Field(ge=0, le=600_000, allow_inf_nan=False)]


class _Settable(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Rule(_Settable):
    """What happens to the requests whose fields all match; `None` leaves the general setting.

    Values of `match` are exact or shell-style globs (`0311*`). `times` counts down with every
    match and at 0 the rule no longer applies; `None` is for ever.
    """

    match: dict[str, str]
    latency_ms: LatencyMs | None = None
    outcome: Outcome | None = None
    times: Annotated[int, Field(ge=0)] | None = None

    def applies_to(self, facts: Facts) -> bool:
        """Whether the rule is not used up and every field of it has a matching value."""
        return self.times != 0 and all(
            any(fnmatchcase(value, pattern) for value in facts.get(field, ()))
            for field, pattern in self.match.items()
        )


class BehaviourSettings(_Settable):
    """The whole behaviour, as `/admin/behaviour` reads and replaces it."""

    latency_ms: LatencyMs = 5
    failure_rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    seed: int = 1
    rules: list[Rule] = []


@dataclass(frozen=True, slots=True)
class Decision:
    """What one request gets: when it is answered, and how it ends."""

    latency_ms: float
    outcome: Outcome


class Behaviour:
    """Decides every request; the first rule that applies goes before the general settings."""

    def __init__(self, settings: BehaviourSettings) -> None:
        self.change(settings)

    @property
    def settings(self) -> BehaviourSettings:
        """What is in force, each rule's `times` being what is left of it."""
        return self._settings

    def change(self, settings: BehaviourSettings) -> None:
        """Put other settings in force and start the random sequence again from their seed."""
        self._settings = settings.model_copy(deep=True)
        self._random = random.Random(settings.seed)  # noqa: S311  no secret, but repeatable

    def decide(self, facts: Callable[[], Facts]) -> Decision:
        """Decide one request; `facts` is called only if there are rules to match."""
        settings = self._settings
        rule = self._take_rule(facts()) if settings.rules else None
        latency_ms, outcome = settings.latency_ms, None
        if rule is not None:
            latency_ms = latency_ms if rule.latency_ms is None else rule.latency_ms
            outcome = rule.outcome
        return Decision(latency_ms, outcome or self._chance())

    def _take_rule(self, facts: Facts) -> Rule | None:
        for rule in self._settings.rules:
            if rule.applies_to(facts):
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None

    def _chance(self) -> Outcome:
        rate = self._settings.failure_rate
        return "unavailable" if rate and self._random.random() < rate else "ok"


def as_fact(value: object) -> str:
    """Give a JSON value as the text that rules match: strings bare, the rest as JSON."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
