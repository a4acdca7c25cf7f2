"""Pools: the values that resources of one specification can have, by their number."""

from typing import Any, Self

from dualbus_events.document import WireModel
from dualbus_kit.errors import Invalid
from pydantic import ValidationError, model_validator

_MAX_DIGITS = 18


class InvalidPool(Invalid):
    code = "invalidPool"
    reason = "The pool of a resource specification is not valid"


class Pool(WireModel):
    """`{"prefix": "+9955", "width": 7, "first": 1, "last": 9999999}`: +99550000001 and so on.

    `first` and `last` are numbers, or texts of digits whose length is the width. With `luhn` the
    check digit of all digits (ISO/IEC 7812-1, as in an ICCID) is put behind.
    """

    prefix: str = ""
    width: int = 0
    first: int
    last: int
    luhn: bool = False

    @model_validator(mode="before")
    @classmethod
    def _width_of_text(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("first"), str):
            return {"width": len(given["first"]), **given}
        return given

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not 0 <= self.first <= self.last:
            raise ValueError("first must be 0 or more, and not after last")
        if max(self.width, len(str(self.last))) > _MAX_DIGITS:
            raise ValueError(f"a number may have up to {_MAX_DIGITS} digits")
        return self

    def value(self, number: int) -> str:
        """The value with this number; numbers go from `first` to `last`, both included."""
        text = f"{self.prefix}{number:0{self.width}d}"
        return text + luhn_digit(text) if self.luhn else text


def pool_of(specification: dict[str, Any]) -> Pool | None:
    """The pool of a resource specification. Raises InvalidPool.

    Without a pool only resources that someone put into the inventory can be assigned.
    """
    given = specification.get("pool")
    if given is None:
        return None
    try:
        return Pool.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(("pool", *(str(part) for part in first["loc"])))
        raise InvalidPool(f"{where}: {first['msg']}") from error


def luhn_digit(text: str) -> str:
    """The check digit of ISO/IEC 7812-1 over the digits of a text."""
    digits = [int(one) for one in text if one.isdigit()]
    doubled = [digit * 2 if at % 2 == 0 else digit for at, digit in enumerate(reversed(digits))]
    return str(-sum(digit // 10 + digit % 10 for digit in doubled) % 10)
