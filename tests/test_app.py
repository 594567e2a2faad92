"""Putting things together: who may touch the database's schema, and when."""

from pathlib import Path

import pytest

from doorstep import app


def test_no_command_changes_the_schema_under_a_running_server(tmp_path: Path) -> None:
    path = tmp_path / "doorstep.db"
    with app.only_writer(path), pytest.raises(app.StartError, match="Another doorstep is serving"):
        app.prepare_database(path)
    assert not path.exists()


def test_a_current_database_is_used_beside_the_server(database: Path) -> None:
    with app.only_writer(database):
        app.prepare_database(database)


def test_a_lock_that_cannot_be_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "doorstep.db.lock").mkdir()
    with pytest.raises(app.StartError, match=r"cannot be used: Is a directory\.$"):
        app.prepare_database(tmp_path / "doorstep.db")
