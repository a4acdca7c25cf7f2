"""What one order comes to, from Kafka's offsets."""

from dualbus_cli.bench.fanout import per_order, readers_of

from tests.bench.fan_outs import a_fan_out


def test_messages_per_order_are_the_difference_of_the_offsets() -> None:
    before = {"order.product-order.v1": 10, "task.billing.v1": 4}
    after = {"order.product-order.v1": 160, "task.billing.v1": 104}

    assert per_order(before, after, orders=50) == {
        "order.product-order.v1": 3,
        "task.billing.v1": 2,
    }


def test_a_topic_made_in_between_counts_from_zero() -> None:
    assert per_order({}, {"task.billing.v1": 20}, orders=10) == {"task.billing.v1": 2}


def test_rare_messages_are_no_part_of_every_order() -> None:
    before = {"task.billing.v1": 0, "billing.billing-account.v1": 0, "billing.charge.v1": 0}
    after = {"task.billing.v1": 203, "billing.billing-account.v1": 20, "billing.charge.v1": 0}

    assert per_order(before, after, orders=100) == {"task.billing.v1": 2}


def test_readers_are_the_services_whose_groups_moved() -> None:
    messages = {"provisioning.service.v1": 1, "task.billing.v1": 2}
    before = {"ods-svc.projection": {"provisioning.service.v1": 5}}
    after = {
        "ods-svc.projection": {"provisioning.service.v1": 9, "task.billing.v1": 2},
        "assurance-svc.service-resource": {"provisioning.service.v1": 9},
        "billing-svc.task": {"task.billing.v1": 2},
        "order-svc.process": {"task-reply.order.v1": 5},
    }

    assert readers_of(messages, before, after) == {
        "provisioning.service.v1": {"assurance", "ods"},
        "task.billing.v1": {"billing", "ods"},
    }


def test_a_message_counts_once_per_service_that_reads_it() -> None:
    fan_out = a_fan_out()

    assert fan_out.total == 19
    assert fan_out.deliveries == 30
