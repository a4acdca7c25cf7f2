"""Merge patch, RFC 7396, and what it may not do to a document."""

from typing import Any

import pytest
from dualbus_events.contract.catalog import Category
from dualbus_tmf.bodies import InvalidBody
from dualbus_tmf.writing import NotPatchable, merge_patch, merged
from hypothesis import given
from hypothesis import strategies as st

_TEXT = st.text(max_size=4)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=12,
)
_OBJECT = st.dictionaries(_TEXT, _JSON, max_size=4)


# RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_follows_the_examples_of_the_standard(
    target: object, patch: object, result: object
) -> None:
    assert merged(target, patch) == result


@given(_OBJECT, _OBJECT)
def test_merging_twice_is_merging_once(target: dict[str, Any], patch: dict[str, Any]) -> None:
    once = merged(target, patch)

    assert merged(once, patch) == once


@given(_OBJECT, _OBJECT)
def test_merge_touches_only_what_the_patch_names(
    target: dict[str, Any], patch: dict[str, Any]
) -> None:
    before = repr(target)

    result = merged(target, patch)

    assert isinstance(result, dict)
    assert repr(target) == before
    assert {k: v for k, v in result.items() if k not in patch} == {
        k: v for k, v in target.items() if k not in patch
    }
    assert not any(name in result for name, value in patch.items() if value is None)


def a_category(**attributes: object) -> Category:
    return Category.model_validate({"id": "c", "href": "/c", "name": "Mobile", **attributes})


def test_patched_document_is_a_new_one_with_its_extensions() -> None:
    category = a_category(ours={"a": 1, "b": 2})

    patched = merge_patch(category, {"name": "New", "ours": {"b": None}})

    assert (patched.name, category.name) == ("New", "Mobile")
    assert patched.to_dict()["ours"] == {"a": 1}
    assert category.to_dict()["ours"] == {"a": 1, "b": 2}


def test_null_for_the_type_leaves_the_class() -> None:
    extended = a_category(**{"@type": "OurCategory"})

    assert merge_patch(extended, {"@type": None}).type_ == "Category"
    assert merge_patch(a_category(), {"@type": None}).type_ is None


def test_id_href_and_declared_attributes_are_refused_by_name() -> None:
    with pytest.raises(NotPatchable, match=r"^href, id, lastUpdate: "):
        merge_patch(
            a_category(),
            {"id": "c", "lastUpdate": None, "href": "/x", "name": "New"},
            unpatchable={"lastUpdate", "version"},
        )


@pytest.mark.parametrize(
    ("patch", "place"),
    [
        ({"name": None}, "name"),
        ({"name": ["x"]}, "name"),
        ({"isRoot": "perhaps"}, "isRoot"),
        ({"validFor": {"startDateTime": "2026-01-01"}}, "validFor.startDateTime"),
    ],
)
def test_patch_that_leaves_no_valid_document_says_where(patch: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidBody, match=f"^{place}: "):
        merge_patch(a_category(), patch)
