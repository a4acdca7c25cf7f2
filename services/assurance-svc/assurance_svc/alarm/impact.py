"""What a broken resource hits: services, the customers they belong to, what was promised them."""

from collections.abc import Sequence
from dataclasses import dataclass

from dualbus_events.document import Reference, RelatedParty

from assurance_svc.service_resource.projection import StandingService

MAX_LISTED = 1000
"""A resource many thousands stand on would make documents too large to publish."""


@dataclass(frozen=True)
class Impact:
    """References to what is hit, each once, in the order of their services."""

    services: list[Reference]
    customers: list[RelatedParty]
    products: list[RelatedParty]
    agreements: list[RelatedParty]

    @classmethod
    def of(cls, standing: Sequence[StandingService]) -> "Impact":
        agreements = (agreement for one in standing for agreement in one.agreement_ids)
        return cls(
            services=[
                Reference.model_validate(
                    {
                        "id": one.service_id,
                        "href": one.href,
                        "name": one.name,
                        "@referredType": "Service",
                    }
                )
                for one in standing
            ],
            customers=_each(
                [one.customer_id for one in standing], role="customer", referred_type="Customer"
            ),
            products=_each(
                [one.product_id for one in standing], role="product", referred_type="Product"
            ),
            agreements=_each(
                list(agreements),
                role="serviceLevelAgreement",
                referred_type="ServiceLevelAgreement",
            ),
        )


def related(referred_id: str, *, role: str, referred_type: str) -> RelatedParty:
    """A related entity or party, as the wire has it."""
    return RelatedParty.model_validate(
        {"id": referred_id, "role": role, "@referredType": referred_type}
    )


def _each(ids: Sequence[str | None], *, role: str, referred_type: str) -> list[RelatedParty]:
    known = dict.fromkeys(one for one in ids if one is not None)
    return [related(one, role=role, referred_type=referred_type) for one in known]
