"""The worker's seat beside an SQLite file: a lock on a file of its own."""

import fcntl
from pathlib import Path
from typing import IO


class FileSeat:
    """Free as soon as its process is gone, however it went."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: IO[str] | None = None

    async def take(self) -> bool:
        if self._held is None:
            held: IO[str] = open(self._path, "w")  # noqa: SIM115
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.close()
                return False
            self._held = held
        return True

    async def leave(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
