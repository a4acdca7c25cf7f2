"""A cancellation with its order's parties, so that its events name the customer."""

from dualbus_events.contract import order
from dualbus_events.document import RelatedParty


class CancelProductOrder(order.CancelProductOrder):
    """TMF622 CancelProductOrder; `relatedParty` is copied from the order."""

    related_party: list[RelatedParty] | None = None
