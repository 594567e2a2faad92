"""The image's process, run without an engine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.deploy.dockerfile import ENVIRON, value_of, words_of
from tests.deploy.image import INSTALLED, SECONDS_FOR_A_STEP, sandbox

SECONDS_TO_STOP = 10
"""After which an engine that was told nothing else kills; docs/operations.md promises less."""


class Container:
    """The image, run with a folder as its volume until it is stopped.

    `secrets` are the folders that are mounted to be read, by their paths inside.
    """

    def __init__(
        self,
        installed: Path,
        data: Path,
        port: int,
        environ: Mapping[str, str] = {},
        secrets: Mapping[str, Path] = {},
    ) -> None:
        mounts = {INSTALLED: ("--ro-bind", installed), value_of("VOLUME"): ("--bind", data)}
        mounts |= {inside: ("--ro-bind", outside) for inside, outside in secrets.items()}
        variables = ENVIRON | environ | {"DOORSTEP_PORT": str(port)}
        self._box = sandbox(mounts, variables, value_of("WORKDIR"))
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[str] | None = None

    def execute(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command beside the server's process, as an engine's `exec` starts it."""
        return subprocess.run(
            [*self._box, *command], capture_output=True, text=True, timeout=SECONDS_FOR_A_STEP
        )

    def health(self) -> int:
        """The exit code of the image's own check."""
        return self.execute(*words_of("HEALTHCHECK")).returncode

    def start(self) -> None:
        read, write = os.pipe()
        command = [*self._box[:1], "--info-fd", str(write), *self._box[1:]]
        self._process = subprocess.Popen(
            [*command, *words_of("ENTRYPOINT"), *words_of("CMD")],
            pass_fds=[write],
            stdout=subprocess.PIPE,
            text=True,
        )
        os.close(write)
        with open(read) as info:
            self._pid: int = json.load(info)["child-pid"]
        assert self._process.stdout is not None
        assert " serves " in self._process.stdout.readline()

    def written_outside(self) -> list[Path]:
        """What there is in the only place besides the volume where it may write."""
        root = Path(f"/proc/{self._pid}/root")
        # A checkout below /tmp has its interpreter there, which the sandbox shows as it is.
        shown = root.joinpath(*Path(sys.prefix).parts[1:])
        return [
            path
            for path in root.joinpath("tmp").rglob("*")
            if not path.is_relative_to(shown) and not shown.is_relative_to(path)
        ]

    def stop(self) -> int:
        """Sends the image's signal and returns the exit code."""
        assert self._process is not None
        os.kill(self._pid, signal.Signals[value_of("STOPSIGNAL")])
        self._process.communicate(timeout=SECONDS_TO_STOP)
        return self._process.returncode

    def close(self) -> None:
        """Ends what still runs, by force."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
