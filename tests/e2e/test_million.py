"""A million orders (`make million`; the suite builds fewer): listings, creates, memory.

The short form holds what no busy machine changes: the answers against a plain filter in Python,
the memory, and that all of it works. The long form holds the figures too.
"""

import asyncio
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from rich.console import Console

from doorstep import opening
from doorstep.clock import now
from doorstep.config import load as load_settings
from doorstep.domain.order import SECOND, Instant
from doorstep.domain.states import SHIPMENT_STATUSES
from doorstep.service import access, accounts
from doorstep.store.places import SqliteFile
from doorstep.store.sqlite.database import connect
from doorstep.times import format_time
from tests.conftest import Server, clean_environment, progress
from tests.e2e.creation_rates import LEAST_RATIO, compare
from tests.e2e.large_database import CARRIERS, build
from tests.e2e.listing_questions import (
    RANKS,
    SORTS,
    Ask,
    Sample,
    path_after,
    path_of,
    rows_of,
    sample_of,
)
from tests.e2e.timed_pages import Http, Timed, report, time_pages

MEGABYTE = 1_000_000
ONE_FILTER_MILLISECONDS = 50
OTHERWISE_MILLISECONDS = 200
MOST_MEMORY = 500 * MEGABYTE
MOST_STALL_SECONDS = 0.25
MOST_LISTED = 50_000


class Large(NamedTuple):
    """A filled database; `until` is the moment up to which its orders have lived."""

    path: Path
    key: str
    orders: int
    until: Instant


def new_account(path: Path) -> str:
    """The access key of the first account in a database that is made here."""

    async def make() -> str:
        settings = load_settings({"database": f"sqlite:///{path}"}, environ={})
        SqliteFile(path).prepare()
        async with opening.open_store(settings) as store:
            account = await accounts.create_account(store, "Shop", now())
            return (await access.create_access_key(store, account.account_id, "full", now()))[1]

    return asyncio.run(make())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, long: bool) -> Iterator[Large]:
    path = tmp_path_factory.mktemp("million") / "doorstep.db"
    key, until, orders = new_account(path), now(), 1_000_000 if long else 10_000
    with progress(f"writing {orders:,} orders", orders) as done:
        build(path, 1, orders, until, done)
    yield Large(path, key, orders, until)
    # A few gigabytes, which pytest would keep for three runs.
    path.unlink()


@pytest.fixture(scope="module")
def server(large: Large) -> Iterator[Server]:
    started = Server(large.path)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def sample(large: Large) -> Sample:
    return sample_of(large.path)


@pytest.fixture
def web(server: Server, large: Large) -> Iterator[Http]:
    opened = Http(server, large.key)
    yield opened
    opened.close()


def test_verify_finds_nothing(large: Large) -> None:
    checked = subprocess.run(
        [
            *(sys.executable, "-m", "doorstep.cli", "verify", "--json"),
            *("--database", f"sqlite:///{large.path}"),
        ],
        capture_output=True,
        text=True,
        env=clean_environment(),
    )
    said = json.loads(checked.stdout)
    assert said["faults"] == []
    assert said["orders"] >= large.orders


def test_listings_say_what_a_plain_filter_says(web: Http, large: Large, sample: Sample) -> None:
    """One filter, two and three, by every sort; of a million orders fewer questions."""
    rows = rows_of(large.path)
    chance = random.Random(2)
    ask = Ask(large.until, sample, chance)
    for round_number in range(8 if large.orders > 100_000 else 90):
        count = 1 + round_number % 3
        asked = [ask.filters[name]() for name in chance.sample([*ask.filters], count)]
        sort, backwards = chance.choice(SORTS), chance.random() < 0.5
        order = f"order[{sort}]={'desc' if backwards else 'asc'}"
        path = path_of(*(query for query, _ in asked), order, "limit=100")
        status, following, body = web.get(path)
        if status == 400 and large.orders > MOST_LISTED:
            continue
        assert status == 200, body
        fitting = [row for row in rows if all(fits(row) for _, fits in asked)]
        expected = sorted(fitting, key=RANKS[sort], reverse=backwards)
        assert [line["id"] for line in json.loads(body)] == [row.number for row in expected[:100]]
        assert (following is not None) == (len(expected) > 100)


def test_any_one_filter_is_quick(web: Http, large: Large, sample: Sample, long: bool) -> None:
    """Default order, a hundred on a page: the first, after 10,000 entries, from anywhere on."""
    ask = Ask(large.until, sample, random.Random(3))
    timed = {}
    with progress("one filter", len(ask.filters)) as done:
        for name, make in ask.filters.items():
            timed[name] = Timed([], 0)
            for _ in range(50 if long else 3):
                query = make()[0]
                timed[name] = time_pages(web, path_of(query, "limit=100"), timed[name])
                deep = path_of(query, "limit=100", "offset=10000")
                timed[name] = time_pages(web, deep, timed[name])
                anywhere = path_after(query, ask.chance.choice(sample.numbers))
                timed[name] = time_pages(web, anywhere, timed[name])
            done(1)
    report("One filter, default order, limit 100", timed)
    assert all(one.refused == 0 for one in timed.values())
    if long:
        assert {n: t.p99 for n, t in timed.items() if t.p99 >= ONE_FILTER_MILLISECONDS} == {}


def test_any_one_filter_of_shipments_is_quick(
    web: Http, large: Large, sample: Sample, long: bool
) -> None:
    chance = random.Random(4)
    filters: dict[str, Callable[[], str]] = {
        "order_id": lambda: chance.choice(sample.order_ids),
        "tracking_code": lambda: chance.choice(sample.codes),
        "reference_number": lambda: f"R-{chance.choice(sample.numbers)}",
        "status": lambda: chance.choice([*SHIPMENT_STATUSES]),
        "carrier": lambda: chance.choice(CARRIERS),
    }
    timed = {}
    for name, make in filters.items():
        timed[name] = Timed([], 0)
        for _ in range(100 if long else 3):
            path = path_of(f"{name}={make()}", "limit=100", resource="shipments")
            timed[name] = time_pages(web, path, timed[name])
    report("Shipments: one filter, default order, limit 100", timed)
    assert all(one.refused == 0 for one in timed.values())
    if long:
        assert {n: t.p99 for n, t in timed.items() if t.p99 >= ONE_FILTER_MILLISECONDS} == {}


def test_pairs_of_filters_and_sorts_are_quick_or_refused(
    web: Http, large: Large, sample: Sample, long: bool
) -> None:
    """Every pair of filters, and every filter by every other sort."""
    ask = Ask(large.until, sample, random.Random(5))
    timed: dict[str, Timed] = {}
    pairs = list(itertools.combinations(ask.filters, 2))
    with progress("two filters", len(pairs)) as done:
        for names in pairs if long else pairs[::5]:
            one = Timed([], 0)
            for _ in range(5 if long else 1):
                query = [ask.filters[name]()[0] for name in names]
                one = time_pages(web, path_of(*query, "limit=100"), one)
            timed[" & ".join(names)] = one
            done(1)
    for (name, make), sort, way in itertools.product(
        ask.filters.items(), SORTS[1:], ("asc", "desc")
    ):
        one = Timed([], 0)
        for _ in range(5 if long else 1):
            one = time_pages(web, path_of(make()[0], f"order[{sort}]={way}", "limit=100"), one)
        timed[f"{name} by {sort} {way}"] = one
    slowest = sorted(timed.items(), key=lambda line: -max(line[1].milliseconds))
    report("Two filters, and one by another sort: the 20 slowest", dict(slowest[:20]))
    every = Timed(
        *(
            [ms for one in timed.values() for ms in one.milliseconds],
            sum(one.refused for one in timed.values()),
        )
    )
    report("All of them", {"together": every})
    if long:
        assert max(every.milliseconds) < OTHERWISE_MILLISECONDS


def memory_of(server: Server) -> tuple[int, int]:
    """The process's memory now and at most, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    kilobytes = [int(found[name].split()[0]) for name in ("VmRSS", "VmHWM")]
    return kilobytes[0] * 1_024, kilobytes[1] * 1_024


def test_everything_without_paging_keeps_memory_small(
    web: Http, server: Server, large: Large
) -> None:
    """Some 50,000 matches (the short form has fewer), each whole, in one answer."""
    connection = connect(large.path, readonly=True)
    most = min(MOST_LISTED, large.orders // 2)
    ((created_at,),) = connection.execute(
        "SELECT created_at FROM orders WHERE account_id = 1 ORDER BY created_at LIMIT 1 OFFSET ?",
        (most - 1,),
    )
    before = created_at - created_at % SECOND
    ((expected,),) = connection.execute(
        "SELECT count(*) FROM orders WHERE account_id = 1 AND created_at <= ?", (before,)
    )
    connection.close()
    began = time.perf_counter()
    status, _, body = web.get(path_of(f"created_at[before]={format_time(before)}"))
    seconds = time.perf_counter() - began
    assert status == 200, body
    assert len(json.loads(body)) == expected
    now_used, most_used = memory_of(server)
    Console().print(
        f"{expected:,} orders in one answer: {len(body) / MEGABYTE:.0f} MB in {seconds:.1f} s; "
        f"memory {now_used / MEGABYTE:.0f} MB, at most {most_used / MEGABYTE:.0f} MB"
    )
    assert most_used < MOST_MEMORY


def test_creates_stay_as_quick_as_on_an_empty_database(
    server: Server, large: Large, tmp_path: Path, long: bool
) -> None:
    """In turn, so that whatever else the machine does slows both."""
    empty = tmp_path / "empty.db"
    key = new_account(empty)
    other = Server(empty)
    try:
        found = compare({"empty": (other, key), "large": (server, large.key)}, long)
    finally:
        other.stop()
    if long:
        assert found.ratio >= LEAST_RATIO
        assert found.longest_gap < MOST_STALL_SECONDS
