"""Products as order taking looks at them: read, not locked."""

from collections.abc import Collection

from dualbus_events.contract.order import Product
from dualbus_kit.database import Connection


async def known_products(connection: Connection, ids: Collection[str]) -> dict[str, Product]:
    """Those that exist, by id; no statement when none are asked for."""
    if not ids:
        return {}
    rows = await connection.fetch(
        "SELECT id, body FROM product WHERE id = ANY($1::text[])", sorted(ids)
    )
    return {row["id"]: Product.from_bytes(row["body"]) for row in rows}
