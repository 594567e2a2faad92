"""Webhooks through `kill -9` of server, worker and receiver: none lost, none made up, in order.

In the long form (`make kill-test`) 50,160 events and 60 kills.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import httpx

from tests.conftest import new_access_key, progress
from tests.databases import Databases, Files, execute
from tests.e2e.hook_receiver import FORGED
from tests.e2e.hooked_site import Site
from tests.e2e.promises import verify

ORDERS, ORDERS_IN_SUITE = 4_560, 456
EVENTS_OF_AN_ORDER = 11
KILLS, KILLS_IN_SUITE = 60, 3
CLIENTS = 4
ORDERS_AT_ONCE = 19
MOST_SECONDS, MOST_SECONDS_IN_SUITE = 1_800, 60
SECONDS_BETWEEN_LOOKS = 0.05
WAY = ("hub_scan", "out_for_delivery", "delivered")


class Shop:
    """Posts each thing again until it was answered, whichever server answers."""

    def __init__(self, site: Site, access_key: str) -> None:
        self._site = site
        self._key = {"access_key": access_key}
        self._http = httpx.Client(timeout=5)
        self._signed_in_at = ""

    def live(self, names: list[str]) -> None:
        """EVENTS_OF_AN_ORDER events of each."""
        with self._http:
            for first in range(0, len(names), ORDERS_AT_ONCE):
                some = names[first : first + ORDERS_AT_ONCE]
                for name in some:
                    self.post("/v2/shipments", {"order": {"order_id": name}, "tracking_code": name})
                for hour, status in enumerate(WAY, 10):
                    moment = {"status": status, "datetime": f"2026-01-20T{hour}:00:00Z"}
                    self.post("/v2/carrier_updates", [{"tracking_code": n, **moment} for n in some])

    def post(self, path: str, body: object) -> None:
        until = time.monotonic() + MOST_SECONDS_IN_SUITE
        while time.monotonic() < until:
            url = self._site.server.url
            try:
                if self._signed_in_at != url:
                    token = self._http.post(f"{url}/v2/token", json=self._key).json()["token"]
                    self._http.headers["Authorization"] = f"Bearer {token}"
                    self._signed_in_at = url
                answer = self._http.post(url + path, json=body)
                if answer.status_code != 503:
                    answer.raise_for_status()
                    return
            except httpx.TransportError:
                pass
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise AssertionError(f"nobody answers {path}")


def kill_on(site: Site, progressed: Callable[[], float], kills: int, chance: Random) -> list[str]:
    """Kills one after the other, each at another share of the work; what was killed."""
    killed = []
    for share in sorted(chance.uniform(0.02, 0.95) for _ in range(kills)):
        while progressed() < share:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        name = ("worker", "receiver", "server")[len(killed) % 3]
        # Not to wait for anything: to meet it at any of its steps.
        time.sleep(chance.uniform(0, SECONDS_BETWEEN_LOOKS))
        getattr(site, f"kill_{name}")()
        killed.append(name)
    return killed


def test_every_event_arrives_in_its_orders_order(
    databases: Files | Databases, tmp_path: Path, long: bool, seed: int
) -> None:
    database = databases.new()
    access_key = new_access_key(database)
    orders, kills = (ORDERS, KILLS) if long else (ORDERS_IN_SUITE, KILLS_IN_SUITE)
    events = orders * EVENTS_OF_AN_ORDER
    site = Site(database, tmp_path, seed)
    try:
        until = time.monotonic() + (MOST_SECONDS if long else MOST_SECONDS_IN_SUITE)
        with progress("Delivering", events) as advance:
            run(site, access_key, events, kills, Random(seed), until, advance)
        check(site, events)
    finally:
        site.stop()
    verify(database)


def run(
    site: Site,
    access_key: str,
    events: int,
    kills: int,
    chance: Random,
    until: float,
    advance: Callable[[float], None],
) -> None:
    """Until everything was taken, or time is up."""
    count = 0
    with ThreadPoolExecutor(CLIENTS + 1) as threads:
        names = [f"O-{number}" for number in range(events // EVENTS_OF_AN_ORDER)]
        seen: set[str] = set()
        running = [
            threads.submit(Shop(site, access_key).live, names[first::CLIENTS])
            for first in range(CLIENTS)
        ]
        killing = threads.submit(kill_on, site, lambda: count / events, kills, chance)
        try:
            while count < events and time.monotonic() < until:
                seen.update(webhook_id for webhook_id, _ in site.newly_taken())
                advance(len(seen) - count)
                count = len(seen)
                time.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            # Nobody waits for progress that does not come any more.
            count = events
        for each in running:
            each.result()
        assert len(killing.result()) == kills


def check(site: Site, events: int) -> None:
    site.newly_taken()
    taken = site.taken
    assert [line for line in taken if line[0] == FORGED] == []
    once = list(dict.fromkeys(webhook_id for webhook_id, _ in taken))
    log = "SELECT sequence, order_number FROM events ORDER BY sequence"
    orders = {f"evt_1_{sequence}": number for sequence, number in execute(site.database, log)}
    assert len(orders) == events
    assert set(once) == set(orders)
    in_log: dict[int, list[str]] = {}
    in_receiver: dict[int, list[str]] = {}
    for webhook_id, number in orders.items():
        in_log.setdefault(number, []).append(webhook_id)
    for webhook_id in once:
        in_receiver.setdefault(orders[webhook_id], []).append(webhook_id)
    assert in_receiver == in_log
    attempts = execute(site.database, "SELECT count(*) FROM webhook_attempts")[0][0]
    print(f"{events} events taken, {len(taken) - events} more than once; {attempts} attempts")
