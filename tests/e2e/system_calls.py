"""A running process's system calls, watched or made to fail with strace."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.e2e.required import require, require_strace


@contextmanager
def traced(pid: int, *options: str) -> Iterator[None]:
    """Has strace with its options attached to all threads of a process."""
    require_strace()
    tracer = subprocess.Popen(
        ["strace", "-f", *options, "-p", str(pid)], stderr=subprocess.PIPE, text=True
    )
    assert tracer.stderr is not None
    with tracer, tracer.stderr:
        said = tracer.stderr.readline()
        require(" attached" in said, f"strace of a running process ({said.strip()})")
        try:
            yield
        finally:
            tracer.send_signal(signal.SIGINT)


@contextmanager
def failing(pid: int, call: str, error: str, path: Path | None = None) -> Iterator[None]:
    """Has a process's system calls of a name fail meanwhile, all of them or those on a file."""
    options = [f"--inject={call}:error={error}", "--output=/dev/null"]
    with traced(pid, *options, *(() if path is None else (f"--trace-path={path}",))):
        yield


class SystemCall(NamedTuple):
    """A call with what it was given as text; `began` and `ended` order all calls of a process."""

    name: str
    given: str
    began: int
    ended: int


CALL = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
UNFINISHED = " <unfinished ...>"


def read_trace(path: Path) -> list[SystemCall]:
    """The calls that returned, as they did; a call that another thread interrupted is joined."""
    calls: list[SystemCall] = []
    unfinished: dict[str, tuple[int, str]] = {}
    for moment, line in enumerate(path.read_text(errors="replace").splitlines()):
        found = CALL.match(line)
        if found is None:
            continue
        thread, resumed, name, given = found.groups()
        if given.endswith(UNFINISHED):
            unfinished[thread] = (moment, given)
            continue
        began, before = unfinished.pop(thread) if resumed else (moment, "")
        calls.append(SystemCall(resumed or name, before + given, began, moment))
    return calls
