"""`doorstep serve` as a process of its own, on a database of its own."""

import contextlib
import json
import os
import re
import subprocess
import sys

import httpx
import psutil

RUN = (sys.executable, "-m", "doorstep.cli")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and those that it has started and that still run."""
    process = psutil.Process(pid)
    taken = 0.0
    for one in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            taken += times.user + times.system
    return taken


def environment() -> dict[str, str]:
    """Without the settings of whoever measures."""
    return {name: text for name, text in os.environ.items() if name[:9] != "DOORSTEP_"}


class Server:
    """Serves an account of its own in a database; `token` is one of its tokens."""

    def __init__(self, database: str, processes: int = 1, *options: str, **environ: str) -> None:
        where = ("--database", database)
        serve = ("serve", "--port", "0", "--log-level", "warning", "--processes", str(processes))
        environ = {**environment(), **environ}
        made = subprocess.run(
            [*RUN, "account", "create", "Bench", "--json", *where],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=environ,
        )
        self.process = subprocess.Popen(
            [*RUN, *serve, *options, *where],
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        assert self.process.stdout is not None
        found = re.search(r"127\.0\.0\.1:(\d+)", self.process.stdout.readline())
        assert found is not None
        self.port = int(found[1])
        key = {"access_key": json.loads(made.stdout)["access_key"]}
        answer = httpx.post(f"http://127.0.0.1:{self.port}/v2/token", json=key)
        self.token: str = answer.json()["token"]

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        return cpu_seconds(self.process.pid)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
