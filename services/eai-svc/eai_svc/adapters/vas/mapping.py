"""Tasks as the VAS platform's XML, and its answers as outcomes. Pure functions."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from dualbus_events.tasks import Task, done, failed, rejected

from eai_svc.adapters.adapter import Result, UnmappableTask, Wanted, WorthAnotherTry

SERVICE_CODE = "vasServiceCode"
PARAMETERS = "vasParameters"
MSISDN = "msisdn"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DONE = ("0000", "0001")
_REFUSALS = {"2001": "unknownServiceCode", "2002": "subscriberBarred"}


class UnreadableAnswer(ValueError):
    """The platform's answer is not what its manual says."""


def subscribe(task: Task) -> Wanted:
    """Raises UnmappableTask for a task without number or service code."""
    return _wanted(task, "SUBSCRIBE")


def unsubscribe(task: Task) -> Wanted:
    """Raises UnmappableTask for a task without number or service code."""
    return _wanted(task, "UNSUBSCRIBE")


def batch_xml(requests: Sequence[tuple[str, Wanted]]) -> bytes:
    """A `VasBatch`; each transaction has the id of its call, which is that of its task."""
    batch = ElementTree.Element("VasBatch", version="1")
    batch.extend(_request(transaction_id, wanted) for transaction_id, wanted in requests)
    return _to_bytes(batch)


def request_xml(transaction_id: str, wanted: Wanted) -> bytes:
    """A single `VasRequest`."""
    return _to_bytes(_request(transaction_id, wanted))


def read_batch(content: bytes, *, expected: int) -> list[Result]:
    """The outcomes of a batch, in its order. Raises UnreadableAnswer."""
    root = _parse(content)
    if root.tag != "VasBatchResponse" or len(root) != expected:
        raise UnreadableAnswer(f"<{root.tag}> with {len(root)} members, not {expected}")
    return [_result(member) for member in root]


def read_single(content: bytes) -> Result:
    """The outcome of a single request. Raises UnreadableAnswer."""
    root = _parse(content)
    if root.tag not in ("VasResponse", "VasFault"):
        raise UnreadableAnswer(f"<{root.tag}>")
    return _result(root)


def _request(transaction_id: str, wanted: Wanted) -> ElementTree.Element:
    request = ElementTree.Element("VasRequest", version="1")
    for tag, text in (
        ("TransactionId", transaction_id),
        ("Operation", wanted["operation"]),
        ("Msisdn", wanted["msisdn"]),
        ("ServiceCode", wanted["serviceCode"]),
    ):
        ElementTree.SubElement(request, tag).text = text
    if wanted["parameters"]:
        parameters = ElementTree.SubElement(request, "Parameters")
        for name, value in wanted["parameters"].items():
            ElementTree.SubElement(parameters, "Parameter", name=name).text = value
    return request


def _to_bytes(element: ElementTree.Element) -> bytes:
    return ElementTree.tostring(element, encoding="unicode").encode()


def _result(member: ElementTree.Element) -> Result:
    """The platform's codes as outcomes; a code it does not document is a fault."""
    if member.tag == "VasFault":
        return failed("vasFault", member.findtext("FaultText") or "malformed request")
    code, text = member.findtext("ResultCode") or "", member.findtext("ResultText") or ""
    if code in _DONE:
        return done({"subscriptionId": member.findtext("SubscriptionId") or ""})
    if code in _REFUSALS:
        return rejected(_REFUSALS[code], text)
    if code == "5001":
        return WorthAnotherTry("vasUnavailable", text)
    return failed("vasFault", f"{code} {text}".strip())


def _parse(content: bytes) -> ElementTree.Element:
    """A document type is refused before the parser sees it: no entity is expanded or fetched."""
    try:
        text = content.decode("utf-8")
        if "<!DOCTYPE" in text:
            raise UnreadableAnswer("a document type is not allowed")
        return ElementTree.fromstring(text)  # noqa: S314 - without a document type
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise UnreadableAnswer(str(error)) from error


def _wanted(task: Task, operation: str) -> Wanted:
    payload = task.payload
    product = (payload.get("item") or {}).get("product") or {}
    characteristics = _characteristics(payload, product)
    service_code = characteristics.get(SERVICE_CODE)
    if not service_code:
        raise UnmappableTask(f"the product has no characteristic {SERVICE_CODE}")
    parameters = _parameters(characteristics)
    msisdn = _msisdn(payload, characteristics)
    for text in (msisdn, service_code, *parameters, *parameters.values()):
        # One member that XML can't hold would have the platform refuse the whole batch.
        if _NOT_XML.search(text):
            raise UnmappableTask(f"{text!r} holds a character that XML has no place for")
    return {
        "operation": operation,
        "msisdn": msisdn,
        "serviceCode": service_code,
        "parameters": parameters,
    }


def _parameters(characteristics: Mapping[str, str]) -> dict[str, str]:
    """Those that `vasParameters` names; without it all but the adapter's own."""
    own = (SERVICE_CODE, PARAMETERS, MSISDN)
    named = characteristics.get(PARAMETERS)
    names = [name.strip() for name in named.split(",")] if named else characteristics
    return {n: characteristics[n] for n in names if n in characteristics and n not in own}


def _msisdn(payload: Mapping[str, Any], characteristics: Mapping[str, str]) -> str:
    """The number that was activated or ceased for this item, or the one the product brings.

    Results go by the plan's own names of its tasks, so the resource is looked for in all of them.
    """
    for result in (payload.get("results") or {}).values():
        for resource in result.get("resource") or []:
            if resource.get("category") == MSISDN and resource.get("value"):
                return str(resource["value"])
    if characteristics.get(MSISDN):
        return characteristics[MSISDN]
    raise UnmappableTask("no number: neither provisioning nor the product gives one")


def _characteristics(payload: Mapping[str, Any], product: Mapping[str, Any]) -> Mapping[str, str]:
    """The product's characteristics before the defaults of its specification, as text."""
    specification = payload.get("productSpecification") or {}
    defaults = {
        str(one.get("name")): value
        for one in specification.get("productSpecCharacteristic") or []
        if (value := _default(one)) is not None
    }
    chosen = {
        str(one.get("name")): _text(one["value"])
        for one in product.get("productCharacteristic") or []
        if one.get("value") is not None
    }
    return {**defaults, **chosen}


def _default(characteristic: Mapping[str, Any]) -> str | None:
    """TMF620: the value marked as default, or the only one there is."""
    values = characteristic.get("productSpecCharacteristicValue") or []
    marked = [one for one in values if one.get("isDefault")] or (values if len(values) == 1 else [])
    return _text(marked[0]["value"]) if marked and "value" in marked[0] else None


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
