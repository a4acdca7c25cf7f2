"""What provisioning needs of a network element, whoever makes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Operation = Mapping[str, Any]
"""`{op: "activate" | "deactivate", activationId, serviceId, serviceType, resources, …}`."""


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation.

    `pending`: taken, and not done yet; `again`: not taken, worth another try; `rejected`: refused
    by a rule of the element; `failed`: a fault that another try won't cure.
    """

    kind: Literal["done", "pending", "again", "rejected", "failed"]
    code: str = ""
    message: str = ""
    activated_at: str | None = None


class NetworkElement(Protocol):
    """Activates and deactivates. The same operation may be asked again, with the same effect."""

    async def perform(self, operations: Sequence[Operation]) -> Sequence[OperationResult]:
        """Results in the order of the operations. Never raises for the element's sake."""
        ...
