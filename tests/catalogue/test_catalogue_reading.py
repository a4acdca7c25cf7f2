"""Catalogue files: what is wrong is named with file, line and column, everything at once."""

from pathlib import Path
from textwrap import dedent

import pytest
from dualbus_cli.catalogue.kinds import KINDS
from dualbus_cli.catalogue.loading import difference
from dualbus_cli.catalogue.reading import CatalogueInvalid, read_catalogue
from dualbus_cli.commands.catalogue import DEMO_CATALOGUE

PRICE = """
productOfferingPrice:
  - id: line-monthly
    name: Line
    priceType: recurring
    recurringChargePeriodType: month
    price: {unit: USD, value: 5.00}
"""


def problems_of(tmp_path: Path, text: str) -> list[str]:
    """`line:column: message` of each problem in a file with this text, without a first newline."""
    file = tmp_path / "offers.yaml"
    file.write_text(dedent(text).lstrip("\n"))
    with pytest.raises(CatalogueInvalid) as caught:
        read_catalogue([file])
    assert {problem.file for problem in caught.value.problems} == {str(file)}
    return [f"{p.line}:{p.column}: {p.message}" for p in caught.value.problems]


def a_plan(*tasks: str) -> str:
    lines = "\n".join(f"      - {task}" for task in tasks)
    return f"fulfilmentPlan:\n  - id: p\n    name: P\n    task:\n{lines}\n"


def test_the_demo_catalogue_is_in_order_and_refers_to_nothing_outside() -> None:
    catalogue = read_catalogue([DEMO_CATALOGUE])

    assert catalogue.open_references == []
    assert {entry.kind for entry in catalogue.entries} == set(KINDS)


def test_entries_come_after_what_they_refer_to() -> None:
    catalogue = read_catalogue([DEMO_CATALOGUE])

    kinds = [entry.kind for entry in catalogue.entries]
    assert kinds == sorted(kinds, key=list(KINDS).index)
    categories = [entry.body for entry in catalogue.entries if entry.kind == "category"]
    seen: set[str] = set()
    for category in categories:
        assert category.get("parentId", category["id"]) in seen | {category["id"]}
        seen.add(category["id"])


def test_a_new_offering_may_refer_to_what_is_loaded_already() -> None:
    catalogue = read_catalogue([Path(__file__).parent / "voicemail"])

    assert {(r.kind, r.id) for r in catalogue.open_references} == {
        ("category", "voice"),
        ("serviceSpecification", "phone"),
    }


def test_an_unknown_reference_knows_its_place(tmp_path: Path) -> None:
    file = tmp_path / "offers.yaml"
    file.write_text("productOffering:\n- id: a\n  name: A\n  category:\n  - {id: nowhere}\n")

    [reference] = read_catalogue([file]).open_references

    assert (reference.problem.line, reference.problem.column) == (5, 10)
    assert "there is no such category" in reference.problem.message


def test_every_problem_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("productOffering:\n- id: a\n  nam: A\n")
    (tmp_path / "b.yaml").write_text("category: 7\n")

    with pytest.raises(CatalogueInvalid) as caught:
        read_catalogue([tmp_path])

    assert [str(problem).removeprefix(f"{tmp_path}/") for problem in caught.value.problems] == [
        "a.yaml:2:3: productOffering.name: Field required",
        "a.yaml:3:3: productOffering.nam: no attribute of this name; did you mean name?",
        "b.yaml:1:11: category: must be a list",
    ]


def test_the_same_id_twice_names_both_places(tmp_path: Path) -> None:
    text = "category:\n- {id: a, name: A}\n- {id: a, name: B}\n"

    assert problems_of(tmp_path, text) == [
        f"3:8: category a: this id is already at {tmp_path / 'offers.yaml'}:2"
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        ("value: -5", "value: 5.00", "6:31: price.value: -5 is less than 0"),
        ("value: 5.001", "value: 5.00", "6:31: price.value: 5.001 has fractions of a cent"),
        ("unit: dollars", "unit: USD", "6:19: price.unit: 'dollars' is no currency"),
        ("priceType: weekly", "priceType: recurring", "4:16: priceType: 'weekly' is none of"),
    ],
)
def test_a_price_that_cannot_be_charged_is_refused(
    tmp_path: Path, wrong: str, right: str, problem: str
) -> None:
    [found] = problems_of(tmp_path, PRICE.replace(right, wrong))

    assert found.startswith(problem)


def test_a_price_that_is_no_number_is_a_wrong_type(tmp_path: Path) -> None:
    [found] = problems_of(tmp_path, PRICE.replace("5.00", "five"))

    assert found.startswith("6:31: productOfferingPrice.price.value: Input should be a valid")


def test_a_plan_that_waits_for_itself_is_refused(tmp_path: Path) -> None:
    text = a_plan(
        "{id: a, type: billing.start, after: [b]}", "{id: b, type: billing.start, after: [a]}"
    )

    [found] = problems_of(tmp_path, text)

    assert "waits for itself: " in found


def test_a_plan_names_tasks_and_participants_that_exist(tmp_path: Path) -> None:
    text = a_plan("{id: a, type: warehouse.ship, after: [b]}", "{id: a, type: billing.start}")

    assert problems_of(tmp_path, text) == [
        "5:23: task a: there is no participant 'warehouse'",
        "5:47: task a: after 'b', which is no task of this plan",
        "6:14: task a: the id is used twice in this plan",
    ]


def test_what_is_done_once_cannot_wait_for_what_is_done_per_item(tmp_path: Path) -> None:
    text = a_plan(
        "{id: a, type: provisioning.activate}",
        "{id: billing.open, type: billing.open, scope: order, after: [a]}",
    )

    assert problems_of(tmp_path, text) == [
        "6:70: task billing.open: done once per order, can't wait for a, done per item"
    ]


def test_a_pool_without_values_is_refused(tmp_path: Path) -> None:
    text = "resourceSpecification:\n- {id: a, name: A, pool: {first: 9, last: 1}}\n"

    assert problems_of(tmp_path, text) == ["2:34: pool: from 9 to 1 there is no value"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("category: [}", "1:12: not YAML: "),
        ("category:\n- {id: a, name: A, name: B}\n", "2:20: name: this key is here twice"),
        ("offers: []\n", "1:1: offers: none of category, "),
        ("category:\n- a\n", "2:3: category: must be attributes with values"),
        ("category:\n- {id: 5, name: A}\n", "2:8: category.id: Input should be a valid string"),
    ],
)
def test_what_is_no_catalogue_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    [found] = problems_of(tmp_path, text)

    assert found.startswith(problem)


def test_a_directory_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueInvalid, match=r"no \*\.yaml"):
        read_catalogue([tmp_path])


def test_what_the_owner_sets_is_no_difference() -> None:
    current = {"id": "a", "href": "http://x/a", "name": "A", "lastUpdate": "now", "isBundle": False}

    assert difference(current, {"id": "a", "name": "A"}) == {}


def test_the_difference_is_what_changed_and_what_is_gone() -> None:
    current = {"id": "a", "name": "A", "description": "old", "validFor": {}}

    assert difference(current, {"id": "a", "name": "B", "description": "old"}) == {
        "name": "B",
        "validFor": None,
    }
