"""Counting what fails, so that nobody can go on guessing."""

import time
from collections import OrderedDict

MOST_KEPT = 10_000


class Throttle:
    """Counts failed attempts by a name, such as an address, in this process.

    A name that never fails is never in it.
    """

    def __init__(self, most_failures: int, within_seconds: float) -> None:
        self._most = most_failures
        self._within = within_seconds
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def failed(self, name: str) -> int | None:
        """Notes a failure; the seconds to wait, where there were too many."""
        now = time.monotonic()
        recent = [*self._recent(name, now), now][-self._most - 1 :]
        self._failures.pop(name, None)
        self._failures[name] = recent
        if len(self._failures) > MOST_KEPT:
            self._failures.popitem(last=False)
        return None if len(recent) <= self._most else self._wait(recent[0], now)

    def succeeded(self, name: str) -> None:
        """Takes back the newest failure: an attempt that was counted before its outcome."""
        if self._failures.get(name):
            self._failures[name].pop()

    def seconds_to_wait(self, name: str) -> int | None:
        """Before the next attempt may be made, where as many have failed as may."""
        now = time.monotonic()
        recent = self._recent(name, now)
        return None if len(recent) < self._most else self._wait(recent[-self._most], now)

    def _recent(self, name: str, now: float) -> list[float]:
        return [at for at in self._failures.get(name, ()) if now - at < self._within]

    def _wait(self, since: float, now: float) -> int:
        return int(self._within - (now - since)) + 1
