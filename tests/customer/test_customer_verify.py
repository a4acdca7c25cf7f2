"""The task customer.verify: refusals with a reason, redelivery, undo."""

from tests.harness import Harness, a_task, replies_in, task_messages

CUSTOMERS = "/tmf-api/customerManagement/v4/customer"


async def post_customer(harness: Harness, customer_id: str, **changes: object) -> None:
    body = {"id": customer_id, "name": "Ada", "engagedParty": {"id": "1"}, **changes}
    answer = await harness.client.post(CUSTOMERS, json=body)
    assert answer.status_code == 201


async def test_each_task_of_a_batch_gets_its_own_verdict(customer_svc: Harness) -> None:
    barred = [{"name": "mayOrder", "value": False}]
    await post_customer(customer_svc, "good")
    await post_customer(customer_svc, "new", status="prospective")
    await post_customer(customer_svc, "barred", characteristic=barred)
    ids = ["good", "new", "barred", "nobody", "good"]
    tasks = [a_task("customer.verify", {"customerId": customer_id}) for customer_id in ids]

    await customer_svc.deliver(*task_messages(*tasks))

    replies = replies_in(await customer_svc.published())
    found = [replies[task.task_id] for task in tasks]
    assert [reply["outcome"] for reply in found] == [
        "done",
        "rejected",
        "rejected",
        "rejected",
        "done",
    ]
    assert found[0]["result"] == {"customer": {"id": "good", "name": "Ada", "status": "active"}}
    assert [reply["error"]["code"] for reply in found[1:4]] == [
        "customerNotActive",
        "customerMayNotOrder",
        "customerUnknown",
    ]
    assert found[1]["error"]["class"] == "business"


async def test_order_without_customer_is_refused(customer_svc: Harness) -> None:
    task = a_task("customer.verify", {"customerId": None})

    await customer_svc.deliver(*task_messages(task))

    reply = replies_in(await customer_svc.published())[task.task_id]
    assert reply["error"]["code"] == "customerUnknown"


async def test_resent_task_is_answered_as_the_first_time(customer_svc: Harness) -> None:
    await post_customer(customer_svc, "c1")
    task = a_task("customer.verify", {"customerId": "c1"})
    first, resent = task_messages(task), task_messages(task)
    await customer_svc.deliver(*first)
    await customer_svc.deliver(*first)
    await customer_svc.client.patch(f"{CUSTOMERS}/c1", json={"status": "suspended"})

    await customer_svc.deliver(*resent)

    published = await customer_svc.published("task-reply.order.v1")
    assert [p.body["outcome"] for p in published] == ["done", "done"]
    assert published[0].body["result"] == published[1].body["result"]


async def test_reply_carries_the_cause_and_the_customer(customer_svc: Harness) -> None:
    task = a_task("customer.verify", {"customerId": "c1"})

    await customer_svc.deliver(*task_messages(task))

    [reply] = await customer_svc.published("task-reply.order.v1")
    assert reply.key == task.process_id
    assert reply.headers["ce_correlationid"] == task.cause.correlation_id
    assert reply.headers["ce_customerid"] == "c1"


async def test_undoing_a_verification_is_done_even_if_it_never_came(
    customer_svc: Harness,
) -> None:
    task = a_task("customer.verify.undo", {"customerId": "c1", "undoes": "never", "result": {}})

    await customer_svc.deliver(*task_messages(task))

    assert replies_in(await customer_svc.published())[task.task_id]["outcome"] == "done"
