"""A small disk: a file system in memory that only some processes see, and that can be full."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import clean_environment
from tests.e2e.required import require

BLOCK = b"x" * 4096
FILLER = "filler"


class SmallDisk:
    """Mounted at `folder`, for programs that are run by `inside`; gone when its holder ends."""

    def __init__(self, folder: Path, holder: int) -> None:
        self.folder = folder
        self.inside = (
            *("nsenter", "--target", str(holder), "--user", "--mount"),
            *("--preserve-credentials", "--"),
        )
        # The same folder for those outside.
        self._seen = Path(f"/proc/{holder}/root{folder}")

    def run(self, *program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.inside, *program],
            capture_output=True,
            text=True,
            env=clean_environment(),
            timeout=60,
        )

    def take_in(self, file: Path) -> None:
        shutil.copy(file, self._seen)

    def fill(self) -> None:
        """Writes until nothing more can be written."""
        with (self._seen / FILLER).open("ab", buffering=0) as filler:
            while True:
                try:
                    filler.write(BLOCK)
                except OSError:
                    return

    def make_room(self) -> None:
        (self._seen / FILLER).unlink()

    def grow(self, size: str) -> None:
        grown = self.run("mount", "-o", f"remount,size={size}", str(self.folder))
        assert grown.returncode == 0, grown.stderr


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[SmallDisk]:
    """A disk of a size such as `4m`, in a mount namespace of its own."""
    folder.mkdir()
    hold = f'mount -t tmpfs -o size={size} doorstep "$0" && echo mounted && exec cat'
    with subprocess.Popen(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", hold, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        said = holder.stdout.readline().strip()
        require(said == "mounted", f"a mount in a namespace of its own ({said})")
        # Leaving closes the holder's input, which ends it.
        yield SmallDisk(folder, holder.pid)
