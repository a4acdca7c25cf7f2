"""One trace: from the channel's POST over both buses to the ODS."""

import pytest

from tests.e2e.channel import ORDER_PATH, Channel, an_order
from tests.e2e.running_system import eventually
from tests.otlp_receiver import CollectedSpan, OtlpReceiver

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
CHANNELS_SPAN = "00f067aa0ba902b7"
SERVICES = {"order-svc", "customer-svc", "provisioning-svc", "billing-svc", "assurance-svc"}


async def test_an_order_is_one_trace_from_the_post_over_both_buses_to_the_ods(
    channel: Channel, collector: OtlpReceiver
) -> None:
    body = an_order(await channel.customer(), "phone")
    sampled = {"traceparent": f"00-{TRACE_ID}-{CHANNELS_SPAN}-01", "X-Correlation-Id": "traced"}
    answer = await channel.client.post(channel.url("order", ORDER_PATH), json=body, headers=sampled)
    await channel.until_state(answer.json()["id"], "completed")

    async def in_ods() -> object:
        return {span.name for span in collector.spans(TRACE_ID) if span.service == "ods-svc"} >= {
            "process order.product-order.v1",
            "process order.product.v1",
            "process task-reply.order.v1",
        }

    async def everywhere() -> object:
        return {span.service for span in collector.spans(TRACE_ID)} >= SERVICES | {"ods-svc"}

    async def whole() -> object:
        known = {span.span_id for span in collector.spans(TRACE_ID)} | {CHANNELS_SPAN}
        return {span.parent_id for span in collector.spans(TRACE_ID)} <= known

    # Each service exports when it is time to, the ODS not always last.
    for seen in (in_ods, everywhere, whole):
        await eventually(seen)
    spans = {span.span_id: span for span in collector.spans(TRACE_ID)}
    assert {span.service for span in spans.values()} >= SERVICES | {"ods-svc"}
    [root] = [span for span in spans.values() if span.parent_id == CHANNELS_SPAN]
    assert (root.service, root.name) == ("order-svc", f"POST {ORDER_PATH}")
    activated = [span for span in spans.values() if span.name == "process task.provisioning.v1"]
    assert {one.attributes["messaging.message.conversation_id"] for one in activated} == {"traced"}
    await eventually(lambda: _sent(collector), True)


async def _sent(collector: OtlpReceiver) -> bool:
    """The relay's batches link to what created their messages."""
    names = {span.name for span in collector.spans() if _links_to_trace(span)}
    return names >= {"send order.product-order.v1", "send task.billing.v1"}


def _links_to_trace(span: CollectedSpan) -> bool:
    return any(trace_id == TRACE_ID for trace_id, _ in span.links)


async def test_an_order_that_nobody_traces_leaves_no_span(
    channel: Channel, collector: OtlpReceiver
) -> None:
    order = await channel.complete(an_order(await channel.customer(), "phone"))

    keys = {span.attributes.get("messaging.kafka.message.key") for span in collector.spans()}
    assert order["id"] not in keys
