"""The schema: its migrations, its checks, and old, new and foreign databases."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from doorstep.domain.states import ITEM_STATUSES, ORDER_STATES, SHIPMENT_STATUSES
from doorstep.service.access import SCOPES
from doorstep.service.account_pages import ORDER_LINKS
from doorstep.store import schema
from doorstep.store.rows import NEVER
from doorstep.store.schema import UnusableDatabase
from doorstep.store.sqlite import schema as sqlite_schema
from doorstep.store.sqlite.database import connect
from doorstep.store.sqlite.schema import revision_of
from tests.conftest import Api, doorstep
from tests.databases import execute


@pytest.fixture
def connection(sqlite_file: Path) -> Iterator[apsw.Connection]:
    with closing(connect(sqlite_file)) as opened:
        yield opened


def tables(connection: apsw.Connection) -> dict[str, str]:
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'")
    return {name: sql for name, sql in rows if not name.startswith(("sqlite_", "alembic_"))}


def test_the_newest_revision_is_the_migrations_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.NEWEST


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("orders", "state", ORDER_STATES),
        ("order_states", "state", ORDER_STATES),
        ("order_items", "status", ITEM_STATUSES),
        ("shipments", "status", tuple(SHIPMENT_STATUSES)),
        ("carrier_updates", "status", tuple(SHIPMENT_STATUSES)),
        ("access_keys", "scope", SCOPES),
        ("accounts", "order_link", ORDER_LINKS),
    ],
)
def test_the_checks_repeat_the_lists_of_the_code(
    connection: apsw.Connection, table: str, column: str, values: tuple[str, ...]
) -> None:
    found = re.search(
        rf"ck_{table}_{column} CHECK \({column} IN \((.*?)\)\)", tables(connection)[table]
    )
    assert found is not None
    assert sorted(re.findall(r"'(\w+)'", found[1])) == sorted(values)


def test_every_primary_key_begins_with_the_account(connection: apsw.Connection) -> None:
    for table in tables(connection).keys() - {"installation"}:
        keys = [
            (position, name)
            for _, name, _, _, _, position in connection.execute(f"PRAGMA table_info({table})")
            if position
        ]
        assert min(keys)[1] == "account_id", table


def test_a_connection_is_durable_and_keeps_references(connection: apsw.Connection) -> None:
    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("foreign_keys") == 1
    with pytest.raises(apsw.ConstraintError, match="FOREIGN KEY"):
        connection.execute(
            "INSERT INTO order_states VALUES (1, 2, 1, 'new', 0, NULL)",
        )


def test_an_old_database_is_copied_before_it_is_brought_up_to_date(
    sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next revision is played: this code's own, under another name."""
    with closing(sqlite3.connect(sqlite_file)) as old:
        old.execute("UPDATE accounts SET name = name")
        old.commit()
    newest = schema.NEWEST
    monkeypatch.setattr(schema, "NEWEST", "9999")
    upgraded: list[Path] = []
    monkeypatch.setattr(schema, "upgrade", upgraded.append)
    copy = sqlite_schema.bring_up_to_date(sqlite_file)
    assert copy is not None
    assert len(upgraded) == 1
    assert revision_of(Path(copy)) == newest


def test_a_newer_database_is_refused_and_left_alone(sqlite_file: Path) -> None:
    with closing(sqlite3.connect(sqlite_file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    before = sqlite_file.read_bytes()
    with pytest.raises(UnusableDatabase, match="9999, which is newer than this version"):
        sqlite_schema.bring_up_to_date(sqlite_file)
    assert sqlite_file.read_bytes() == before


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
    with pytest.raises(UnusableDatabase, match="not one of doorstep's"):
        sqlite_schema.bring_up_to_date(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk " * 200)
    with pytest.raises(UnusableDatabase, match="is not a SQLite database"):
        sqlite_schema.bring_up_to_date(path)


def test_a_failed_upgrade_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "doorstep.db"
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    for file in (*schema.MIGRATIONS.glob("*.*"), *schema.MIGRATIONS.glob("versions/*.py")):
        copied = versions.parent / file.relative_to(schema.MIGRATIONS)
        copied.write_bytes(file.read_bytes())
    good = (schema.MIGRATIONS / "versions" / "0001_orders.py").read_text()
    (versions / "0001_orders.py").write_text(good + "\n    raise RuntimeError('torn')\n")
    monkeypatch.setattr(schema, "MIGRATIONS", versions.parent)
    with pytest.raises(RuntimeError, match="torn"):
        sqlite_schema.bring_up_to_date(path)
    assert revision_of(path) is None
    (versions / "0001_orders.py").write_text(good)
    sqlite_schema.bring_up_to_date(path)
    assert revision_of(path) == schema.NEWEST


BACK_TO_0001 = f"""
DROP INDEX ix_shipments_order_carrier;
DROP INDEX ix_recipients_contact_name;
DROP INDEX ix_recipients_contact_email;
ALTER TABLE recipients DROP COLUMN contact_name;
ALTER TABLE recipients DROP COLUMN contact_email;
ALTER TABLE access_keys DROP COLUMN last_used_at;
DROP TABLE media;
ALTER TABLE accounts DROP COLUMN logo_url;
ALTER TABLE accounts DROP COLUMN colour;
ALTER TABLE accounts DROP COLUMN order_link;
DROP TABLE mail_cursors;
DROP TABLE mails;
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_cursors;
DROP TABLE webhook_secrets;
DROP TABLE webhook_endpoints;
DROP INDEX ix_orders_late_after;
ALTER TABLE orders DROP COLUMN late_after;
ALTER TABLE accounts DROP COLUMN mail_events;
ALTER TABLE accounts DROP COLUMN retention_days;
DROP TABLE order_blocks;
DROP INDEX ix_orders_promised_by;
DROP INDEX ix_orders_delayed_from;
DROP INDEX ix_orders_block_order_date;
DROP INDEX ix_orders_block_promised_by;
DROP INDEX ix_orders_block_delayed_from;
DROP INDEX ix_shipments_delivery_assumed_from;
ALTER TABLE orders DROP COLUMN promised_by;
ALTER TABLE shipments DROP COLUMN delivery_assumed_from;
UPDATE orders SET delayed_from = NULL WHERE delayed_from = {NEVER};
CREATE INDEX ix_orders_promised_delivery_date
    ON orders (account_id, promised_delivery_date, order_number)
    WHERE promised_delivery_date IS NOT NULL;
CREATE INDEX ix_orders_delayed_from ON orders (account_id, delayed_from, order_number)
    WHERE delayed_from IS NOT NULL;
DELETE FROM sqlite_stat1 WHERE idx IN
    ('ix_orders_promised_by', 'ix_shipments_delivery_assumed_from', 'order_blocks',
    'ix_orders_block_order_date', 'ix_orders_block_promised_by', 'ix_orders_block_delayed_from');
UPDATE alembic_version SET version_num = '0001';
"""


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(connect(path, readonly=True)) as connection:
        return {
            table: sorted(connection.execute(f"SELECT {', '.join(names)} FROM {table}"), key=repr)
            for table in tables(connection)
            for names in [sorted(r[1] for r in connection.execute(f"PRAGMA table_info({table})"))]
        }


def test_rows_of_revision_0001_become_those_that_this_version_writes(
    sqlite_api: Api, sqlite_file: Path
) -> None:
    """The old schema is played by taking from the new one what later ones add."""
    sqlite_api.order("A", promised_delivery_date="2027-01-01", order_date="2026-01-01T00:00:00Z")
    sqlite_api.put("/v2/orders/A", {"recipient": {"last_name": "Groß", "email": "A@x.example"}})
    sqlite_api.order("D", recipient={"first_name": "Anna"})
    sqlite_api.delete("/v2/orders/D")
    sqlite_api.order("B", order_date="2027-03-01T00:00:00Z")
    parcel = {"trackable": False, "planned_pickup_datetime": "2027-01-20T12:00:00Z"}
    sqlite_api.shipment("B", tracking_code="T-1", recipient_last_name="Li", **parcel)
    sqlite_api.shipment("B", tracking_code="T-2", **parcel)
    sqlite_api.update(tracking_code="T-2", status="delivered")
    sqlite_api.shipment("B", tracking_code="T-3", **{**parcel, "trackable": True})
    sqlite_api.order("C")
    sqlite_api.post("/v2/order_states", {"order_id": "C", "state": "cancelled"})
    # Nothing that an older version had could tell it.
    execute(sqlite_api.database, "UPDATE access_keys SET last_used_at = NULL")
    written = contents(sqlite_file)
    with closing(sqlite3.connect(sqlite_file)) as old:
        old.executescript(BACK_TO_0001)
    assert sqlite_schema.bring_up_to_date(sqlite_file) is not None
    assert contents(sqlite_file) == written
    assert json.loads(
        doorstep("verify", "--json", "--database", f"sqlite:///{sqlite_file}").stdout
    ) == {
        "orders": 4,
        "faults": [],
    }
