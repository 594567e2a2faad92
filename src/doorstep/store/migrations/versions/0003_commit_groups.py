"""On PostgreSQL: the ids of the last groups, by which the fate of a lost commit is found out.

Revision ID: 0003
Revises: 0002

An SQLite database has one writing process, which ends where it does not know what was committed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    # The account is that of the group's first member; no reference, which would cost a look-up.
    op.create_table(
        "commit_groups",
        sa.Column("account_id", sa.BigInteger, nullable=False),
        sa.Column("group_id", sa.Text(collation="C"), nullable=False),
        sa.Column("is_committed", sa.Boolean, nullable=False),
        sa.Column("times_settled", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("account_id", "group_id", name="pk_commit_groups"),
    )
