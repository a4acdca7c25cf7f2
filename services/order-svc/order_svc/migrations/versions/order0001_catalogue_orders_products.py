"""Catalogue, product orders, cancellations, products and processes."""

from alembic import op

revision = "order0001"
down_revision = None
branch_labels = ("order",)
depends_on = "bus0001"

_CATALOGUE = (
    "category",
    "product_specification",
    "product_offering",
    "product_offering_price",
    "fulfilment_plan",
)
_DOCUMENT = "id text PRIMARY KEY, version bigint NOT NULL, body jsonb NOT NULL"
# Rows that are rewritten a few times find room beside themselves: updates stay heap-only.
_REWRITTEN = "WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)"

_STATEMENTS = (
    *(f"CREATE TABLE {name} ({_DOCUMENT})" for name in _CATALOGUE),
    "CREATE TABLE catalogue_revision (only_row boolean PRIMARY KEY CHECK (only_row), revision uuid NOT NULL)",
    "INSERT INTO catalogue_revision VALUES (true, gen_random_uuid())",
    """
    CREATE FUNCTION catalogue_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE catalogue_revision SET revision = gen_random_uuid();
      RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER {name}_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION catalogue_changed()"
        for name in _CATALOGUE
    ),
    f"""
    CREATE TABLE product_order ({_DOCUMENT}, state text NOT NULL, order_date timestamptz NOT NULL,
      external_id text, party_ids jsonb NOT NULL) {_REWRITTEN}
    """,
    "CREATE INDEX product_order_party_ids ON product_order USING gin (party_ids)",
    "CREATE INDEX product_order_order_date ON product_order (order_date)",
    "CREATE INDEX product_order_external_id ON product_order (external_id) WHERE external_id <> ''",
    f"CREATE TABLE cancel_product_order ({_DOCUMENT}, product_order_id text NOT NULL)",
    "CREATE INDEX cancel_product_order_product_order_id ON cancel_product_order (product_order_id)",
    f"CREATE TABLE product ({_DOCUMENT}, status text NOT NULL, party_ids jsonb NOT NULL)",
    "CREATE INDEX product_party_ids ON product USING gin (party_ids)",
    f"""
    CREATE TABLE process (id text PRIMARY KEY, version bigint NOT NULL, state text NOT NULL,
      started_at timestamptz NOT NULL, changed_at timestamptz NOT NULL,
      body jsonb NOT NULL) {_REWRITTEN}
    """,
    "CREATE INDEX process_not_ended ON process (state, id) WHERE state <> 'ended'",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("process", "product", "cancel_product_order", "product_order", *_CATALOGUE):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION catalogue_changed")
    op.execute("DROP TABLE catalogue_revision")
