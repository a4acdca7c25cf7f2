"""What of the view a reader asked for: `?fields=` and `?expand=`."""

from dataclasses import dataclass
from functools import lru_cache

from dualbus_tmf.list_query import parse_fields

from ods_svc.customer360.errors import InvalidViewQuery
from ods_svc.customer360.parts import BILL, CUSTOMER, EXPANDABLE, PARTIES, PARTS, RATE, Part


@dataclass(frozen=True)
class Selection:
    """`fields` is None when all was asked for; `resources` is what has to be read."""

    fields: frozenset[str] | None
    parts: tuple[Part, ...]
    expanded: frozenset[str]
    resources: tuple[str, ...]

    def wants(self, name: str) -> bool:
        return self.fields is None or name in self.fields

    @property
    def nests_rates(self) -> bool:
        """Rates stand inside their bills when they were asked for by `expand`."""
        return RATE in self.expanded


@lru_cache(maxsize=256)
def selection_of(fields: str | None, expand: str | None) -> Selection:
    """Raises InvalidViewQuery for an `expand` that names nothing."""
    wanted = parse_fields(fields)
    expanded = frozenset(name.strip() for name in expand.split(",")) if expand else frozenset()
    if unknown := expanded - EXPANDABLE:
        raise InvalidViewQuery(
            f"expand: {', '.join(sorted(unknown))} is none of {', '.join(sorted(EXPANDABLE))}"
        )
    parts = tuple(part for part in PARTS if _chosen(part, wanted, expanded))
    read = {CUSTOMER, *(resource for part in parts for resource in part.resources)}
    if RATE in expanded and BILL in read:
        read.add(RATE)
    if wanted is None or wanted & set(PARTIES):
        read.update(PARTIES)
    return Selection(wanted, parts, expanded, tuple(sorted(read)))


def _chosen(part: Part, wanted: frozenset[str] | None, expanded: frozenset[str]) -> bool:
    if wanted is not None and part.name in wanted:
        return True
    if part.name == RATE:
        return False
    return part.name in expanded or (wanted is None and not part.on_request)
