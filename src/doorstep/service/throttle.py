"""Counting what fails, so that nobody can go on guessing."""

import time
from collections import OrderedDict
from ipaddress import AddressValueError, IPv6Address, IPv6Network

MOST_KEPT = 10_000
PREFIX_OF_ONE = 64
"""What an IPv6 client is given at least: it has more addresses in it than anybody can count."""


def whose(address: str) -> str:
    """The name that all addresses of one client have."""
    try:
        parsed = IPv6Address(address)
    except AddressValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((int(parsed), PREFIX_OF_ONE), strict=False))


class Throttle:
    """Counts failed attempts by a name, such as an address, in this process.

    A name that never fails is never in it. Those of too many failures are kept apart, so that
    nobody's count is pushed out by names that fail once each.
    """

    def __init__(self, most_failures: int, within_seconds: float) -> None:
        self._most = most_failures
        self._within = within_seconds
        self._few: OrderedDict[str, list[float]] = OrderedDict()
        self._many: OrderedDict[str, list[float]] = OrderedDict()

    def failed(self, name: str) -> int | None:
        """Notes a failure; the seconds to wait, where there were too many."""
        now = time.monotonic()
        recent = [*self._recent(name, now), now][-self._most - 1 :]
        self._few.pop(name, None)
        self._many.pop(name, None)
        kept = self._few if len(recent) < self._most else self._many
        kept[name] = recent
        if len(kept) > MOST_KEPT:
            kept.popitem(last=False)
        return None if len(recent) <= self._most else self._wait(recent[0], now)

    def succeeded(self, name: str) -> None:
        """Takes back the newest failure: an attempt that was counted before its outcome."""
        if kept := self._kept(name):
            kept.pop()

    def seconds_to_wait(self, name: str) -> int | None:
        """Before the next attempt may be made, where as many have failed as may."""
        now = time.monotonic()
        recent = self._recent(name, now)
        return None if len(recent) < self._most else self._wait(recent[-self._most], now)

    def _recent(self, name: str, now: float) -> list[float]:
        return [at for at in self._kept(name) if now - at < self._within]

    def _kept(self, name: str) -> list[float]:
        return self._many.get(name) or self._few.get(name) or []

    def _wait(self, since: float, now: float) -> int:
        return int(self._within - (now - since)) + 1
