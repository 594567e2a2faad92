"""docs/export.md: its commands move a database, its tables and lines are those of the code."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec

from doorstep.store.export.records import RECORDS, AccountRecord, End, Header, table_of
from tests.conftest import clean_environment
from tests.databases import Files, execute
from tests.transfer.commands import contents

PAGE = (Path(__file__).parents[2] / "docs/export.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_table_of_tables_is_that_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (`.+) \|$", PAGE, re.MULTILINE)
    assert [(table, tuple(re.findall(r"\w+", key))) for table, key in rows] == [
        (table_of(record), record.key) for record in RECORDS
    ]


def test_the_lines_that_are_shown_are_lines_of_an_export() -> None:
    for line, kind in zip(blocks("json"), (Header, AccountRecord, End), strict=True):
        shown = msgspec.json.decode(line, type=kind, strict=True)
        assert msgspec.json.encode(shown).decode() == line.strip()


def test_columns_that_hold_json_are_named(source: str) -> None:
    found = set()
    for record in RECORDS:
        for column in msgspec.structs.fields(record):
            told = execute(source, f"SELECT {column.name} FROM {table_of(record)}")
            if any(str(value).startswith(("{", "[")) for (value,) in told):
                found.add(column.name)
    named = PAGE.split("The columns `fields`")[1].split("hold")[0].split("are text")[0]
    assert found == {"fields", *re.findall(r"`(\w+)`", named)}


def test_a_database_moves_by_the_commands_of_the_page(
    source: str, files: Files, tmp_path: Path
) -> None:
    copy = files.new()
    (steps,) = blocks("sh")
    folder = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**clean_environment(), "PATH": folder, "OLD": source, "NEW": copy}
    said = subprocess.run(
        ["sh", "-euc", steps], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith(" 0 faults\n")
    assert contents(copy) == contents(source)


def test_the_program_of_the_page_reads_an_export(exported: Path) -> None:
    (program,) = blocks("python")
    said = subprocess.run(
        [sys.executable, "-c", program, str(exported)], capture_output=True, text=True, timeout=60
    )
    assert json.loads(said.stdout.replace("'", '"')) == {"shipped": 1}, said.stderr
