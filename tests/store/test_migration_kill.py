"""A schema change that is killed leaves the old database or the new one, and never anything else.

Starts from nothing and from the first revision, through all there are and one that is made here.
In the long form (`make kill-test`) at many more moments.
"""

import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from doorstep.store import schema
from doorstep.store.sqlite import schema as sqlite_schema
from tests.conftest import clean_environment, progress
from tests.e2e.required import require_strace

SEED = 3
FIRST, NEXT = "0001", "9000"
MOMENTS, MOMENTS_IN_SUITE = 60, 2
ORDERS, ORDERS_IN_SUITE = 3_000, 200
WRITING = ("pwrite64", "write", "fsync", "fdatasync", "rename", "unlink", "ftruncate")

NEXT_REVISION = f"""
from alembic import op

revision, down_revision = "{NEXT}", "{schema.NEWEST}"

def upgrade():
    op.execute("ALTER TABLE orders ADD COLUMN note TEXT")
    op.execute("UPDATE orders SET note = 'noted ' || order_id")
    op.execute("CREATE INDEX ix_orders_note ON orders (account_id, note, order_number)")
    op.execute("CREATE TABLE notes AS SELECT order_number, note FROM orders")
"""

UPGRADE = """
import sys
from pathlib import Path
from doorstep.store import schema
from doorstep.store.sqlite import schema as sqlite_schema
schema.MIGRATIONS, schema.NEWEST = Path(sys.argv[1]), sys.argv[2]
sqlite_schema.bring_up_to_date(Path(sys.argv[3]))
"""

FILL = """
INSERT INTO accounts VALUES (1, 'Shop', 'shop', 'UTC', 'en', NULL, {orders}, 0);
CREATE TEMP TABLE numbers AS
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {orders})
    SELECT n, 700000000000000 + n AS number FROM numbers;
INSERT INTO orders SELECT 1, number, 'A-' || n, 'new', n, NULL, 'de', NULL, NULL, NULL, 'T-' || n,
    'hash', NULL, NULL, NULL, n, n FROM numbers;
INSERT INTO order_tags SELECT 1, number, 'shop', 'S-' || (n % 50) FROM numbers;
INSERT INTO order_states SELECT 1, number, 1, 'new', n, NULL FROM numbers;
INSERT INTO order_items SELECT 1, number, number + 100000, 'new', '{{"sku": "A"}}' FROM numbers;
INSERT INTO events SELECT 1, n, number, 'A-' || n, 'order.created', n, n, '{{}}' FROM numbers;
"""


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    """The migrations that there are, and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{NEXT}_next.py").write_text(NEXT_REVISION)
    return folder


@pytest.fixture(params=["nothing", FIRST])
def old(
    request: pytest.FixtureRequest, tmp_path: Path, long: bool, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A database of the first revision that was in use, or a place where there is none."""
    path = tmp_path / "old" / "doorstep.db"
    path.parent.mkdir()
    if request.param == FIRST:
        only_first = tmp_path / "first"
        shutil.copytree(schema.MIGRATIONS, only_first, ignore=shutil.ignore_patterns("000[2-9]*"))
        with monkeypatch.context() as patch:
            patch.setattr(schema, "MIGRATIONS", only_first)
            patch.setattr(schema, "NEWEST", FIRST)
            sqlite_schema.bring_up_to_date(path)
        with closing(sqlite3.connect(path)) as filling:
            filling.execute("PRAGMA journal_mode = WAL")
            filling.executescript(FILL.format(orders=ORDERS if long else ORDERS_IN_SUITE))
            filling.commit()
    return path


def content(path: Path) -> list[str] | None:
    """All that a database says, checked for damage; None where there is no schema."""
    if sqlite_schema.revision_of(path) is None:
        return None
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return list(database.iterdump())


def moments(trace: Path, chance: Random, most: int) -> list[tuple[str, int]]:
    """Some of the writing calls of a whole run: each by its name and how many came before."""
    calls = Counter(line.split("(")[0] for line in trace.read_text().splitlines() if "(" in line)
    every = [(name, n) for name in WRITING for n in range(1, calls[name] + 1)]
    return chance.sample(every, min(most, len(every)))


def test_a_killed_migration_leaves_the_old_or_the_new(
    old: Path, migrations: Path, tmp_path: Path, long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_strace()
    trace = tmp_path / "trace"

    def upgrade_traced(path: Path, *options: str) -> int:
        strace = ["strace", "--quiet=all", f"--output={trace}", f"--trace={','.join(WRITING)}"]
        python = [sys.executable, "-c", UPGRADE, str(migrations), NEXT, str(path)]
        environ = {**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run([*strace, *options, *python], env=environ, timeout=60).returncode

    def copy_of_old(name: str) -> Path:
        return Path(shutil.copytree(old.parent, tmp_path / name)) / old.name

    whole = copy_of_old("whole")
    assert upgrade_traced(whole) == 0
    before, after = content(old), content(whole)
    assert after is not None
    assert after != before
    monkeypatch.setattr(schema, "MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "NEWEST", NEXT)
    chosen = moments(trace, Random(SEED), MOMENTS if long else MOMENTS_IN_SUITE)
    with progress("Killing", len(chosen)) as advance:
        for call, n in chosen:
            path = copy_of_old(f"{call}-{n}")
            assert upgrade_traced(path, f"--inject={call}:signal=KILL:when={n}") != 0
            assert content(path) in (before, after), f"killed at {call} {n}"
            for copy in path.parent.glob(f"*-from-{FIRST}"):
                assert content(copy) == before, f"killed at {call} {n}"
            sqlite_schema.bring_up_to_date(path)
            assert content(path) == after, f"killed at {call} {n}"
            advance(1)
