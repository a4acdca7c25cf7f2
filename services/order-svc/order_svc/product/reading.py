"""Products as order taking looks at them: read, not locked."""

from collections.abc import Collection

from dualbus_events.contract.order import Product
from dualbus_events.document import customer_of
from dualbus_kit.database import Connection
from dualbus_tmf.state_machines import PRODUCT


async def known_products(connection: Connection, ids: Collection[str]) -> dict[str, Product]:
    """Those that exist, by id; no statement when none are asked for."""
    if not ids:
        return {}
    rows = await connection.fetch(
        "SELECT id, body FROM product WHERE id = ANY($1::text[])", sorted(ids)
    )
    return {row["id"]: Product.from_bytes(row["body"]) for row in rows}


async def held_offerings(
    connection: Connection, customers: Collection[str]
) -> dict[str, dict[str, str]]:
    """By customer, the offering of each product they have or are being given, by product id.

    No statement when none are asked for.
    """
    if not customers:
        return {}
    rows = await connection.fetch(
        "SELECT id, body FROM product WHERE party_ids ?| $1::text[] "
        "AND NOT status = ANY($2::text[])",
        sorted(customers),
        sorted(PRODUCT.final),
    )
    held: dict[str, dict[str, str]] = {}
    for row in rows:
        product = Product.from_bytes(row["body"])
        customer = customer_of(product.related_party)
        if customer and product.product_offering:
            held.setdefault(customer, {})[row["id"]] = product.product_offering.id
    return held
