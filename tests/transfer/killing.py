"""Commands that are killed at a chosen moment."""

import signal
import subprocess
import sys
from typing import Any

from tests.conftest import clean_environment

SIGKILLED = -signal.SIGKILL

KILLED = """
import os, signal, sys
from doorstep import cli
from doorstep.store.export import reader as export_reader
from doorstep.store.export import exporting
from doorstep.store.export.exporting import Lines
from doorstep.store.store import Store

what, moment, *arguments = sys.argv[1:]
export_reader.LINES_AT_ONCE = 3
exporting.ROWS_AT_ONCE = 2
calls = 0

def at_its_moment(name):
    global calls
    calls += name != "after"
    if moment == f"{name} {calls}":
        os.kill(os.getpid(), signal.SIGKILL)

commit = Store._commit
async def killed_commit(self):
    at_its_moment("before")
    await commit(self)
    at_its_moment("after")

add = Lines.add
def killed_add(self, lines):
    at_its_moment("before")
    add(self, lines)

def killed_flush(descriptor):
    at_its_moment("before")

if what == "commits":
    Store._commit = killed_commit
elif what == "lines":
    Lines.add = killed_add
elif what == "flush":
    os.fsync = killed_flush
cli.main(arguments)
"""


def killed(
    what: str, moment: str, *arguments: str, **options: Any
) -> "subprocess.CompletedProcess[bytes]":
    """A command that is killed before or after one of its commits, lines or flushes."""
    command = [sys.executable, "-c", KILLED, what, moment, *arguments]
    environ = clean_environment()
    return subprocess.run(command, env=environ, capture_output=True, timeout=60, **options)
