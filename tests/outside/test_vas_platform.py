"""The VAS platform: subscriptions, result codes, XML that can't be read or trusted."""

from collections.abc import AsyncIterator
from xml.etree import ElementTree

import httpx
import pytest
from outside_program.behaviour import Behaviour, BehaviourSettings
from vas_platform.endpoints import create_vas_platform_app
from vas_platform.platform import VasPlatform


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    platform = VasPlatform(Behaviour(BehaviourSettings(latency_ms=0)))
    transport = httpx.ASGITransport(app=create_vas_platform_app(platform))
    async with httpx.AsyncClient(transport=transport, base_url="http://vas") as client:
        yield client


def a_request(
    transaction_id: str = "t-1",
    *,
    operation: str = "SUBSCRIBE",
    msisdn: str = "8613900000001",
    service_code: str = "RBT",
) -> str:
    return (
        f'<VasRequest version="1"><TransactionId>{transaction_id}</TransactionId>'
        f"<Operation>{operation}</Operation><Msisdn>{msisdn}</Msisdn>"
        f"<ServiceCode>{service_code}</ServiceCode>"
        '<Parameters><Parameter name="tone">moon &amp; light</Parameter></Parameters></VasRequest>'
    )


async def provision(client: httpx.AsyncClient, request: str) -> tuple[str, str]:
    """Send a request that can be read; gives result code and subscription id."""
    answer = await client.post("/vas/provisioning", content=request)
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.text)
    assert root.tag == "VasResponse"
    return root.findtext("ResultCode", ""), root.findtext("SubscriptionId", "")


async def test_subscription_is_active_with_its_parameters(client: httpx.AsyncClient) -> None:
    result = await provision(client, a_request())

    active = (await client.get("/admin/active")).json()
    assert result == ("0000", "SUB00000001")
    assert active == {
        "count": 1,
        "active": [
            {
                "subscriptionId": "SUB00000001",
                "transactionId": "t-1",
                "msisdn": "8613900000001",
                "serviceCode": "RBT",
                "parameters": {"tone": "moon & light"},
            }
        ],
    }


async def test_answer_carries_the_senders_transaction_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/vas/provisioning", content=a_request("a &lt; b &amp; c"))

    assert answer.headers["content-type"].startswith("application/xml")
    assert ElementTree.fromstring(answer.text).findtext("TransactionId") == "a < b & c"


async def test_transaction_sent_twice_is_done_once(client: httpx.AsyncClient) -> None:
    first = await provision(client, a_request())
    second = await provision(client, a_request())

    activity = (await client.get("/admin/activity")).json()
    assert first == ("0000", "SUB00000001")
    assert second == ("0001", "SUB00000001")
    assert (activity["activations"], activity["duplicates"]) == (1, 1)


async def test_late_copy_of_a_subscribe_does_not_revive_an_ended_subscription(
    client: httpx.AsyncClient,
) -> None:
    await provision(client, a_request("t-1"))
    await provision(client, a_request("t-1", operation="UNSUBSCRIBE"))

    late = await provision(client, a_request("t-1"))

    assert late == ("0001", "SUB00000001")
    assert (await client.get("/admin/active")).json()["count"] == 0


async def test_number_has_a_service_once_however_many_transactions_ask(
    client: httpx.AsyncClient,
) -> None:
    await provision(client, a_request("t-1"))

    second = await provision(client, a_request("t-2"))

    assert second == ("0001", "SUB00000001")
    assert (await client.get("/admin/active")).json()["count"] == 1


async def test_unsubscribing_ends_that_subscription_and_no_other(client: httpx.AsyncClient) -> None:
    await provision(client, a_request("t-1", service_code="RBT"))
    await provision(client, a_request("t-2", service_code="VMB"))

    result = await provision(client, a_request("t-3", operation="UNSUBSCRIBE"))

    active = (await client.get("/admin/active")).json()["active"]
    assert result == ("0000", "SUB00000001")
    assert [subscription["serviceCode"] for subscription in active] == ["VMB"]


async def test_unsubscribing_what_is_not_subscribed_is_done_already(
    client: httpx.AsyncClient,
) -> None:
    result = await provision(client, a_request(operation="UNSUBSCRIBE"))

    assert result == ("0001", "")


async def test_unknown_service_code_is_refused(client: httpx.AsyncClient) -> None:
    result = await provision(client, a_request(service_code="TELEPATHY"))

    assert result == ("2001", "")
    assert (await client.get("/admin/activity")).json()["rejections"] == 1


@pytest.mark.parametrize(
    ("outcome", "code"), [("reject", "2002"), ("unavailable", "5001"), ("fail", "5002")]
)
async def test_rule_for_a_number_gives_its_result_code(
    client: httpx.AsyncClient, outcome: str, code: str
) -> None:
    rules = [{"match": {"msisdn": "86139*1"}, "outcome": outcome}]
    await client.put("/admin/behaviour", json={"latencyMs": 0, "rules": rules})

    hit = await provision(client, a_request("t-1", msisdn="8613900000001"))
    missed = await provision(client, a_request("t-2", msisdn="8613900000002"))

    assert hit == (code, "")
    assert missed[0] == "0000"


async def test_transaction_that_failed_is_done_when_sent_again(client: httpx.AsyncClient) -> None:
    rules = [{"match": {"tone": "moon*"}, "outcome": "unavailable", "times": 1}]
    await client.put("/admin/behaviour", json={"latencyMs": 0, "rules": rules})

    codes = [(await provision(client, a_request()))[0] for _ in range(2)]

    assert codes == ["5001", "0000"]


async def test_batch_answers_each_member_in_order(client: httpx.AsyncClient) -> None:
    members = [a_request("t-1"), '<VasRequest version="1"/>', a_request("t-1"), "<Other/>"]
    batch = f'<VasBatch version="1">{"".join(members)}</VasBatch>'

    answer = await client.post("/vas/provisioning/batch", content=batch)

    root = ElementTree.fromstring(answer.text)
    assert root.tag == "VasBatchResponse"
    assert [member.tag for member in root] == [
        "VasResponse",
        "VasFault",
        "VasResponse",
        "VasFault",
    ]
    assert [member.findtext("ResultCode") for member in root] == ["0000", None, "0001", None]


DOCTYPE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "Not well-formed XML"),
        (b"<VasRequest", "Not well-formed XML"),
        (b"\xff\xfe", "must be UTF-8"),
        ((DOCTYPE + a_request()).encode(), "document type is not allowed"),
        ((DOCTYPE + a_request()).encode("utf-16"), "must be UTF-8"),
        (a_request().replace("moon", "&x;").encode(), "undefined entity"),
        (a_request(operation="DANCE").encode(), "Operation must be one of"),
        (a_request(msisdn=" ").encode(), "<Msisdn> is missing or empty"),
        (a_request().replace('"1"', '"2"').encode(), 'Expected <VasRequest version="1">'),
        (b'<VasBatch version="1"/>', 'Expected <VasRequest version="1">'),
    ],
)
async def test_xml_that_cannot_be_read_or_trusted_is_a_fault(
    client: httpx.AsyncClient, content: bytes, why: str
) -> None:
    answer = await client.post("/vas/provisioning", content=content)

    fault = ElementTree.fromstring(answer.text)
    assert answer.status_code == 400
    assert fault.tag == "VasFault"
    assert why in fault.findtext("FaultText", "")
    assert (await client.get("/admin/activity")).json()["requests"] == 0


async def test_encoding_named_in_the_xml_declaration_hides_no_document_type(
    client: httpx.AsyncClient,
) -> None:
    declaration = b'<?xml version="1.0" encoding="cp037"?>'
    hidden = (DOCTYPE + a_request()).encode("cp037")

    answer = await client.post("/vas/provisioning", content=declaration + hidden)

    assert answer.status_code == 400
    assert (await client.get("/admin/active")).json()["count"] == 0


async def test_batch_with_a_document_type_is_refused_as_a_whole(client: httpx.AsyncClient) -> None:
    batch = f'{DOCTYPE}<VasBatch version="1">{a_request()}</VasBatch>'

    answer = await client.post("/vas/provisioning/batch", content=batch)

    assert answer.status_code == 400
    assert (await client.get("/admin/active")).json()["count"] == 0
