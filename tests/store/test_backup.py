"""Backups of a database that is being written."""

from contextlib import closing
from pathlib import Path

import pytest

from doorstep.store.sqlite.database import connect
from doorstep.store.sqlite.file import backup


def test_a_backup_ends_though_others_go_on_writing(
    sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit between every two steps: the copy is of one moment and does not begin again."""
    monkeypatch.setattr("doorstep.store.sqlite.file.PAGES_AT_ONCE", 1)
    steps: list[int] = []
    with closing(connect(sqlite_file)) as writer:

        def write(done: int, total: int) -> None:
            steps.append(done)
            assert len(steps) <= 10 * total, "the copy begins again at every commit"
            writer.execute("INSERT INTO installation VALUES (?, 'x')", (f"step {len(steps)}",))

        backup(sqlite_file, tmp_path / "copy.db", write)
    with closing(connect(tmp_path / "copy.db", readonly=True)) as copy:
        names = [row[0] for row in copy.execute("SELECT name FROM installation")]
    assert names == ["next_number"]
