"""The catalogue's prices of what an item is about, for carts and quotes."""

from collections.abc import Iterable, Mapping, Sequence

from dualbus_events.contract.order import OrderPrice
from dualbus_events.document import Reference
from dualbus_kit.database import Connection

from order_svc.catalogue.offers import Offer, current_catalogue
from order_svc.pricing.item_prices import item_prices

_PRICED_ACTIONS = ("add", "modify")


def offered_prices(
    offering: Reference | None,
    action: str | None,
    sent: Sequence[OrderPrice] | None,
    offers: Mapping[str, Offer],
) -> list[OrderPrice] | None:
    """Every price of an item, with the alterations that were sent, as an order would fix them.

    None for one whose offering the catalogue does not have. What is removed, or stays as it is,
    costs nothing. Raises PriceNotOffered.
    """
    offer = offers.get(offering.id) if offering else None
    if offer is None:
        return None
    if (action or "add") not in _PRICED_ACTIONS:
        return []
    return item_prices(offer.prices, sent) or []


async def offers_of(
    connection: Connection, offerings: Iterable[Reference | None]
) -> Mapping[str, Offer]:
    """Those of the catalogue at its present revision, by id."""
    wanted = {one.id for one in offerings if one}
    if not wanted:
        return {}
    catalogue = await current_catalogue(connection)
    await catalogue.load(connection, wanted)
    return catalogue.offers
