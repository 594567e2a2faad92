"""`doorstep serve` as a process of its own, on a database of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
RUN = (sys.executable, "-m", "doorstep.cli")


class Server:
    """Serves an account of its own; `token` is one of its tokens."""

    def __init__(self, directory: Path) -> None:
        self.database = directory / "doorstep.db"
        where = ("--database", f"sqlite:///{self.database}")
        # The settings of whoever measures are not the benchmark's.
        environ = {name: text for name, text in os.environ.items() if name[:9] != "DOORSTEP_"}
        made = subprocess.run(
            [*RUN, "account", "create", "Bench", "--json", *where],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env=environ,
        )
        self.process = subprocess.Popen(
            [*RUN, "serve", "--port", "0", "--log-level", "warning", *where],
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
        """User and system time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
