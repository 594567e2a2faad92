"""docs/lifecycle.md is what docs/make_lifecycle.py makes of the tables that decide."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from doorstep.domain.states import BY_ITSELF, ORDER_STATES, REPORTABLE, SHIPMENT_STATUSES

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def generator():
    spec = spec_from_file_location("make_lifecycle", DOCS / "make_lifecycle.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(generator):
    stored = (DOCS / "lifecycle.md").read_text(encoding="utf-8")
    assert stored == generator.page(), "Make it anew: python docs/make_lifecycle.py"


def test_the_diagram_has_an_arrow_for_every_move(generator):
    arrows = {line.split(":")[0].strip() for line in generator.diagram().splitlines()}
    for state in ORDER_STATES:
        for after in REPORTABLE[state] | BY_ITSELF[state]:
            start, end = generator._box(state), generator._box(after)
            assert start == end or f"{start} --> {end}" in arrows


def test_the_tables_have_a_row_for_every_state_and_status(generator):
    for state in ORDER_STATES:
        assert f"| **{state}** |" in generator.reports_table()
    for row in SHIPMENT_STATUSES.values():
        assert f"| {row.status} | {row.label} |" in generator.statuses_table()


def test_a_table_that_changes_changes_the_page(generator, monkeypatch):
    before = generator.page()
    monkeypatch.setitem(REPORTABLE, "cancelled", frozenset())
    assert generator.page() != before
    monkeypatch.setitem(BY_ITSELF, "cancelled", frozenset())
    assert "cancelled --> refunded" not in generator.page()


def test_the_command_writes_the_page(tmp_path):
    copy = tmp_path / "make_lifecycle.py"
    copy.write_bytes((DOCS / "make_lifecycle.py").read_bytes())
    subprocess.run([sys.executable, copy], check=True, capture_output=True)
    assert (tmp_path / "lifecycle.md").read_bytes() == (DOCS / "lifecycle.md").read_bytes()
