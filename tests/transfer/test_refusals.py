"""What is damaged, does not fit or has no place is refused in one sentence."""

import json
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from doorstep.store.export import exporting
from doorstep.store.export.file import new_file
from doorstep.store.export.reader import UnusableExport
from doorstep.store.places import SqliteFile, place_of
from doorstep.store.postgres import schema as postgres_schema
from doorstep.store.schema import UnusableDatabase
from tests.conftest import Api, clean_environment
from tests.databases import Databases, Files
from tests.transfer.commands import export, import_, rows_in, run
from tests.transfer.killing import killed


def flipped(data: bytes) -> bytes:
    """One letter of one order's name."""
    return data.replace("Ö-1".encode(), "Ö-2".encode(), 1)


def changed_header(data: bytes, **changes: object) -> bytes:
    first, rest = data.split(b"\n", 1)
    return json.dumps({**json.loads(first), **changes}).encode() + b"\n" + rest


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda data: b"", "does not begin as an export"),
    "another file": (lambda data: b"\x00\xff\n" * 9, "does not begin as an export"),
    "another JSON": (lambda data: b'{"orders": []}\n', "does not begin as an export"),
    "newer format": (lambda data: changed_header(data, format=2), "format 2, this version reads"),
    "newer schema": (lambda data: changed_header(data, schema="9999"), "9999, which is newer"),
    "older schema": (lambda data: changed_header(data, schema="0002"), "0002, older than 0003"),
    "cut in a line": (lambda data: data[: len(data) // 2], "cut off or damaged after line"),
    "no end": (lambda data: data[: data.rindex(b'{"record":"end"')], "cut off or damaged after"),
    "a flipped byte": (flipped, "its checksum does not fit"),
    "a lost line": (lambda data: data.replace(data.splitlines(True)[5], b"", 1), "checksum"),
    "no JSON": (lambda data: data.replace(b'{"record":"orders"', b"{{", 1), "line 9 is damaged"),
    "a wrong type": (
        lambda data: data.replace(b'"last_sequence":', b'"last_sequence":"', 1),
        "line 4 is damaged",
    ),
    "an unknown column": (lambda data: data.replace(b'"slug":', b'"snail":', 1), "line 4 is"),
    "an unknown table": (lambda data: data.replace(b'"accounts",', b'"shops",', 1), "line 4 is"),
    "something behind": (lambda data: data + b"\n", "something follows line"),
    "a wrong count": (
        lambda data: data.replace(b'"end","rows":', b'"end","rows":1', 1),
        "checksum",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_file_is_refused_before_anything_is_written(
    exported: Path, sqlite_file: Path, tmp_path: Path, name: str, small_steps: None
) -> None:
    damage, said = DAMAGES[name]
    damaged = tmp_path / "damaged.ndjson"
    damaged.write_bytes(damage(exported.read_bytes()))
    before = sqlite_file.read_bytes()
    refused = run("import", str(damaged), "--database", f"sqlite:///{sqlite_file}")
    assert refused.code == 2
    assert refused.err.startswith(f"doorstep: {damaged} cannot be imported: ")
    assert said in refused.err
    assert refused.err.count("\n") == 1
    assert sqlite_file.read_bytes() == before


def test_a_damaged_pipe_leaves_what_nothing_takes_for_whole(
    exported: Path, sqlite_file: Path, tmp_path: Path
) -> None:
    copy = f"sqlite:///{sqlite_file}"
    damaged = flipped(exported.read_bytes())
    said = killed("never", "", "import", "-", "--database", copy, input=damaged)
    assert b"Standard input cannot be imported: it is damaged" in said.stderr
    assert said.returncode == 2
    for command in (["verify"], ["export", str(tmp_path / "part.ndjson")], ["serve"]):
        assert "only a part of an export" in run(*command, "--database", copy).err
    assert "or of a damaged one" in run("import", str(exported), "--database", copy).err


def written(file: Path, like: Path, lines: list[bytes]) -> Path:
    """An export that another program made of some lines of one."""
    with file.open("wb") as opened:
        lines_out = exporting.Lines(opened.write)
        header = json.loads(like.read_bytes().splitlines()[0])
        header["rows"] = {"installation": len(lines)}
        lines_out.write(json.dumps(header).encode() + b"\n")
        for line in lines:
            lines_out.write(line + b"\n")
        lines_out.end(len(lines))
    return file


def test_an_export_without_orders_need_not_name_them(
    exported: Path, sqlite_file: Path, tmp_path: Path
) -> None:
    lines = [line for line in rows_in(exported) if b'{"record":"installation"' in line]
    other = written(tmp_path / "other.ndjson", exported, lines)
    said = run("import", str(other), "--database", f"sqlite:///{sqlite_file}")
    assert said.out.startswith("0 orders of 0 accounts were imported"), said.err


def test_rows_that_do_not_fit_are_refused_with_their_lines(
    exported: Path, database: str, tmp_path: Path
) -> None:
    """A file that another program wrote, whole by its checksum."""
    lines = [line for line in rows_in(exported) if b'{"record":"accounts"' not in line]
    other = written(tmp_path / "other.ndjson", exported, lines)
    said = run("import", str(other), "--database", database)
    assert said.code == 2
    assert f"doorstep: {other} cannot be imported: the database refuses lines 2 to " in said.err
    assert "foreign key" in said.err.lower()


def test_only_an_empty_database_nobody_uses_is_imported_into(
    exported: Path,
    source: str,
    database: str,
    sqlite_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_schema, "SECONDS_TO_LEAVE", 0)
    assert "holds accounts already" in run("import", str(exported), "--database", source).err
    named = "" if database.startswith("sqlite") else "?application_name=shops"
    with closing(Api(database + named)):
        said = run("import", str(exported), "--database", database)
    if database.startswith("sqlite"):
        assert "holds accounts already" in said.err
    else:
        assert "Another doorstep uses" in said.err
    with SqliteFile(sqlite_file).serving():
        served = run("import", str(exported), "--database", f"sqlite:///{sqlite_file}")
    assert "Another doorstep is serving" in served.err
    assert "There is no database" in run("import", "x", "--database", "sqlite:////no/x.db").err


def test_nobody_begins_to_use_a_database_while_an_import_checks_its_file(
    postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_schema, "SECONDS_TO_LEAVE", 0)
    url = postgres_databases.new()
    with place_of(url).importing():
        assert "only a part of an export" in run("verify", "--database", url).err
        with pytest.raises(UnusableDatabase, match="Another doorstep uses"):
            place_of(url).importing().__enter__()
    assert run("verify", "--database", url).code == 0


def test_a_file_is_the_owners_and_never_overwritten(source: str, tmp_path: Path) -> None:
    file = export(source, tmp_path / "export.ndjson.gz")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    assert "never overwrites" in run("export", str(file), "--database", source).err
    missing = run("export", str(tmp_path / "no" / "x.ndjson"), "--database", source)
    assert missing.err.endswith("cannot be written: No such file or directory.\n")
    assert "no such option" in run("export", "--datab", "--database", source).err


def test_two_exports_into_one_file_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "export.ndjson"
    with new_file(target) as write:
        write(b"first")
        with pytest.raises(UnusableExport, match="another export"), new_file(target):
            pass
        assert not target.exists()
    assert target.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_packed_export_that_was_cut_off_is_refused(
    source: str, sqlite_file: Path, tmp_path: Path
) -> None:
    file = export(source, tmp_path / "export.ndjson.gz")
    import_(file, f"sqlite:///{sqlite_file}")
    file.write_bytes(file.read_bytes()[:-20])
    said = run("import", str(file), "--database", f"sqlite:///{sqlite_file}")
    assert "cut off or damaged after line" in said.err


def test_what_cannot_be_written_is_not_called_exported(files: Files) -> None:
    """Little enough to stay in the buffer until the end."""
    command = [sys.executable, "-m", "doorstep.cli", "export", "-", "--database", files.new()]
    with open("/dev/full", "wb") as full:
        said = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=clean_environment()
        )
    assert (said.returncode, said.stderr) == (2, "doorstep: No space left on device.\n")
