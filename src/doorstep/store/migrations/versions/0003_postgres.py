"""What only PostgreSQL needs: ids of groups, its planner's figures, no crowd at an account's row.

Revision ID: 0003
Revises: 0002

An SQLite database has one writing process, which ends where it does not know what was committed;
and its planner got its figures in 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = {
    "orders": {"state": 100, "language": 100},
    "shipments": {"status": 100, "carrier": 100},
    "order_tags": {"tag": 2, "value": 5},
}

WRITTEN_BY_ALL = (
    "orders",
    "recipients",
    "events",
    "idempotency_keys",
    "early_carrier_updates",
    "order_blocks",
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _commit_groups()
        _figures()
        _no_references_to_accounts()


def _commit_groups() -> None:
    # The account is that of the group's first member; no reference, which would cost a look-up.
    op.create_table(
        "commit_groups",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("group_id", sa.Text(collation="C"), nullable=False),
        sa.Column("is_committed", sa.Boolean, nullable=False),
        sa.Column("times_settled", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("account_id", "group_id", name="pk_commit_groups"),
    )


def _figures() -> None:
    """Statements are planned once, for every account and every value.

    An account may hold nearly all rows, though others hold few; and what is asked for may be rare,
    though nearly all rows have the same word: so no index is walked by the account alone.
    """
    for table in sa.inspect(op.get_bind()).get_table_names():
        columns = {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
        figures = {"account_id": 1} | dict.fromkeys(WORDS.get(table, ()), 100)
        for column in figures.keys() & columns:
            op.execute(
                f"ALTER TABLE {table} ALTER COLUMN {column} SET (n_distinct = {figures[column]})"
            )


def _no_references_to_accounts() -> None:
    """Every row would lock its account's row, together with all who write for it.

    The server keeps a list of who shares a lock, on disk: creates took a third longer. An account
    is never deleted, and its number comes from a key or a row of its own.
    """
    for table in WRITTEN_BY_ALL:
        op.drop_constraint(f"fk_{table}_account", table)
