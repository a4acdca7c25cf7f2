"""Why an item of an order can't be done, whatever the order is for."""

from typing import Any, NamedTuple


class Problem(NamedTuple):
    """A code that programs compare, and a message for people."""

    code: str
    message: str

    def as_error(self) -> dict[str, Any]:
        """As TM Forum's orders name it on an item."""
        return {"code": self.code, "reason": self.message}
