"""The VAS platform's XML: requests read with suspicion, answers written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from outside_program.behaviour import Facts

OPERATIONS = ("SUBSCRIBE", "UNSUBSCRIBE")


class MalformedVasRequest(Exception):
    """The body is not the platform's XML; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class VasRequest:
    """Subscribe a number to a service, or end that; `transaction_id` is the sender's."""

    transaction_id: str
    operation: str
    msisdn: str
    service_code: str
    parameters: Mapping[str, str]

    def facts(self) -> Facts:
        """What rules can match: the request's fields and its parameters; number is msisdn."""
        return {
            **{name: [value] for name, value in self.parameters.items()},
            "transactionId": [self.transaction_id],
            "operation": [self.operation],
            "msisdn": [self.msisdn],
            "number": [self.msisdn],
            "serviceCode": [self.service_code],
        }


@dataclass(frozen=True, slots=True)
class VasResponse:
    """The platform's answer; `subscription_id` is empty when there is no subscription."""

    transaction_id: str
    result_code: str
    result_text: str
    subscription_id: str = ""
    latency_ms: float = 0


def parse_xml(content: bytes) -> ElementTree.Element:
    """Parse a body; raises `MalformedVasRequest`.

    A document type is refused before the parser sees it, so there is no entity to expand or to
    fetch. Text goes to the parser, not bytes: the body cannot hide one in another encoding.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedVasRequest("The body must be UTF-8") from error
    if "<!DOCTYPE" in text:
        raise MalformedVasRequest("A document type is not allowed")
    try:
        return ElementTree.fromstring(text)  # noqa: S314  without a document type
    except ElementTree.ParseError as error:
        raise MalformedVasRequest(f"Not well-formed XML: {error}") from error


def read_request(root: ElementTree.Element) -> VasRequest:
    """Read a `VasRequest`; raises `MalformedVasRequest`."""
    require_root(root, "VasRequest")
    operation = _required_text(root, "Operation")
    if operation not in OPERATIONS:
        raise MalformedVasRequest(f"Operation must be one of {', '.join(OPERATIONS)}")
    return VasRequest(
        transaction_id=_required_text(root, "TransactionId"),
        operation=operation,
        msisdn=_required_text(root, "Msisdn"),
        service_code=_required_text(root, "ServiceCode"),
        parameters={
            parameter.get("name", ""): (parameter.text or "").strip()
            for parameter in root.iterfind("Parameters/Parameter")
        },
    )


def require_root(root: ElementTree.Element, tag: str) -> None:
    """Refuse another document or version of it; raises `MalformedVasRequest`."""
    if root.tag != tag or root.get("version") != "1":
        raise MalformedVasRequest(f'Expected <{tag} version="1">')


def response_xml(response: VasResponse) -> str:
    """Write a `VasResponse`."""
    return (
        "<VasResponse>"
        f"<TransactionId>{escape(response.transaction_id)}</TransactionId>"
        f"<ResultCode>{response.result_code}</ResultCode>"
        f"<ResultText>{escape(response.result_text)}</ResultText>"
        f"<SubscriptionId>{response.subscription_id}</SubscriptionId>"
        "</VasResponse>"
    )


def batch_xml(members: Sequence[str]) -> str:
    """Write the answer to a batch from its members' answers."""
    return f"<VasBatchResponse>{''.join(members)}</VasBatchResponse>"


def fault_xml(malformed: MalformedVasRequest) -> str:
    """Write the answer to a request that can't be read."""
    text = escape(str(malformed))
    return f"<VasFault><FaultCode>MALFORMED</FaultCode><FaultText>{text}</FaultText></VasFault>"


def _required_text(root: ElementTree.Element, tag: str) -> str:
    text = (root.findtext(tag) or "").strip()
    if not text:
        raise MalformedVasRequest(f"<{tag}> is missing or empty")
    return text
