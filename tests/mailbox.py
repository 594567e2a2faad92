"""A mail server of a test's own: what it was sent, and what it saw."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeAlias

from tests.postgres import free_port

Line: TypeAlias = dict[str, Any]

SECONDS_TO_WAIT = 60


class Mailbox:
    """A process of `tests/smtp_server.py`, which may be killed and started again on its port.

    `lines` is all that its processes told; each life begins with a line `started`.
    """

    def __init__(self, folder: Path, plan: Sequence[str] = ("take",)) -> None:
        self.folder = folder
        self.folder.mkdir(exist_ok=True)
        self.lines: list[Line] = []
        self.port = free_port()
        self._changed = threading.Condition()
        self.start(plan)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self, plan: Sequence[str] = ("take",)) -> None:
        command = [sys.executable, "-m", "tests.smtp_server", str(self.folder), str(self.port)]
        self.process = subprocess.Popen([*command, ",".join(plan)], stdout=subprocess.PIPE)
        lives = self.count("started") + 1
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait(lambda: self.count("started") == lives)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for text in self.process.stdout:
            with self._changed:
                self.lines.append(json.loads(text))
                self._changed.notify_all()

    def count(self, what: str) -> int:
        return sum(line["what"] == what for line in self.lines)

    def wait(self, until: Callable[[], bool]) -> None:
        """Until what it told makes something true; looks whenever it tells more."""
        with self._changed:
            assert self._changed.wait_for(until, SECONDS_TO_WAIT), self.lines[-20:]

    def wait_for(self, kept: int) -> list[EmailMessage]:
        """The messages, once there are so many."""
        self.wait(lambda: self.count("kept") >= kept)
        return self.messages()

    def messages(self) -> list[EmailMessage]:
        """The oldest first."""
        files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [message for message in read if isinstance(message, EmailMessage)]

    def empty(self) -> None:
        for file in self.folder.iterdir():
            file.unlink()
        with self._changed:
            self.lines.clear()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def __enter__(self) -> "Mailbox":
        return self

    def __exit__(self, *raised: object) -> None:
        self.kill()
