"""The audit finds what is lost and doubled; a demo that could not would prove nothing."""

from collections.abc import Mapping, Sequence

from dualbus_cli.demo.event_audit import Audit, OdsEvents, audit
from dualbus_cli.demo.subscriber import SeenEvent

TOPIC = "order.product-order.v1"
COMMITTED = {(TOPIC, "o1"): range(1, 3), (TOPIC, "o2"): range(4, 5)}


def an_event(
    key: str, version: int, *, event_id: str | None = None, kind: str = "StateChange"
) -> SeenEvent:
    id_ = event_id or f"{key}@{version}"
    return SeenEvent(TOPIC, key, version, id_, f"ProductOrder{kind}Event", "c1")


EVERYTHING = [an_event("o1", 1), an_event("o1", 2), an_event("o2", 4)]


def an_ods(events: Sequence[SeenEvent] = EVERYTHING, **versions: int) -> OdsEvents:
    held: Mapping[str, int] = {"o1": 2, "o2": 4, **versions}
    timeline = [(e.event_id, e.topic, e.key, e.version) for e in events]
    return OdsEvents({(TOPIC, key): version for key, version in held.items()}, timeline)


def audited(seen: Sequence[SeenEvent], ods: OdsEvents | None = None) -> Audit:
    return audit(COMMITTED, seen, ods or an_ods(), customers={"c1"})


def totals(found: Audit) -> dict[str, int]:
    return {what: found.total(what) for what in ("lost", "doubled", "phantom")}


def test_everything_seen_once_is_neither_lost_nor_doubled() -> None:
    found = audited(EVERYTHING)

    assert totals(found) == {"lost": 0, "doubled": 0, "phantom": 0}
    assert (found.total("committed"), found.total("subscriber"), found.total("ods")) == (3, 3, 3)


def test_a_version_the_subscriber_never_saw_is_lost() -> None:
    found = audited([EVERYTHING[0], EVERYTHING[2]])

    assert found.total("lost") == 1


def test_the_same_event_seen_again_is_doubled() -> None:
    found = audited([*EVERYTHING, EVERYTHING[1]])

    assert totals(found) == {"lost": 0, "doubled": 1, "phantom": 0}


def test_a_second_event_for_a_version_is_doubled() -> None:
    found = audited([*EVERYTHING, an_event("o1", 2, event_id="another")])

    assert found.total("doubled") == 1


def test_a_version_no_owner_committed_is_a_phantom() -> None:
    found = audited([*EVERYTHING, an_event("o1", 3)])

    assert found.total("phantom") == 1


def test_an_event_from_before_the_run_is_no_matter() -> None:
    found = audited([an_event("o2", 3), *EVERYTHING])

    assert totals(found) == {"lost": 0, "doubled": 0, "phantom": 0}
    assert found.total("subscriber") == 3


def test_what_the_ods_has_not_got_to_is_lost() -> None:
    found = audited(EVERYTHING, an_ods(o1=1))

    assert (found.total("lost"), found.total("ods")) == (1, 2)


def test_an_event_missing_in_the_timeline_is_lost() -> None:
    found = audited(EVERYTHING, an_ods(EVERYTHING[:2]))

    assert found.total("lost") == 1


def test_an_event_twice_in_the_timeline_is_doubled() -> None:
    found = audited(EVERYTHING, an_ods([*EVERYTHING, an_event("o1", 2, event_id="another")]))

    assert found.total("doubled") == 1
