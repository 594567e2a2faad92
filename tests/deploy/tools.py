"""What the tests of the committed files start: programs of Debian packages, on free ports."""

import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def tool(name: str) -> str:
    """Where a program is; the test is skipped without it, and fails on CI."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is not None:
        return found
    reason = f"{name.upper()} IS NOT INSTALLED: what needs it was not tried"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def replaced(text: str, replacements: Mapping[str, str]) -> str:
    """The text with other names, ports and paths; each must be there to be replaced."""
    for old, new in replacements.items():
        assert old in text, f"{old!r} is not in the committed file any more"
        text = text.replace(old, new)
    return text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def unit_lines(unit: str, key: str) -> list[str]:
    """What a committed unit of systemd gives a key, in order."""
    return re.findall(rf"^{key}=(.*)$", (DEPLOY / unit).read_text(), re.MULTILINE)


class Foreground:
    """A program that runs until it is stopped, and says on standard error when it is ready."""

    def __init__(self, command: list[str], home: Path, ready: str) -> None:
        self.process = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
        )
        self.log: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(ready,))
        self._reader.start()
        self._ready.wait()
        if self.process.poll() is not None:
            self.stop()
            raise AssertionError(f"{command[0]} did not start: {''.join(self.log)}")

    def _read(self, ready: str) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.log.append(line)
                if ready in line:
                    self._ready.set()
        self.process.wait()
        self._ready.set()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()
        self._reader.join()
