"""Getting a database ready: who may touch its schema, and when."""

from pathlib import Path

import pytest

from doorstep.store.places import SqliteFile
from doorstep.store.schema import UnusableDatabase


def test_no_command_changes_the_schema_under_a_running_server(tmp_path: Path) -> None:
    path = tmp_path / "doorstep.db"
    with SqliteFile(path).serving():
        path.unlink()
        with pytest.raises(UnusableDatabase, match="Another doorstep is serving"):
            SqliteFile(path).prepare()
    assert not path.exists()


def test_a_current_database_is_used_beside_the_server(sqlite_file: Path) -> None:
    with SqliteFile(sqlite_file).serving():
        SqliteFile(sqlite_file).prepare()


def test_a_lock_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "doorstep.db.lock").mkdir()
    with pytest.raises(UnusableDatabase, match=r"cannot be used: Is a directory\.$"):
        SqliteFile(tmp_path / "doorstep.db").prepare()
