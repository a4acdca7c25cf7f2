"""New buckets: TMF654 v4 has no POST for them, so the first top-up that names one opens it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Self

from dualbus_events.contract.balance import Bucket as BucketDocument
from dualbus_events.contract.balance import Quantity, TopupBalance
from dualbus_events.document import Reference
from dualbus_kit.clock import timestamp_now
from dualbus_tmf.hrefs import Addressed, href_of

from billing_svc.bucket.aggregate import Bucket

BUCKET_PATH: Final = "/tmf-api/prepayBalanceManagement/v4/bucket"


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


def opened(
    request: BucketRequest, parties: Mapping[str, list[dict[str, Any]]], addressed: Addressed
) -> Bucket:
    """An empty bucket, of the parties of its account (by account id) unless it names its own.

    Its creation is recorded by what is first put on it.
    """
    of_account = parties.get(request.party_account.id)
    now = timestamp_now()
    nothing = Quantity(amount=Decimal(0), units=request.units)
    document = BucketDocument.model_validate(
        {
            "@type": "Bucket",
            **({"relatedParty": of_account} if of_account else {}),
            **request.more,
            "id": request.id,
            "href": href_of(addressed, BUCKET_PATH, request.id),
            "name": request.name or f"{request.usage_type} ({request.units})",
            "status": "active",
            "usageType": request.usage_type,
            "partyAccount": request.party_account,
            "remainingValue": nothing,
            "remainingValueName": f"0 {request.units}",
            "reservedValue": nothing,
            "requestedDate": now,
            "confirmationDate": now,
        }
    )
    return Bucket(document)
