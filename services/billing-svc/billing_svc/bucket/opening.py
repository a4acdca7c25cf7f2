"""New buckets: of a POST, or of the first top-up that names one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal, Self

from dualbus_events.contract.balance import Bucket as BucketDocument
from dualbus_events.contract.balance import Quantity, TopupBalance
from dualbus_events.document import Moment, Reference, WireModel
from dualbus_kit.clock import timestamp_now
from dualbus_kit.ids import new_id
from dualbus_tmf.bodies import InvalidBody, validated
from dualbus_tmf.declaration import checked_id
from dualbus_tmf.hrefs import Addressed, href_of
from pydantic import Field

from billing_svc.bucket.aggregate import Bucket

BUCKET_PATH: Final = "/tmf-api/prepayBalanceManagement/v4/bucket"
MONETARY: Final = "monetary"
"""The usage type of a bucket that nothing else is said of."""
_DECIDED: Final = frozenset(
    {"id", "href", "status", "requestedDate", "confirmationDate", "partyAccount", "usageType"}
    | {"remainingValue", "remainingValueName", "reservedValue"}
)


@dataclass(frozen=True)
class BucketRequest:
    """What a new bucket is to be: of whom, for what, in which units."""

    id: str
    name: str | None
    party_account: Reference
    usage_type: str
    units: str
    more: Mapping[str, Any] = field(default_factory=dict)
    """What else the bucket has, by wire names."""

    @classmethod
    def posted(cls, body: Mapping[str, Any]) -> Self:
        """What a POST asks for. Raises InvalidBody.

        A bucket that names no account is its own; one without units takes those of what is first
        put on it.
        """
        id_ = checked_id(body["id"], "id") if body.get("id") is not None else new_id()
        asked = validated(_Posted, dict(body))
        if asked.remaining_value and asked.remaining_value.amount:
            raise InvalidBody("remainingValue.amount: a new bucket is empty, a top-up fills it")
        return cls(
            id=id_,
            name=asked.name,
            party_account=asked.party_account or Reference(id=id_),
            usage_type=asked.usage_type,
            units=asked.remaining_value.units if asked.remaining_value else asked.usage_type,
            more={name: value for name, value in body.items() if name not in _DECIDED},
        )

    @classmethod
    def of(cls, topup: TopupBalance) -> Self:
        """The bucket that a top-up names."""
        body = topup.to_dict()
        taken = ("product", "logicalResource", "relatedParty", "validFor")
        return cls(
            id=topup.bucket.id,
            name=topup.bucket.name,
            party_account=topup.party_account,
            usage_type=topup.usage_type,
            units=topup.amount.units,
            more={name: body[name] for name in taken if name in body},
        )


class _Posted(WireModel):
    """What decides what a posted bucket is, and what counts for nothing but must be well formed."""

    name: str | None = None
    usage_type: str = Field(min_length=1)
    party_account: Reference | None = None
    remaining_value: Quantity | None = None
    remaining_value_name: str | None = None
    reserved_value: Quantity | None = None
    requested_date: Moment | None = None
    confirmation_date: Moment | None = None
    status: Literal["active", "suspended", "expired"] | None = None


def opened(
    request: BucketRequest, parties: Mapping[str, list[dict[str, Any]]], addressed: Addressed
) -> Bucket:
    """An empty bucket, of the parties of its account (by account id) unless it names its own.

    Its creation is not recorded yet.
    """
    of_account = parties.get(request.party_account.id)
    now = timestamp_now()
    nothing = Quantity(amount=Decimal(0), units=request.units)
    document = validated(
        BucketDocument,
        {
            "@type": "Bucket",
            **({"relatedParty": of_account} if of_account else {}),
            **request.more,
            "id": request.id,
            "href": href_of(addressed, BUCKET_PATH, request.id),
            "name": request.name or _name_of(request),
            "status": "active",
            "usageType": request.usage_type,
            "partyAccount": request.party_account,
            "remainingValue": nothing,
            "remainingValueName": f"0 {request.units}",
            "reservedValue": nothing,
            "requestedDate": now,
            "confirmationDate": now,
        },
    )
    return Bucket(document)


def _name_of(request: BucketRequest) -> str:
    usage, units = request.usage_type, request.units
    return usage if units == usage else f"{usage} ({units})"
