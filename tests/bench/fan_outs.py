"""A fan-out like that of the real system, for tests of what is made of it."""

from dualbus_cli.bench.fanout import FanOut

MESSAGES = {
    "billing.charge.v1": 1,
    "order.product-order.v1": 3,
    "order.product.v1": 1,
    "provisioning.resource.v1": 1,
    "provisioning.service-order.v1": 2,
    "provisioning.service.v1": 1,
    "task-reply.order.v1": 5,
    "task.assurance.v1": 1,
    "task.billing.v1": 2,
    "task.customer.v1": 1,
    "task.provisioning.v1": 1,
}


def a_fan_out(messages: dict[str, int] | None = None) -> FanOut:
    """Every topic is read by the ODS, tasks and replies also by whom they are for."""
    messages = MESSAGES if messages is None else messages
    readers = {topic: {"ods"} for topic in messages}
    for topic in messages:
        if topic.startswith("task"):
            readers[topic].add(topic.split(".")[1])
    readers.setdefault("provisioning.service.v1", set()).add("assurance")
    return FanOut(
        messages,
        dict.fromkeys(messages, 1000),
        {topic: frozenset(services) for topic, services in readers.items()},
    )
