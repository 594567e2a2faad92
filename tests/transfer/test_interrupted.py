"""Killed in the middle, an import goes on and an export leaves nothing."""

from pathlib import Path

import pytest

from tests.databases import Databases, Files
from tests.transfer.commands import assert_verified, contents, export, import_, rows_in, run
from tests.transfer.killing import SIGKILLED, killed


def count(database: str) -> int:
    return sum(map(len, contents(database).values()))


def test_an_import_that_is_killed_goes_on(
    databases: Files | Databases, source: str, exported: Path, tmp_path: Path, long: bool
) -> None:
    """Killed before anything is there, then each time a batch or two further."""
    copy = databases.new()
    importing = ["import", str(exported), "--database", copy]
    assert killed("commits", "before 1", *importing).returncode == SIGKILLED
    reached = count(copy)
    assert run("account", "list", "--json", "--database", copy).out == "[]\n"
    for moment in ["after 1", "before 2"] * (3 if long else 1):
        assert killed("commits", moment, *importing).returncode == SIGKILLED
        assert reached < count(copy) < len(rows_in(exported))
        reached = count(copy)
        refused = run("account", "list", "--database", copy)
        assert "holds only a part of an export" in refused.err
    another = export(source, tmp_path / "another.ndjson")
    said = run("import", str(another), "--database", copy)
    assert "holds a part of another export" in said.err
    import_(exported, copy)
    assert rows_in(export(copy, tmp_path / "again.ndjson")) == rows_in(exported)
    assert_verified(copy)


@pytest.mark.parametrize(("what", "moment"), [("lines", "before 9"), ("flush", "before 1")])
def test_an_export_that_is_killed_leaves_no_file(
    source: str, tmp_path: Path, what: str, moment: str
) -> None:
    file = tmp_path / "export.ndjson"
    assert killed(what, moment, "export", str(file), "--database", source).returncode == SIGKILLED
    assert not file.exists()
    export(source, file)
    assert {path.name for path in tmp_path.iterdir()} == {file.name}
