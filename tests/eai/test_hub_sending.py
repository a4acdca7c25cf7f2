"""One post: what leaves us, and what an answer means."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Network
from urllib.parse import urlsplit

import pytest
from dualbus_kit.ids import new_uuid
from eai_svc.hub.addresses import Network
from eai_svc.hub.queue import Delivery
from eai_svc.hub.sending import Sender, listener_path

from tests.eai.receiver import Receiver, a_receiver

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LOOPBACK = (IPv4Network("127.0.0.0/8"),)


def a_delivery(*, live: bool = True) -> Delivery:
    event_id = new_uuid()
    headers = {"ce_id": str(event_id), "ce_subject": "o-1", "content-type": "application/json"}
    return Delivery(
        seq=1,
        live=live,
        cursor_id=new_uuid(),
        topic="order.product-order.v1",
        key=b"o-1",
        event_id=event_id,
        event_type="ProductOrderCreateEvent",
        headers=headers,
        payload=b'{"eventType":"ProductOrderCreateEvent"}',
        attempts=0,
    )


def a_sender(
    callback: str, *, allowed: Sequence[Network] = LOOPBACK, hosts: Sequence[str] = ("127.0.0.1",)
) -> Sender:
    asked = list(hosts)

    async def ask(_host: str, _port: int) -> Sequence[str]:
        return [asked.pop(0) if len(asked) > 1 else asked[0]]

    return Sender(callback, key=KEY, timeout_seconds=5, allowed=allowed, ask=ask)


async def outcome_of(receiver: Receiver, status: int) -> tuple[str, str]:
    receiver.answer = lambda _: status
    sender = a_sender(receiver.url)
    try:
        outcome = await sender.post(a_delivery())
    finally:
        await sender.close()
    return outcome.kind, outcome.error


async def test_what_is_posted_names_the_host_and_connects_to_its_checked_address() -> None:
    async with a_receiver() as receiver:
        port = urlsplit(receiver.url).port
        sender = a_sender(f"http://partner.example:{port}/events/")

        first, again = await sender.post(a_delivery()), await sender.post(a_delivery(live=False))
        await sender.close()

        assert (first.kind, again.kind) == ("acknowledged", "acknowledged")
        posted, replayed = receiver.posted
        assert posted.path == "/events/listener/productOrderCreateEvent"
        assert posted.headers["host"] == f"partner.example:{port}"
        assert posted.headers["ce-subject"] == "o-1"
        assert posted.headers["webhook-id"] == posted.headers["ce-id"]
        assert posted.signed_with(KEY)
        assert "x-dualbus-replay" not in posted.headers
        assert "x-dualbus-replay" in replayed.headers


async def test_attributes_are_escaped_as_cloudevents_says_and_strange_ones_left_out() -> None:
    async with a_receiver() as receiver:
        sender = a_sender(receiver.url)
        strange = {"ce_customerid": 'Zoë "50 %"\r\nx: y', "traceparent": "00-ü\r\nhost: inside"}
        delivery = a_delivery()

        outcome = await sender.post(
            replace(delivery, headers={**delivery.headers, **strange, "ce_source": "/order-svc"})
        )
        await sender.close()

        assert outcome.kind == "acknowledged"
        [posted] = receiver.posted
        assert posted.headers["ce-customerid"] == "Zo%C3%AB%20%2250%20%25%22%0D%0Ax:%20y"
        assert posted.headers["ce-source"] == "/order-svc"
        assert "traceparent" not in posted.headers


async def test_an_answer_says_whether_the_event_or_the_subscriber_is_the_trouble() -> None:
    async with a_receiver() as receiver:
        kinds = {status: await outcome_of(receiver, status) for status in (200, 204, 400, 500, 503)}
        redirect = await outcome_of(receiver, 302)

    assert kinds == {
        200: ("acknowledged", ""),
        204: ("acknowledged", ""),
        400: ("refused", "answered 400"),
        500: ("refused", "answered 500"),
        503: ("unreachable", "answered 503"),
    }
    # The redirect was not followed: elsewhere.example has no receiver that could have said 201.
    assert redirect == ("refused", "answered 302")


async def test_nobody_there_is_unreachable_and_the_name_is_looked_up_anew() -> None:
    async with a_receiver() as receiver:
        port = urlsplit(receiver.url).port
    sender = a_sender(f"http://partner.example:{port}", hosts=["127.0.0.1", "10.0.0.1"])

    nobody, moved = await sender.post(a_delivery()), await sender.post(a_delivery())
    await sender.close()

    assert nobody.kind == "unreachable"
    assert nobody.error.startswith("ConnectError")
    # A name that changes its address to one inside gets nothing.
    assert (moved.kind, "may not reach" in moved.error) == ("unreachable", True)


async def test_a_subscriber_that_never_answers_is_given_up() -> None:
    connected: list[asyncio.StreamWriter] = []

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer)

    server = await asyncio.start_server(silent, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    sender = Sender(f"http://127.0.0.1:{port}", key=KEY, timeout_seconds=0.2, allowed=LOOPBACK)

    outcome = await sender.post(a_delivery())
    await sender.close()
    for writer in connected:
        writer.close()
    server.close()

    assert (outcome.kind, outcome.error) == ("unreachable", "no answer within 0.2 s")


@pytest.mark.parametrize(
    ("event_type", "path"),
    [("ProductOrderCreateEvent", "/listener/productOrderCreateEvent"), ("X", "/listener/x")],
)
def test_a_listener_is_named_after_the_event_type(event_type: str, path: str) -> None:
    assert listener_path(event_type) == path
