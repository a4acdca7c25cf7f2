"""Documents: TM Forum representations, camelCase on the wire, unknown attributes kept."""

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from dualbus_kit.clock import timestamp
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from dualbus_events.tmforum.definition import ResourceDefinition

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""Money or a quantity: Decimal in code, a JSON number on the wire (exact to 15 digits)."""

Moment = Annotated[
    AwareDatetime,
    PlainSerializer(timestamp, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware moment; on the wire UTC with milliseconds and a Z, so that it can be filtered by."""


class WireModel(BaseModel):
    """Anything on the wire: camelCase outside, snake_case inside, extension attributes kept."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="allow", validate_assignment=False
    )

    type_: str | None = Field(default=None, alias="@type")
    base_type: str | None = Field(default=None, alias="@baseType")
    schema_location: str | None = Field(default=None, alias="@schemaLocation")

    def to_bytes(self) -> bytes:
        """The JSON form; attributes that are None are left out."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form as a dictionary."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        return cls.model_validate_json(body)


class Document(WireModel):
    """A resource: what its owner stores and publishes, whole."""

    # There are more of them than one process uses; each is built when it is first used.
    model_config = ConfigDict(defer_build=True)
    definition: ClassVar[ResourceDefinition | None] = None
    """TM Forum's, of one that was made with `@defined`."""

    id: str
    href: str | None = None


class Reference(WireModel):
    """A TM Forum reference to another resource."""

    id: str
    href: str | None = None
    name: str | None = None
    referred_type: str | None = Field(default=None, alias="@referredType")


class RelatedParty(Reference):
    """A party and the part it plays; `role` decides, never the position in the list."""

    role: str | None = None


class TimePeriod(WireModel):
    """From `start_date_time` (inclusive) to `end_date_time` (exclusive); open where absent."""

    start_date_time: Moment | None = None
    end_date_time: Moment | None = None


class Money(WireModel):
    """An amount in a currency (ISO 4217)."""

    unit: str
    value: Amount


class Characteristic(WireModel):
    """A name and a value of any JSON type."""

    name: str
    value: Any = None
    value_type: str | None = None


class Note(WireModel):
    """Something a person or a service wrote on a resource."""

    text: str
    author: str | None = None
    date: Moment | None = None


def party_in_role(parties: list[RelatedParty] | None, role: str) -> RelatedParty | None:
    """The party in a role, compared without case; not simply the first one listed."""
    wanted = role.casefold()
    return next((p for p in parties or [] if (p.role or "").casefold() == wanted), None)


def customer_of(parties: list[RelatedParty] | None) -> str | None:
    """The id of the related party in the role of customer."""
    party = party_in_role(parties, "customer")
    return party.id if party else None
