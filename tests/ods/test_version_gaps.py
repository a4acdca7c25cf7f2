"""A version that never came is counted, once; repeats and new lives are none."""

from dualbus_events.messages import open_envelope
from ods_svc.projection.facts import ProjectedFact, project_fact
from ods_svc.projection.version_gaps import VersionGaps
from prometheus_client import REGISTRY

from tests.harness import record_of
from tests.ods.ods_samples import a_fact


def versions(*numbers: int) -> list[ProjectedFact]:
    body = {"id": "p1", "status": "active"}
    facts = [a_fact("product", body, version=number) for number in numbers]
    return [project_fact(open_envelope(record_of(fact)), "product") for fact in facts]


def gaps_in(*batches: list[ProjectedFact]) -> float:
    before = counted()
    gaps = VersionGaps()
    for batch in batches:
        gaps.notice(batch)
    return counted() - before


def counted() -> float:
    return REGISTRY.get_sample_value("projection_version_gap_total") or 0


def test_versions_without_gaps_count_nothing_however_they_are_repeated() -> None:
    assert gaps_in(versions(1, 2), versions(1, 2, 3), versions(4)) == 0


def test_a_missing_version_is_counted_within_a_batch_and_between_two() -> None:
    assert gaps_in(versions(1, 3), versions(5)) == 2


def test_a_resource_whose_beginning_was_compacted_away_has_no_gap() -> None:
    assert gaps_in(versions(7, 8)) == 0


def test_a_new_life_of_a_deleted_resource_has_no_gap() -> None:
    assert gaps_in(versions(1, 2), versions(1, 2)) == 0
