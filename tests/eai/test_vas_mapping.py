"""Tasks as the VAS platform's XML, and its answers as outcomes."""

from typing import Any
from xml.etree import ElementTree

import pytest
from dualbus_events.tasks import TaskOutcome, done, rejected
from eai_svc.adapters.adapter import UnmappableTask, WorthAnotherTry
from eai_svc.adapters.vas.mapping import (
    UnreadableAnswer,
    batch_xml,
    read_batch,
    read_single,
    subscribe,
    unsubscribe,
)

from tests.eai.vas import later, response, subscription
from tests.harness import a_task


def product_with(**characteristics: str) -> dict[str, Any]:
    values = [{"name": name, "value": value} for name, value in characteristics.items()]
    return {"item": {"product": {"productCharacteristic": values}}}


def test_number_is_the_one_that_was_activated() -> None:
    wanted = subscribe(subscription(number="+99550000042"))

    assert wanted == {
        "operation": "SUBSCRIBE",
        "msisdn": "+99550000042",
        "serviceCode": "RBT",
        "parameters": {"tone": "moonlight"},
    }


def test_number_of_a_ceased_product_is_the_one_it_had() -> None:
    ceased = {"resource": [{"category": "msisdn", "value": "+99550000042"}]}
    task = later("unsubscribe", subscription(), results={"provisioning.cease": ceased})

    assert unsubscribe(task)["msisdn"] == "+99550000042"


def test_characteristics_go_along_unless_others_are_named() -> None:
    chosen = {"vasServiceCode": "RBT", "msisdn": "1", "tone": "spring", "colour": "red"}
    every = subscribe(a_task("vas.subscribe", product_with(**chosen)))
    named = subscribe(a_task("vas.subscribe", product_with(**chosen, vasParameters="tone, pitch")))

    assert every["parameters"] == {"tone": "spring", "colour": "red"}
    assert named["parameters"] == {"tone": "spring"}


def test_characteristic_of_the_product_goes_before_the_specification_s_default() -> None:
    wanted = unsubscribe(subscription(characteristics={"vasServiceCode": "MCA"}))

    assert wanted["operation"] == "UNSUBSCRIBE"
    assert wanted["serviceCode"] == "MCA"


@pytest.mark.parametrize(
    ("payload", "what"),
    [
        ({}, "vasServiceCode"),
        (product_with(vasServiceCode="RBT"), "number"),
        (product_with(vasServiceCode="RBT", msisdn="1\x01"), "XML"),
    ],
)
def test_task_that_lacks_something_is_unmappable_by_name(
    payload: dict[str, Any], what: str
) -> None:
    with pytest.raises(UnmappableTask, match=what):
        subscribe(a_task("vas.subscribe", payload))


def test_values_are_escaped_in_xml() -> None:
    wanted = subscribe(subscription(characteristics={"tone": '<&"> 月'}))

    content = batch_xml([("t-1", wanted)])

    request = ElementTree.fromstring(content)[0]
    assert request.findtext("TransactionId") == "t-1"
    assert request.findtext("Parameters/Parameter") == '<&"> 月'


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("0000", done({"subscriptionId": "SUB1"})),
        ("0001", done({"subscriptionId": "SUB1"})),
        ("2001", rejected("unknownServiceCode", "text")),
        ("2002", rejected("subscriberBarred", "text")),
        ("5001", WorthAnotherTry("vasUnavailable", "text")),
    ],
)
def test_result_code_has_its_outcome(code: str, outcome: object) -> None:
    assert read_single(response(code)) == outcome


@pytest.mark.parametrize("code", ["5002", "9999", ""])
def test_other_result_codes_are_faults(code: str) -> None:
    result = read_single(response(code))

    assert isinstance(result, TaskOutcome)
    assert result.outcome == "failed"
    assert result.error is not None
    assert not result.error.retryable


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"\xff\xfe",
        b"<Other/>",
        b"<VasBatchResponse/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><VasBatchResponse><VasFault/></VasBatchResponse>',
    ],
)
def test_answer_that_is_not_the_platform_s_is_unreadable(content: bytes) -> None:
    with pytest.raises(UnreadableAnswer):
        read_batch(content, expected=1)
