"""How quickly orders are created on a full database, beside an empty one."""

import multiprocessing
import random
import statistics
import time
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console

from benchmarks.load import Requests, load
from benchmarks.requests import order, request
from tests.conftest import Server
from tests.e2e.timed_pages import Http

CONNECTIONS = 64
LEAST_RATIO = 0.6


class Gap:
    """The longest time between two answers, measured where the next request is asked for."""

    def __init__(self) -> None:
        self._last, self._worst = (multiprocessing.RawValue("d", 0.0) for _ in range(2))

    def answered(self) -> None:
        at = time.perf_counter()
        if self._last.value:
            self._worst.value = max(self._worst.value, at - self._last.value)
        self._last.value = at

    @property
    def seconds(self) -> float:
        worst: float = self._worst.value
        return worst


def random_creations(token: str, seed: int, gap: Gap) -> Requests:
    """New orders whose ids fall anywhere among those that are there."""

    def of(connection: int) -> Iterator[bytes]:
        chance = random.Random(f"{seed}-{connection}")
        while True:
            gap.answered()
            yield request("POST", "/v2/order", token, order(f"{chance.getrandbits(64):016x}"))

    return of


class Compared(NamedTuple):
    """`ratio` of the medians, large to empty; `longest_gap` in seconds, on the large one."""

    ratio: float
    longest_gap: float


def compare(servers: dict[str, tuple[Server, str]], long: bool) -> Compared:
    """Servers by what their database is, `empty` or `large`, with an access key.

    In turn, so that whatever else the machine does slows both.
    """
    rates: dict[str, list[float]] = {name: [] for name in servers}
    gaps: dict[str, list[float]] = {name: [] for name in servers}
    for seed in range(7 if long else 1):
        for name, (server, key) in servers.items():
            web, gap = Http(server, key), Gap()
            web.close()
            wanted = random_creations(web.token, seed, gap)
            measured = load(web.port, CONNECTIONS, 10 if long else 1, wanted)
            assert measured.refused == 0
            rates[name].append(measured.per_second)
            gaps[name].append(gap.seconds)
    ratio = statistics.median(rates["large"]) / statistics.median(rates["empty"])
    for name, found in rates.items():
        Console(width=120).print(
            f"creates, {name}: {', '.join(f'{rate:,.0f}' for rate in found)} a second; "
            f"longest without an answer {max(gaps[name]) * 1_000:.0f} ms"
        )
    Console().print(f"large / empty: {ratio:.2f}")
    assert min(rates["large"]) > 0
    return Compared(ratio, max(gaps["large"]))
