"""Whose consumption is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from dualbus_tmf.bodies import InvalidBody

_ONE_OF: Final = ("relatedParty", "partyAccount", "searchCriteria")


@dataclass(frozen=True)
class Criteria:
    """Ids by what they are of: all kinds must fit, of each any id; an empty kind asks nothing.

    Of usage records `start` (inclusive) and `end` (exclusive) bound the date, as stored texts.
    """

    related_party: Sequence[str]
    party_account: Sequence[str]
    product: Sequence[str]
    logical_resource: Sequence[str]
    bucket: Sequence[str]
    start: str | None
    end: str | None

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Self:
        """What a TMF677 query asks, at its top and in its `searchCriteria`."""
        inner = query.get("searchCriteria") or {}
        period = inner.get("validPeriod") or {}
        return cls(
            related_party=_ids(query, inner, "relatedParty"),
            party_account=_ids(query, inner, "partyAccount"),
            product=_ids(query, inner, "product"),
            logical_resource=_ids(query, inner, "logicalResource"),
            bucket=_ids(query, inner, "bucketRefOrValue"),
            start=period.get("startDateTime"),
            end=period.get("endDateTime"),
        )


def check_asks(document: Any) -> None:
    """Raises InvalidBody for a query that asks nothing (TMF677's profile: one of the three)."""
    query = document.to_dict()
    if not any(query.get(name) for name in _ONE_OF):
        raise InvalidBody(f"{', '.join(_ONE_OF)}: one of them is required")


def _ids(query: Mapping[str, Any], inner: Mapping[str, Any], kind: str) -> list[str]:
    return list(dict.fromkeys((*_named(query, kind), *_named(inner, kind))))


def _named(asked: Mapping[str, Any], kind: str) -> Iterator[str]:
    return (one["id"] for one in asked.get(kind) or [] if "id" in one)
