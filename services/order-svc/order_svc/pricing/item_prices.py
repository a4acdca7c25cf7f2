"""What an item costs: the catalogue's prices, with the alterations the channel agreed. No IO."""

from collections.abc import Sequence

from dualbus_events.contract.catalog import ProductOfferingPrice
from dualbus_events.contract.order import OrderPrice, Price
from dualbus_events.document import Reference

from order_svc.pricing.errors import PriceNotOffered


def item_prices(
    offered: Sequence[ProductOfferingPrice], sent: Sequence[OrderPrice] | None
) -> list[OrderPrice] | None:
    """Every price of the offering, fixed for this order; None when there are none at all.

    Amounts are the catalogue's, whatever the channel sent: a channel may alter a price, not set
    one. An alteration belongs to the price it names, or to the only one there is. An offering
    without prices keeps what the channel sent. Raises PriceNotOffered.
    """
    if not offered:
        return list(sent) if sent else None
    altered = {_offered_id(price, offered): price for price in sent or []}
    return [_fixed(price, altered.get(price.id)) for price in offered]


def _offered_id(sent: OrderPrice, offered: Sequence[ProductOfferingPrice]) -> str:
    reference = sent.product_offering_price
    if reference is not None:
        if not any(price.id == reference.id for price in offered):
            raise PriceNotOffered(f"the offering has no price {reference.id}")
        return reference.id
    alike = [
        price.id
        for price in offered
        if sent.name in (None, price.name) and sent.price_type in (None, price.price_type)
    ]
    if len(alike) == 1:
        return alike[0]
    if len(offered) == 1:
        return offered[0].id
    raise PriceNotOffered(
        f"price {sent.name or sent.price_type or ''} must name the productOfferingPrice it is about"
    )


def _fixed(price: ProductOfferingPrice, sent: OrderPrice | None) -> OrderPrice:
    recurring = price.price_type == "recurring"
    return OrderPrice(
        name=price.name,
        price_type=price.price_type,
        recurring_charge_period=(price.recurring_charge_period_type or "month")
        if recurring
        else None,
        price=Price(tax_included_amount=price.price),
        product_offering_price=Reference(id=price.id, href=price.href, name=price.name),
        price_alteration=sent.price_alteration if sent else None,
    )
