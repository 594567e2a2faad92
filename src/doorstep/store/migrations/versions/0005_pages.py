"""What an account's pages look like, who may open one without its token, and pictures for them.

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
MEDIA_STATUSES = ("waiting", "kept", "failed")

FIGURES = {"media": "10000 1000 1", "ix_media_next_at": "1000 1000 10 1"}
"""For SQLite's planner, as in 0001."""


def upgrade() -> None:
    _accounts()
    _media()
    if op.get_bind().dialect.name == "sqlite":
        for index, figures in FIGURES.items():
            op.get_bind().exec_driver_sql(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('media', ?, ?)",
                (index, figures),
            )
    else:
        # As in 0003: one account may hold nearly all rows.
        op.execute("ALTER TABLE media ALTER COLUMN account_id SET (n_distinct = 1)")


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(name, text, nullable=nullable)


def _number(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _accounts() -> None:
    op.add_column("accounts", _text("logo_url", nullable=True))
    op.add_column("accounts", _text("colour", nullable=True))
    # In one statement, as SQLite adds a check only together with its column.
    collation = 'COLLATE "C"' if op.get_bind().dialect.name == "postgresql" else ""
    listed = ", ".join(f"'{value}'" for value in ORDER_LINKS)
    op.execute(
        f"ALTER TABLE accounts ADD COLUMN order_link TEXT {collation} DEFAULT 'ask' NOT NULL "
        f"CONSTRAINT ck_accounts_order_link CHECK (order_link IN ({listed}))"
    )


def _media() -> None:
    """Pictures by the SHA-256 of their URL; `content` in base64."""
    listed = ", ".join(f"'{value}'" for value in MEDIA_STATUSES)
    op.create_table(
        "media",
        _number("account_id"),
        _text("url_hash"),
        _text("url"),
        _text("status"),
        _number("tries"),
        # Empty once it is kept or was given up.
        _number("next_at", nullable=True),
        _number("fetched_at", nullable=True),
        _text("media_type", nullable=True),
        _text("content", nullable=True),
        sa.CheckConstraint(f"status IN ({listed})", name="ck_media_status"),
        sa.PrimaryKeyConstraint("account_id", "url_hash", name="pk_media"),
        sqlite_with_rowid=False,
    )
    there = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_media_next_at",
        "media",
        ["account_id", "next_at", "url_hash"],
        sqlite_where=there,
        postgresql_where=there,
    )
