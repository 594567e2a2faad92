"""A server, the worker and a receiver, each a process of its own that can be killed at any time."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

from doorstep.service.webhooks.signing import new_secret
from tests.conftest import Server, clean_environment, url_of
from tests.e2e.hook_receiver import SECRET
from tests.webhook_endpoints import insert_endpoint

RETRY_SECONDS = ",".join(["0.05", "0.1", "0.2", *["0.5"] * 60])
"""So many that nothing is given up, however often somebody is killed."""

ENVIRON = {
    "DOORSTEP_RETRY_SECONDS": RETRY_SECONDS,
    "DOORSTEP_WEBHOOK_SECONDS": "1",
    "DOORSTEP_WEBHOOK_ALLOW_NETWORKS": "127.0.0.0/8",
}


class Site:
    """One account with one endpoint. A killed process is started again at once."""

    def __init__(self, database: Path | str, folder: Path, seed: int) -> None:
        self.database = url_of(database)
        self._taken_path = folder / "taken"
        self._taken_path.touch()
        self._taken_file = self._taken_path.open("rb")
        self._rest = b""
        self.taken: list[tuple[str, str]] = []
        """(webhook-id, the event's subject) in the order in which the receiver took them."""
        self._log = (folder / "log").open("ab")
        self._seed = seed
        self._secret = new_secret("v1")
        self._port = free_port()
        insert_endpoint(self.database, 1, f"http://127.0.0.1:{self._port}/", self._secret)
        self.server = self._start_server()
        self.worker = self._start_worker()
        self.receiver = self._start_receiver()

    def _start_server(self) -> Server:
        return Server(self.database, "--no-worker")

    def _start_worker(self) -> "subprocess.Popen[bytes]":
        work = [sys.executable, "-m", "doorstep.cli", "worker", "--database", self.database]
        return self._start(work, ENVIRON)

    def _start_receiver(self) -> "subprocess.Popen[bytes]":
        module = [sys.executable, "-m", "tests.e2e.hook_receiver"]
        options = [str(self._port), str(self._taken_path), str(self._seed)]
        return self._start([*module, *options], {SECRET: self._secret})

    def _start(self, command: list[str], environ: dict[str, str]) -> "subprocess.Popen[bytes]":
        environ = {**clean_environment(), **environ}
        return subprocess.Popen(command, env=environ, stdout=self._log, stderr=self._log)

    def kill_server(self) -> None:
        self.server.stop(signal.SIGKILL)
        self.server = self._start_server()

    def kill_worker(self) -> None:
        self._kill(self.worker)
        self.worker = self._start_worker()

    def kill_receiver(self) -> None:
        self._kill(self.receiver)
        self.receiver = self._start_receiver()

    def _kill(self, process: "subprocess.Popen[bytes]") -> None:
        process.kill()
        process.wait()

    def newly_taken(self) -> list[tuple[str, str]]:
        """What has come to `taken` since the last time."""
        # The last line may be cut off by a kill: the receiver had not said that it took it.
        *lines, rest = (self._rest + self._taken_file.read()).split(b"\n")
        self._rest = rest
        found: list[tuple[str, str]] = [tuple(json.loads(line)) for line in lines]
        self.taken += found
        return found

    def stop(self) -> None:
        self.server.stop(signal.SIGKILL)
        self._kill(self.worker)
        self._kill(self.receiver)
        self._log.close()
        self._taken_file.close()


def free_port() -> int:
    """Not used again by the system for others so soon; the receiver comes back to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
