"""Indexes for lists of product orders: along a state's dates and ids, and by what items hold.

`item_values` is stored, so that an order whose items hold the same as before is still updated
heap-only, and generated, so that no writer needs to know it. Adding it rewrites the table.
"""

from alembic import op

revision = "order0003"
down_revision = "order0002"
branch_labels = None
depends_on = None

_PATHS = {
    "characteristic": "productOrderItem.product.productCharacteristic.value",
    "product": "productOrderItem.product.id",
    "offering": "productOrderItem.productOffering.id",
}
# Not jsonb_build_object, which is not immutable.
_ITEM_VALUES = "'{}'::jsonb"
for _name, _path in _PATHS.items():
    _values = f"jsonb_path_query_array(body, '$.{_path}')"
    _ITEM_VALUES = f"jsonb_set({_ITEM_VALUES}, '{{{_name}}}', {_values})"
_INDEXES = {
    "product_order_state_order_date": "(state, order_date)",
    "product_order_state_id": "(state, id)",
    # What was written last waits in a list that every search reads through: a short one.
    "product_order_item_values": "USING gin (item_values jsonb_path_ops) "
    "WITH (gin_pending_list_limit = 256)",
}


def upgrade() -> None:
    op.execute(
        "ALTER TABLE product_order ADD COLUMN item_values jsonb NOT NULL "
        f"GENERATED ALWAYS AS ({_ITEM_VALUES}) STORED"
    )
    for name, definition in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON product_order {definition}")


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
    op.execute("ALTER TABLE product_order DROP COLUMN item_values")
