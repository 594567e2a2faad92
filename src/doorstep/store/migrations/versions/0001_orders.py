"""Accounts, orders with all that belongs to them, events.

Revision ID: 0001
Revises:

Every primary key begins with the account, so that tables can be distributed by it. Instants are
whole microseconds since 1970 in UTC. The lists in the checks repeat `domain/states.py` as it was
when this was written; a test holds the newest schema against the code.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ORDER_STATES = (
    "new",
    "paid",
    "in_production",
    "warehouse_handover",
    "in_preparation",
    "shipped",
    "completed",
    "cancelled",
    "returned",
    "refunded",
)
ITEM_STATUSES = (
    "new",
    "in_production",
    "in_preparation",
    "shipped",
    "delivered",
    "returned",
    "refunded",
    "cancelled",
)
SHIPMENT_STATUSES = (
    "new",
    "info",
    "pickup",
    "hub_scan",
    "out_for_delivery",
    "delivery_failed",
    "ready_for_collection",
    "lost",
    "returned_to_sender",
    "delivered",
)


def upgrade() -> None:
    _installation()
    _accounts()
    _orders()
    _belongings()
    _shipments()
    _log()
    if op.get_bind().dialect.name == "sqlite":
        _statistics()


def _table(name: str, *parts: sa.schema.SchemaItem) -> None:
    # One b-tree for each table: the rows lie in the order of the primary key.
    op.create_table(name, *parts, sqlite_with_rowid=False)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    # Sorted by bytes on both databases, whatever the language of a PostgreSQL server.
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, text, nullable=nullable)


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _flag(name: str, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _one_of(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.account_id"], name=f"fk_{table}_account"
    )


def _of_order(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "order_number"],
        ["orders.account_id", "orders.order_number"],
        name=f"fk_{table}_order",
    )


def _of_shipment(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "order_number", "shipment_number"],
        ["shipments.account_id", "shipments.order_number", "shipments.shipment_number"],
        name=f"fk_{table}_shipment",
    )


def _installation() -> None:
    """What belongs to no account: the signing secret, and where internal numbers go on."""
    _table("installation", _text("name"), _text("value"), _key("installation", "name"))
    op.execute("INSERT INTO installation (name, value) VALUES ('next_number', '700000000000001')")


def _accounts() -> None:
    _table(
        "accounts",
        _number("account_id"),
        _text("name"),
        _text("slug"),
        _text("time_zone"),
        _text("language"),
        _number("untrackable_days", nullable=True),
        _number("last_sequence"),
        _number("created_at"),
        _key("accounts", "account_id"),
        sa.UniqueConstraint("slug", name="uq_accounts_slug"),
    )
    _table(
        "access_keys",
        _number("account_id"),
        _text("key_id"),
        _text("secret_hash"),
        _text("scope"),
        _number("created_at"),
        _number("revoked_at", nullable=True),
        _key("access_keys", "account_id", "key_id"),
        _of_account("access_keys"),
        _one_of("access_keys", "scope", ("full", "carrier", "read")),
    )
    _table(
        "warehouses",
        _number("account_id"),
        _text("name"),
        _text("address"),
        _key("warehouses", "account_id", "name"),
        _of_account("warehouses"),
    )
    _table(
        "carriers",
        _number("account_id"),
        _text("code"),
        _text("name"),
        _text("countries"),
        _text("tracking_url", nullable=True),
        _key("carriers", "account_id", "code"),
        _of_account("carriers"),
    )


def _orders() -> None:
    _table(
        "orders",
        _number("account_id"),
        _number("order_number"),
        _text("order_id"),
        _text("state"),
        _number("order_date"),
        _text("order_url", nullable=True),
        _text("language", nullable=True),
        _flag("boarding_complete", nullable=True),
        _number("promised_delivery_date", nullable=True),
        _number("recipient_version", nullable=True),
        _text("tracking_token"),
        _text("request_hash"),
        _number("delayed_at", nullable=True),
        # From this instant on the order counts as delayed, whoever has noticed.
        _number("delayed_from", nullable=True),
        _number("paid_at", nullable=True),
        _number("created_at"),
        _number("updated_at"),
        _key("orders", "account_id", "order_number"),
        _of_account("orders"),
        _one_of("orders", "state", ORDER_STATES),
    )
    for name, columns, unique, where in (
        ("uq_orders_order_id", ["order_id"], True, None),
        ("uq_orders_tracking_token", ["tracking_token"], True, None),
        ("ix_orders_state", ["state", "order_number"], False, None),
        ("ix_orders_language", ["language", "order_number"], False, "language IS NOT NULL"),
        ("ix_orders_order_date", ["order_date", "order_number"], False, None),
        ("ix_orders_created_at", ["created_at", "order_number"], False, None),
        (
            "ix_orders_promised_delivery_date",
            ["promised_delivery_date", "order_number"],
            False,
            "promised_delivery_date IS NOT NULL",
        ),
        (
            "ix_orders_delayed_from",
            ["delayed_from", "order_number"],
            False,
            "delayed_from IS NOT NULL",
        ),
    ):
        _index(name, "orders", columns, unique, where)


def _index(
    name: str, table: str, columns: list[str], unique: bool = False, where: str | None = None
) -> None:
    condition = sa.text(where) if where else None
    op.create_index(
        name,
        table,
        ["account_id", *columns],
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _belongings() -> None:
    _table(
        "order_tags",
        _number("account_id"),
        _number("order_number"),
        _text("tag"),
        _text("value"),
        _key("order_tags", "account_id", "order_number", "tag"),
        _of_order("order_tags"),
    )
    _index("ix_order_tags_value", "order_tags", ["tag", "value", "order_number"])
    _table(
        "order_states",
        _number("account_id"),
        _number("order_number"),
        _number("entry"),
        _text("state"),
        _number("datetime"),
        _text("location", nullable=True),
        _key("order_states", "account_id", "order_number", "entry"),
        _of_order("order_states"),
        _one_of("order_states", "state", ORDER_STATES),
    )
    _table(
        "order_items",
        _number("account_id"),
        _number("order_number"),
        _number("item_number"),
        _text("status"),
        _text("fields"),
        _key("order_items", "account_id", "order_number", "item_number"),
        _of_order("order_items"),
        _one_of("order_items", "status", ITEM_STATUSES),
    )
    _index("uq_order_items_item_number", "order_items", ["item_number"], unique=True)
    # Personal data, apart from the events that name its versions; null once it was erased.
    _table(
        "recipients",
        _number("account_id"),
        _number("order_number"),
        _number("recipient_version"),
        _text("fields", nullable=True),
        _key("recipients", "account_id", "order_number", "recipient_version"),
        _of_account("recipients"),
    )


def _shipments() -> None:
    _table(
        "shipments",
        _number("account_id"),
        _number("order_number"),
        _number("shipment_number"),
        _text("tracking_code", nullable=True),
        _text("reference_number", nullable=True),
        _text("carrier_name", nullable=True),
        _text("carrier_country", nullable=True),
        # The carrier's key, for the filter: one carrier in all its spellings.
        _text("carrier"),
        _flag("return_parcel"),
        _flag("counted"),
        _flag("trackable"),
        _number("planned_pickup_datetime", nullable=True),
        _text("fields"),
        _number("recipient_version", nullable=True),
        _text("status"),
        _number("delivered_at", nullable=True),
        _number("created_at"),
        _key("shipments", "account_id", "order_number", "shipment_number"),
        _of_order("shipments"),
        _one_of("shipments", "status", SHIPMENT_STATUSES),
    )
    _index("uq_shipments_shipment_number", "shipments", ["shipment_number"], unique=True)
    for column in ("tracking_code", "reference_number", "status", "carrier"):
        _index(f"ix_shipments_{column}", "shipments", [column, "shipment_number"])
    # Who bears a name now: a carrier's number may pass from an old parcel to a new one.
    _table(
        "shipment_names",
        _number("account_id"),
        _text("kind"),
        _text("name"),
        _text("carrier"),
        _number("order_number"),
        _number("shipment_number"),
        _key("shipment_names", "account_id", "kind", "name", "carrier"),
        _of_shipment("shipment_names"),
        _one_of("shipment_names", "kind", ("tracking_code", "reference_number")),
    )
    _index("ix_shipment_names_shipment", "shipment_names", ["order_number", "shipment_number"])
    _table(
        "carrier_updates",
        _number("account_id"),
        _number("order_number"),
        _number("shipment_number"),
        _number("update_number"),
        _text("status", nullable=True),
        _number("datetime"),
        _number("utc_offset", nullable=True),
        _text("location", nullable=True),
        _text("description", nullable=True),
        _number("retracts", nullable=True),
        _number("recorded_at"),
        _key("carrier_updates", "account_id", "order_number", "shipment_number", "update_number"),
        _of_shipment("carrier_updates"),
        _one_of("carrier_updates", "status", SHIPMENT_STATUSES),
    )
    # Updates for parcels that the shop has not posted yet.
    _table(
        "early_carrier_updates",
        _number("account_id"),
        _number("update_number"),
        _text("tracking_code", nullable=True),
        _text("carrier"),
        _text("reference_number", nullable=True),
        _text("carrier_update"),
        _number("recorded_at"),
        _key("early_carrier_updates", "account_id", "update_number"),
        _of_account("early_carrier_updates"),
    )
    for column in ("tracking_code", "reference_number", "recorded_at"):
        _index(f"ix_early_carrier_updates_{column}", "early_carrier_updates", [column])


def _log() -> None:
    _table(
        "events",
        _number("account_id"),
        _number("sequence"),
        _number("order_number"),
        _text("order_id"),
        _text("type"),
        _number("occurred_at"),
        _number("recorded_at"),
        _text("data"),
        _key("events", "account_id", "sequence"),
        _of_account("events"),
    )
    _index("ix_events_order", "events", ["order_number", "sequence"])
    # The one way back from a shop's order_id to an order that was deleted.
    _index("ix_events_deleted", "events", ["order_id"], where="type = 'order.deleted'")
    _table(
        "idempotency_keys",
        _number("account_id"),
        _text("idempotency_key"),
        _text("request_hash"),
        _number("order_number", nullable=True),
        _text("answer"),
        _number("created_at"),
        _key("idempotency_keys", "account_id", "idempotency_key"),
        _of_account("idempotency_keys"),
    )
    _index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    _index(
        "ix_idempotency_keys_order",
        "idempotency_keys",
        ["order_number"],
        where="order_number IS NOT NULL",
    )


ROWS = 1_000_000
ROWS_OF_A_WORD = 100_000
WORDS = {"state", "status", "language", "carrier", "kind", "tag", "type", "value"}
"""Columns of which many rows share a value; of all others (but the account) few do."""


def _statistics() -> None:
    """Tells SQLite's planner what a grown database looks like.

    Without statistics it takes any index that begins with the account for a good one, and reads
    all of the account's rows. ANALYZE on a grown database gives it its own figures.
    """
    bind = op.get_bind()
    bind.exec_driver_sql("ANALYZE")
    tables = sa.inspect(bind).get_table_names()
    for table in tables:
        for _, index, unique, origin, _ in bind.exec_driver_sql(f"PRAGMA index_list({table})"):
            columns = [row[2] for row in bind.exec_driver_sql(f"PRAGMA index_info({index})")]
            if columns[0] != "account_id":
                continue
            figures = [ROWS, ROWS]
            for column in columns[1:]:
                figures.append(min(figures[-1], ROWS_OF_A_WORD if column in WORDS else 10))
            if unique:
                figures[-1] = 1
            name = table if origin == "pk" else index
            bind.exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, name, " ".join(str(figure) for figure in figures)),
            )
