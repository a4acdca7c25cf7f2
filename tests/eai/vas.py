"""What the tests of the VAS adapter share: tasks and answers."""

from typing import Any

from dualbus_events.tasks import Task
from dualbus_kit.ids import new_id

from tests.harness import a_task


def subscription(
    *, number: str = "+99550000001", characteristics: dict[str, str] | None = None
) -> Task:
    """A task to subscribe a number to a ring-back tone."""
    values = [{"name": name, "value": value} for name, value in (characteristics or {}).items()]
    payload: dict[str, Any] = {
        "customerId": "c-1",
        "item": {"id": "1", "product": {"id": new_id(), "productCharacteristic": values}},
        "productSpecification": {
            "productSpecCharacteristic": [
                {"name": name, "productSpecCharacteristicValue": [{"value": value}]}
                for name, value in (
                    ("vasServiceCode", "RBT"),
                    ("vasParameters", "tone"),
                    ("tone", "moonlight"),
                )
            ]
        },
        "results": {
            "provisioning.activate": {
                "resource": [
                    {"id": "r-1", "category": "iccid", "value": "8999"},
                    {"id": "r-2", "category": "msisdn", "value": number},
                ]
            }
        },
    }
    return a_task("vas.subscribe", payload)


def later(verb: str, task: Task, **payload: object) -> Task:
    """Another task about the same item."""
    return a_task(f"vas.{verb}", {**task.payload, **payload}, process_id=task.process_id)


def undo_of(task: Task) -> Task:
    return later(f"{task.type.removeprefix('vas.')}.undo", task, undoes=task.task_id, result={})


def response(code: str) -> bytes:
    return (
        f"<VasResponse><TransactionId>t</TransactionId><ResultCode>{code}</ResultCode>"
        "<ResultText>text</ResultText><SubscriptionId>SUB1</SubscriptionId></VasResponse>"
    ).encode()
