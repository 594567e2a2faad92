"""What orders are found by of a person and a carrier, and when an access key was last used.

Revision ID: 0006
Revises: 0005
"""

from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from doorstep.store.rows import contact_columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = ("contact_name", "contact_email")
ROWS_AT_ONCE = 200
"""Few, as a row can be as large as the largest request."""

FIGURES = {
    **{("recipients", f"ix_recipients_{column}"): "1000000 1000000 10 1" for column in COLUMNS},
    ("shipments", "ix_shipments_order_carrier"): "1000000 1000000 100000 10",
}
"""For SQLite's planner, as in 0001."""


def upgrade() -> None:
    op.add_column("access_keys", sa.Column("last_used_at", sa.BigInteger, nullable=True))
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    for column in COLUMNS:
        op.add_column("recipients", sa.Column(column, text, nullable=True))
    _fill()
    for column in COLUMNS:
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_recipients_{column}",
            "recipients",
            ["account_id", column, "order_number"],
            sqlite_where=there,
            postgresql_where=there,
        )
    op.create_index(
        "ix_shipments_order_carrier", "shipments", ["account_id", "carrier", "order_number"]
    )
    if op.get_bind().dialect.name == "sqlite":
        for (table, index), figures in FIGURES.items():
            op.get_bind().exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, index, figures),
            )


PAGE = f"""
SELECT account_id, order_number, recipient_version, fields FROM recipients
WHERE (account_id, order_number, recipient_version) > (:account_id, :order_number, :version)
    AND fields IS NOT NULL
ORDER BY account_id, order_number, recipient_version LIMIT {ROWS_AT_ONCE}
"""

PUT = """
UPDATE recipients SET contact_name = :contact_name, contact_email = :contact_email
WHERE account_id = :account_id AND order_number = :order_number AND recipient_version = :version
"""


def _fill() -> None:
    """Page by page in the order of the key: the rows are never all in memory.

    By the function that makes new rows: whoever changes it has to fill the columns again.
    """
    bind = op.get_bind()
    key: dict[str, Any] = {"account_id": 0, "order_number": 0, "version": 0}
    while page := bind.execute(sa.text(PAGE), key).fetchall():
        rows = [
            {**dict(zip(key, row, strict=False)), **contact_columns(msgspec.json.decode(row[3]))}
            for row in page
        ]
        bind.execute(sa.text(PUT), rows)
        key = dict(zip(key, page[-1], strict=False))
