"""What an account's pages look like, and who may open one without its token.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ORDER_LINKS = ("ask", "open", "off")


def upgrade() -> None:
    for name in ("logo_url", "colour"):
        text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
        op.add_column("accounts", sa.Column(name, text, nullable=True))
    # In one statement, as SQLite adds a check only together with its column.
    collation = 'COLLATE "C"' if op.get_bind().dialect.name == "postgresql" else ""
    listed = ", ".join(f"'{value}'" for value in ORDER_LINKS)
    op.execute(
        f"ALTER TABLE accounts ADD COLUMN order_link TEXT {collation} DEFAULT 'ask' NOT NULL "
        f"CONSTRAINT ck_accounts_order_link CHECK (order_link IN ({listed}))"
    )
