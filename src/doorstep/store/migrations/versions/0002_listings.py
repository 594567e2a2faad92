"""What listings need to cost the same however many orders there are.

Revision ID: 0002
Revises: 0001

Orders without a promise, and those that never count as delayed, get a place in the indexes: 2**62,
later than all. `order_blocks` summarises the orders of a block of internal numbers, and within a
block indexes find a stretch of time;
`delivery_assumed_from` is the planned pickup of a parcel whose delivery is still to be assumed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NEVER = 2**62
NUMBERS_IN_A_BLOCK = 16_384
SUMMARISED = ("order_date", "promised_by", "created_at", "delayed_from")

BY_BLOCK = ("order_date", "promised_by", "delayed_from")
"""All but `created_at`, which rises with the numbers: of a block it fits all orders or none."""

FIGURES = {
    **{("orders", f"ix_orders_block_{column}"): "1000000 1000000 4000 10 1" for column in BY_BLOCK},
    ("orders", "ix_orders_promised_by"): "1000000 1000000 10 1",
    ("orders", "ix_orders_delayed_from"): "1000000 1000000 10 1",
    ("shipments", "ix_shipments_delivery_assumed_from"): "1000 1000 10 1",
    ("order_blocks", "order_blocks"): "1000 1000 1",
}
"""For SQLite's planner, as in 0001."""


def upgrade() -> None:
    _orders()
    _order_blocks()
    _shipments()
    if op.get_bind().dialect.name == "sqlite":
        for (table, index), figures in FIGURES.items():
            op.get_bind().exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                (table, index, figures),
            )


def _orders() -> None:
    never = sa.text(str(NEVER))
    op.drop_index("ix_orders_promised_delivery_date", "orders")
    op.drop_index("ix_orders_delayed_from", "orders")
    op.add_column(
        "orders", sa.Column("promised_by", sa.BigInteger, nullable=False, server_default=never)
    )
    op.execute(
        "UPDATE orders SET promised_by = promised_delivery_date "
        "WHERE promised_delivery_date IS NOT NULL"
    )
    op.execute(f"UPDATE orders SET delayed_from = {NEVER} WHERE delayed_from IS NULL")
    for column in ("promised_by", "delayed_from"):
        op.create_index(f"ix_orders_{column}", "orders", ["account_id", column, "order_number"])
    block = sa.text(f"(order_number / {NUMBERS_IN_A_BLOCK})")
    for column in BY_BLOCK:
        op.create_index(
            f"ix_orders_block_{column}", "orders", ["account_id", block, column, "order_number"]
        )


def _order_blocks() -> None:
    ends = [f"{end}_{column}" for column in SUMMARISED for end in ("first", "last")]
    op.create_table(
        "order_blocks",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("block", sa.BigInteger, nullable=False),
        *(sa.Column(end, sa.BigInteger, nullable=False) for end in ends),
        sa.PrimaryKeyConstraint("account_id", "block", name="pk_order_blocks"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.account_id"], name="fk_order_blocks_account"
        ),
        sqlite_with_rowid=False,
    )
    sums = [f"{end}({column})" for column in SUMMARISED for end in ("min", "max")]
    # What has no promise adds nothing.
    sums[ends.index("last_promised_by")] = f"coalesce(max(promised_delivery_date), -{NEVER})"
    op.execute(
        f"INSERT INTO order_blocks (account_id, block, {', '.join(ends)}) "
        f"SELECT account_id, order_number / {NUMBERS_IN_A_BLOCK}, {', '.join(sums)} "
        "FROM orders GROUP BY 1, 2"
    )


def _shipments() -> None:
    op.add_column("shipments", sa.Column("delivery_assumed_from", sa.BigInteger, nullable=True))
    op.execute(
        "UPDATE shipments SET delivery_assumed_from = planned_pickup_datetime "
        "WHERE NOT trackable AND planned_pickup_datetime IS NOT NULL "
        "AND status NOT IN ('delivered', 'returned_to_sender', 'lost') AND NOT EXISTS ("
        "SELECT 1 FROM carrier_updates WHERE carrier_updates.account_id = shipments.account_id "
        "AND carrier_updates.order_number = shipments.order_number "
        "AND carrier_updates.shipment_number = shipments.shipment_number "
        "AND carrier_updates.update_number = shipments.shipment_number)"
    )
    there = sa.text("delivery_assumed_from IS NOT NULL")
    op.create_index(
        "ix_shipments_delivery_assumed_from",
        "shipments",
        ["account_id", "delivery_assumed_from", "order_number"],
        sqlite_where=there,
        postgresql_where=there,
    )
