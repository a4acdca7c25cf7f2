"""Documents made of TM Forum's definitions."""

import pytest
from dualbus_events.document import Document, Moment
from dualbus_events.tmforum.definition import DEFINITIONS, api_definition, resource_definition
from dualbus_events.tmforum.documents import defined, defined_topic
from dualbus_tmf.attributes import is_scalar
from pydantic import ValidationError

APIS = sorted(file.stem for file in DEFINITIONS.glob("*.json"))


@defined("TMF651")
class Agreement(Document):
    """One attribute has a type that a rule needs; the definition gives the rest."""

    initial_date: Moment | None = None


def an_agreement(**attributes: object) -> Agreement:
    return Agreement.model_validate({"id": "1", **attributes})


@pytest.mark.parametrize("api", APIS)
def test_every_resource_of_every_definition_makes_a_document(api: str) -> None:
    names = [p[1:] for p in api_definition(api)["paths"] if p.count("/") == 1 and p != "/hub"]
    for name in names:
        schema = name[0].upper() + name[1:]
        document: type[Document] = defined(api, schema)(Document)

        made = document.model_validate({"id": "1", "ours": 1})

        assert made.to_dict() == {"id": "1", "ours": 1}
        assert resource_definition(api, schema).path.startswith("/tmf-api/")


def test_nested_attribute_of_the_wrong_type_is_named_with_its_place() -> None:
    with pytest.raises(ValidationError) as refused:
        an_agreement(agreementItem=[{"product": [{"id": "1"}, {"id": 7}]}])

    assert refused.value.errors()[0]["loc"] == ("agreementItem", 0, "product", 1, "id")


def test_unknown_attributes_are_kept_at_every_depth() -> None:
    body = {"ours": {"a": None}, "agreementPeriod": {"ours": [1]}}

    assert an_agreement(**body).to_dict() == {"id": "1", **body}


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-01-31T11:30:00+02:00", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00.123Z"),
        ("2026-01-31T09:30:00", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31", "2026-01-31T00:00:00.000Z"),
    ],
)
def test_nested_moments_are_stored_in_the_form_they_are_filtered_by(sent: str, stored: str) -> None:
    made = an_agreement(agreementPeriod={"startDateTime": sent})

    assert made.to_dict()["agreementPeriod"] == {"startDateTime": stored}


@pytest.mark.parametrize("sent", ["soon", "", "0001-01-01T00:00:00+23:59", 7])
def test_what_is_no_moment_is_refused(sent: object) -> None:
    with pytest.raises(ValidationError):
        an_agreement(agreementPeriod={"startDateTime": sent})


def test_nulls_of_known_attributes_are_left_out() -> None:
    made = an_agreement(name=None, agreementPeriod={"startDateTime": None})

    assert made.to_dict() == {"id": "1", "agreementPeriod": {}}


def test_attributes_that_the_class_names_keep_its_type() -> None:
    made = an_agreement(initialDate="2026-01-31T09:30:00Z")

    assert made.initial_date is not None
    assert made.initial_date.year == 2026


def test_filters_know_what_the_definition_knows() -> None:
    assert is_scalar(Agreement, ("name",))
    assert is_scalar(Agreement, ("agreementItem", "product", "id"))
    assert not is_scalar(Agreement, ("agreementItem", "product"))
    assert not is_scalar(Agreement, ("agreementItem", "ours"))
    assert not is_scalar(Agreement, ("characteristic", "value"))


def test_events_are_named_as_the_definition_names_them() -> None:
    assert defined_topic("customer", Agreement).name == "customer.agreement.v1"
    assert dict(resource_definition("TMF621", "TroubleTicket").events) == {
        "create": "TroubleTicketCreateEvent",
        "delete": "TroubleTicketDeleteEvent",
        "change": "TroubleTicketAttributeValueChangeEvent",
        "state": "TroubleTicketStatusChangeEvent",
    }


def test_a_topic_needs_a_definition() -> None:
    class Loose(Document):
        """Nobody's."""

    with pytest.raises(TypeError, match="Loose has no definition"):
        defined_topic("customer", Loose)


def test_a_schema_that_the_definition_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="TMF651 defines no Contract"):
        resource_definition("TMF651", "Contract")
