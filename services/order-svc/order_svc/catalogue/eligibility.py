"""Which offerings may be held together: TMF620's offering relationships. No IO."""

from collections.abc import Set

from order_svc.catalogue.offers import Offer

# TM Forum leaves the values open; these are the ones met, compared without case.
_REQUIRES = ("requires", "relieson", "dependency")
_EXCLUDES = ("excludes", "exclusivity", "incompatiblewith")
_INSTEAD = ("substitution", "alternative", "exchangableto")


def required_offerings(offer: Offer) -> tuple[str, ...]:
    """The customer must hold these, or order them too."""
    return _related(offer, _REQUIRES)


def excluded_offerings(offer: Offer) -> tuple[str, ...]:
    """The customer must neither hold these nor order them too."""
    return _related(offer, _EXCLUDES)


def alternatives(offer: Offer) -> tuple[str, ...]:
    """What may be proposed instead, best first."""
    return _related(offer, _INSTEAD)


def has_rules(offer: Offer) -> bool:
    """Whether selling it depends on what else the customer has."""
    return bool(required_offerings(offer) or excluded_offerings(offer))


def conflict_of(offer: Offer, together_with: Set[str]) -> tuple[str, str] | None:
    """Code and message of why it can't be held together with these offerings; None if it can."""
    name = offer.offering.id
    for other in required_offerings(offer):
        if other not in together_with:
            return "offeringRequired", f"Product offering {name} requires {other}"
    for other in excluded_offerings(offer):
        if other in together_with:
            return "offeringExcluded", f"Product offering {name} can't be held with {other}"
    return None


def _related(offer: Offer, kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        one.id
        for one in offer.offering.product_offering_relationship or []
        if one.id and (one.relationship_type or "").casefold() in kinds
    )
