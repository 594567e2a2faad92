"""Exports to begin with."""

from contextlib import closing
from pathlib import Path

import pytest

from doorstep.store.export import exporting
from doorstep.store.export import reader as export_reader
from tests.conftest import Api
from tests.databases import Databases, Files
from tests.transfer.commands import export
from tests.transfer.filling import fill_every_table


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that some rows already are many pages and batches."""
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(export_reader, "LINES_AT_ONCE", 7)


@pytest.fixture
def source(files: Files) -> str:
    url = files.new()
    with closing(Api(url)) as api:
        fill_every_table(api)
    return url


@pytest.fixture
def exported(source: str, tmp_path: Path) -> Path:
    return export(source, tmp_path / "export.ndjson")


@pytest.fixture
def database(databases: Files | Databases) -> str:
    """One of its own: an import refuses what somebody is connected to, such as other tests."""
    return databases.new()
