"""When an order becomes late, webhook endpoints with what they are owed, mails.

Revision ID: 0004
Revises: 0003

An event that reached its endpoint leaves no row but its attempt: a cursor goes over the log, and
`webhook_deliveries` holds only what it passed by and is still owed, or was given up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = ("new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped")
PAUSED_BECAUSE = ("asked", "failing", "gone")
SIGNATURES = ("v1", "v1a")
MAIL_KINDS = (
    "paid",
    "in_production",
    "in_preparation",
    "shipped",
    "out_for_delivery",
    "delivered",
    "delayed",
)
MAIL_STATUSES = ("waiting", "sent", "skipped", "given_up")

FIGURES = {
    ("orders", "ix_orders_late_after"): "1000000 100000 10 1",
    ("webhook_endpoints", "webhook_endpoints"): "1000 10 1",
    ("webhook_secrets", "webhook_secrets"): "1000 10 2 1",
    ("webhook_cursors", "webhook_cursors"): "1000 10 2 1",
    ("webhook_deliveries", "webhook_deliveries"): "1000000 100000 10000 10000 1",
    ("webhook_deliveries", "ix_webhook_deliveries_next_at"): "1000000 100000 10000 10 1 1",
    ("webhook_deliveries", "ix_webhook_deliveries_given_up_at"): "100000 100000 10 1",
    ("webhook_attempts", "webhook_attempts"): "1000000 1000000 100000 1",
    ("webhook_attempts", "ix_webhook_attempts_attempted_at"): "1000000 1000000 10 1",
    ("webhook_attempts", "ix_webhook_attempts_endpoint"): "1000000 1000000 100000 10 1",
    ("webhook_attempts", "ix_webhook_attempts_sequence"): "1000000 1000000 100000 2 1 1",
    ("webhook_attempts", "ix_webhook_attempts_failed"): "100000 100000 10000 10 1",
    ("webhook_attempts", "ix_webhook_attempts_given_up"): "10000 10000 1000 10 1",
    ("mails", "mails"): "1000000 1000000 10 2 1",
    ("mails", "ix_mails_next_at"): "100000 100000 10 1",
}
"""For SQLite's planner, as in 0001."""


def upgrade() -> None:
    _orders()
    _accounts()
    _webhooks()
    _mails()
    if op.get_bind().dialect.name == "sqlite":
        for (table, index), figures in FIGURES.items():
            op.get_bind().exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, index, figures),
            )
    else:
        # As in 0003: one account may hold nearly all rows.
        for table in {table for table, _ in FIGURES} - {"orders"}:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN account_id SET (n_distinct = 1)")


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, text, nullable=nullable)


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _table(name: str, *parts: sa.schema.SchemaItem, key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        *parts,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def _one_of(table: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"ck_{table}_{column}")


def _index_where(name: str, table: str, columns: list[str], condition: str) -> None:
    there = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=there, postgresql_where=there)


def _orders() -> None:
    """After this instant an open order is late; empty once it is marked, or without a promise."""
    op.add_column("orders", _number("late_after", nullable=True))
    listed = ", ".join(f"'{state}'" for state in OPEN)
    op.execute(
        "UPDATE orders SET late_after = promised_delivery_date "
        f"WHERE promised_delivery_date IS NOT NULL AND delayed_at IS NULL AND state IN ({listed})"
    )
    _index_where(
        "ix_orders_late_after",
        "orders",
        ["account_id", "late_after", "order_number"],
        "late_after IS NOT NULL",
    )


def _accounts() -> None:
    # A JSON list of the kinds of mail that customers get, empty for the usual ones.
    op.add_column("accounts", _text("mail_events", nullable=True))
    op.add_column("accounts", _number("retention_days", nullable=True))


def _of_endpoint(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id", "endpoint_number"],
        ["webhook_endpoints.account_id", "webhook_endpoints.endpoint_number"],
        name=f"fk_{table}_endpoint",
    )


def _webhooks() -> None:
    _table(
        "webhook_endpoints",
        _number("account_id"),
        _number("endpoint_number"),
        _text("url"),
        # A JSON list, empty for every type.
        _text("types", nullable=True),
        _text("description", nullable=True),
        _text("signature"),
        _number("paused_at", nullable=True),
        _text("paused_because", nullable=True),
        # Since when no attempt has succeeded; empty after one has.
        _number("failing_since", nullable=True),
        _number("created_at"),
        _number("updated_at"),
        _one_of("webhook_endpoints", "signature", SIGNATURES),
        _one_of("webhook_endpoints", "paused_because", PAUSED_BECAUSE),
        key=("account_id", "endpoint_number"),
    )
    _table(
        "webhook_secrets",
        _number("account_id"),
        _number("endpoint_number"),
        _number("secret_number"),
        _text("secret"),
        _number("created_at"),
        _number("expires_at", nullable=True),
        _of_endpoint("webhook_secrets"),
        key=("account_id", "endpoint_number", "secret_number"),
    )
    # The endpoint's own has the number 0 and no end; the others send a range again.
    _table(
        "webhook_cursors",
        _number("account_id"),
        _number("endpoint_number"),
        _number("cursor_number"),
        _number("position"),
        _number("last_sequence", nullable=True),
        _number("created_at"),
        _of_endpoint("webhook_cursors"),
        key=("account_id", "endpoint_number", "cursor_number"),
    )
    _deliveries_and_attempts()


def _deliveries_and_attempts() -> None:
    _table(
        "webhook_deliveries",
        _number("account_id"),
        _number("endpoint_number"),
        _number("cursor_number"),
        _number("sequence"),
        _number("order_number"),
        _number("tries"),
        # Empty once it was given up.
        _number("next_at", nullable=True),
        _number("given_up_at", nullable=True),
        _of_endpoint("webhook_deliveries"),
        key=("account_id", "endpoint_number", "cursor_number", "sequence"),
    )
    _index_where(
        "ix_webhook_deliveries_next_at",
        "webhook_deliveries",
        ["account_id", "endpoint_number", "next_at", "sequence", "cursor_number"],
        "next_at IS NOT NULL",
    )
    _index_where(
        "ix_webhook_deliveries_given_up_at",
        "webhook_deliveries",
        ["account_id", "given_up_at", "sequence"],
        "given_up_at IS NOT NULL",
    )
    _table(
        "webhook_attempts",
        _number("account_id"),
        _number("endpoint_number"),
        _number("attempt_number"),
        # Empty for a test, which is no event.
        _number("sequence", nullable=True),
        _text("webhook_id"),
        _text("type"),
        _number("attempted_at"),
        _number("milliseconds"),
        _number("http_status", nullable=True),
        _text("answer", nullable=True),
        _text("error", nullable=True),
        _number("next_at", nullable=True),
        _of_endpoint("webhook_attempts"),
        key=("account_id", "endpoint_number", "attempt_number"),
    )
    op.create_index(
        "ix_webhook_attempts_attempted_at",
        "webhook_attempts",
        ["account_id", "attempted_at", "attempt_number"],
    )
    _attempts_of_an_endpoint()


FAILED = "(http_status IS NULL OR http_status < 200 OR http_status > 299)"
"""Of an attempt; a query uses the indexes below by saying it in the same words."""


def _attempts_of_an_endpoint() -> None:
    """As they are listed: all, those of one event, and the few that failed."""
    place = ["account_id", "endpoint_number"]
    moment = ["attempted_at", "attempt_number"]
    op.create_index("ix_webhook_attempts_endpoint", "webhook_attempts", [*place, *moment])
    op.create_index(
        "ix_webhook_attempts_sequence", "webhook_attempts", [*place, "sequence", *moment]
    )
    _index_where("ix_webhook_attempts_failed", "webhook_attempts", [*place, *moment], FAILED)
    _index_where(
        "ix_webhook_attempts_given_up",
        "webhook_attempts",
        [*place, *moment],
        f"next_at IS NULL AND sequence IS NOT NULL AND {FAILED}",
    )


def _mails() -> None:
    """One for each order and kind, and parcel where it is about one (else 0). No address here."""
    _table(
        "mails",
        _number("account_id"),
        _number("order_number"),
        _text("kind"),
        _number("shipment_number"),
        _number("sequence"),
        _text("message_id"),
        _text("status"),
        _number("tries"),
        _number("next_at", nullable=True),
        _number("created_at"),
        _number("sent_at", nullable=True),
        _text("error", nullable=True),
        _one_of("mails", "kind", MAIL_KINDS),
        _one_of("mails", "status", MAIL_STATUSES),
        key=("account_id", "order_number", "kind", "shipment_number"),
    )
    _index_where(
        "ix_mails_next_at",
        "mails",
        ["account_id", "next_at", "order_number"],
        "next_at IS NOT NULL",
    )
    _table(
        "mail_cursors",
        _number("account_id"),
        _number("position"),
        key=("account_id",),
    )
