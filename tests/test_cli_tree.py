"""What a call of `doorstep` imports, and what its help lists."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import doorstep

IMPORTED = """
import sys
from doorstep.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted({"doorstep.app", "aiohttp", "httpx"} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [["version"], ["migrate"], ["config"], ["verify"], ["account", "list"], ["key", "list", "1"]],
    ids=" ".join,
)
def test_what_serves_nothing_imports_no_server(words: list[str], sqlite_file: Path) -> None:
    """That makes most of a second, of each call."""
    database = [] if words == ["version"] else ["--database", f"sqlite:///{sqlite_file}"]
    run = [sys.executable, "-c", IMPORTED, *words, *database]
    assert subprocess.run(run, capture_output=True, text=True).stderr.splitlines()[-1] == ""


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ([], ["serve Serve the API until told to stop.", "account Accounts: one for each shop."]),
        (["account"], ["list List the accounts.", "set Change an account's settings."]),
    ],
    ids=["doorstep", "doorstep account"],
)
def test_help_says_what_each_command_does(words: list[str], lines: list[str]) -> None:
    listed = doorstep(*words, "--help").stdout.splitlines()
    assert set(lines) <= {" ".join(line.strip("│ ").split()) for line in listed}
