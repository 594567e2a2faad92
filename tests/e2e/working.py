"""A real `doorstep worker` process."""

import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType

from tests.conftest import clean_environment, url_of


class WorkerProcess:
    """`url` is where its figures are, "" without a port."""

    def __init__(self, database: Path | str, *options: str) -> None:
        command = [sys.executable, "-m", "doorstep.cli", "worker", "--database", url_of(database)]
        self.process = subprocess.Popen(
            [*command, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean_environment(),
        )
        self.log: list[str] = []
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        line = self.wait_for(" works for ")
        self.url = line.split("are at ")[1].split("/metrics")[0] if "are at " in line else ""

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._grown:
                self.log.append(line)
                self._grown.notify_all()
        with self._grown:
            self.log.append("")
            self._grown.notify_all()

    def wait_for(self, words: str) -> str:
        """The first line of its log with these words."""
        with self._grown:
            while not (found := [line for line in self.log if words in line]):
                assert self.log[-1:] != [""], f"ended without: {words}\n{''.join(self.log)}"
                self._grown.wait()
            return found[0]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it, if it still runs, and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def __enter__(self) -> "WorkerProcess":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()
