"""Where the time of one order went."""

from dualbus_cli.bench.hops import TaskSpan, hops_of


def test_hops_of_tasks_one_after_the_other_add_up() -> None:
    tasks = [TaskSpan("billing.open", 5, 7), TaskSpan("customer.verify", 2, 4)]

    hops = hops_of(tasks, placed=1, completed=8, applied=10)

    assert hops == {
        "accepting": 1,
        "customer.verify": 2,
        "billing.open": 2,
        "between_tasks": 1,
        "completing": 1,
        "ods": 2,
    }


def test_parallel_tasks_leave_no_time_between_them() -> None:
    tasks = [
        TaskSpan("provisioning.activate", 0, 4),
        TaskSpan("billing.start", 5, 9),
        TaskSpan("assurance.watch", 5, 6),
    ]

    hops = hops_of(tasks, placed=0, completed=10, applied=10)

    assert hops["between_tasks"] == 1
    assert hops["completing"] == 1
