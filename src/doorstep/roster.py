"""Which processes serve: memory that their parent writes and all of them read."""

import mmap
import os

BYTES = 8


class Roster:
    """Made before the processes are forked. Each has a place, counted from 0."""

    def __init__(self, places: int) -> None:
        self._pids = memoryview(mmap.mmap(-1, places * BYTES)).cast("q")
        self._deaths = memoryview(mmap.mmap(-1, BYTES)).cast("q")

    @classmethod
    def alone(cls) -> "Roster":
        """This process serves, and no other."""
        made = cls(1)
        made.enter(0, os.getpid())
        return made

    def enter(self, place: int, pid: int) -> None:
        self._pids[place] = pid

    def leave(self, place: int) -> None:
        self._pids[place] = 0

    def note_death(self) -> None:
        self._deaths[0] += 1

    @property
    def pids(self) -> list[int]:
        return [pid for pid in self._pids if pid]

    @property
    def deaths(self) -> int:
        """How often one ended that was to go on."""
        return self._deaths[0]
