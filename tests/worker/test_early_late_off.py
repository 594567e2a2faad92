"""Whether the watch was early, late or off, nobody can tell: same log, same answers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.store.places import SqliteFile
from doorstep.times import format_time
from doorstep.worker.deadlines import Watch
from tests.conftest import Api
from tests.databases import execute

HOUR = 3_600 * 1_000_000
DAYS = 1
EARLY, LATE, OFF = "early", "late", "off"
WHEN_RECORDED = {"updated_at", "recorded_at"}
OWN = {"id", "iri", "tracking_page_url", "carrier_tracking_url"}
"""What each database gives for itself."""

hours = st.integers(-30, 60)
steps = st.one_of(
    st.tuples(st.just("promise"), st.one_of(st.none(), hours)),
    st.tuples(st.just("ship"), st.sampled_from("PQ"), hours, st.booleans()),
    st.tuples(st.just("ship"), st.sampled_from("PQ"), hours, st.just(False)),
    st.tuples(st.just("delivered"), st.sampled_from("PQ"), st.integers(-30, 0)),
    st.tuples(st.just("report"), st.sampled_from(["paid", "cancelled", "returned"])),
    st.tuples(st.just("boarding"), st.booleans()),
)
pauses = st.tuples(st.sampled_from([1, 5, 13, 30]), st.booleans())
histories = st.lists(st.tuples(steps, st.lists(pauses, max_size=4)), min_size=1, max_size=5)
"""After each step the clock goes on, some times, by hours; the late watch is on time or not."""


class Told:
    """The same shop three times, on databases of its own, and when its watch looks."""

    def __init__(self, folder: Path) -> None:
        self.shops: dict[str, Api] = {}
        for mode in (EARLY, LATE, OFF):
            path = folder / f"{mode}.db"
            SqliteFile(path).prepare()
            self.shops[mode] = api = Api(f"sqlite:///{path}")
            assert api.put("/v2/account", {"untrackable_days": DAYS}).status_code == 200
        self.count = 0

    def watch(self, *modes: str) -> None:
        for mode in modes:
            api = self.shops[mode]
            watch = Watch(api.services)
            while api.run(watch.look()) <= api.clock.now:
                pass

    def step(self, after: int, is_late_on_time: bool) -> int:
        """Goes on by so many hours; the moment, which is the same in all of them."""
        moment = max(api.clock.now for api in self.shops.values())
        moment += after * HOUR + 1_000_000 - moment % 1_000_000
        for api in self.shops.values():
            api.clock.now = moment
            api.forget_tokens()
        self.watch(EARLY, *([LATE] if is_late_on_time else []))
        return moment

    def ask(self, method: str, path: str, body: Any = None) -> None:
        """The same of all three, and the same answer from each."""
        answers = [api.call(method, path, body) for api in self.shops.values()]
        assert len({answer.status_code for answer in answers}) == 1
        shown = [without_own(answer.json()) for answer in answers if answer.content]
        assert shown == shown[:1] * len(shown)

    def logs(self, order_id: str) -> list[list[tuple[str, int]]]:
        sql = "SELECT type, occurred_at / 1000 FROM events WHERE order_id = ? ORDER BY sequence"
        return [execute(api.database, sql, order_id) for api in self.shops.values()]


def without_own(shown: Any) -> Any:
    if isinstance(shown, list):
        return [without_own(part) for part in shown]
    if isinstance(shown, dict):
        left = shown.keys() - OWN - WHEN_RECORDED
        return {name: without_own(shown[name]) for name in sorted(left)}
    return shown


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    made = Told(tmp_path_factory.mktemp("three"))
    yield made
    for api in made.shops.values():
        api.close()


def request(step: tuple[Any, ...], name: str, moment: int) -> tuple[str, str, Any]:
    match step:
        case ("promise", at):
            promise = None if at is None else format_time(moment + at * HOUR)
            return "PUT", f"/v2/orders/{name}", {"promised_delivery_date": promise}
        case ("ship", code, at, trackable):
            pickup = format_time(moment + at * HOUR)
            parcel = {"tracking_code": f"{name}-{code}", "trackable": trackable}
            body = {"order_id": name, "planned_pickup_datetime": pickup, **parcel}
            return "POST", "/v2/shipments", body
        case ("delivered", code, at):
            said = {"status": "delivered", "datetime": format_time(moment + at * HOUR)}
            return "POST", "/v2/carrier_updates", {"tracking_code": f"{name}-{code}", **said}
        case ("report", state):
            return "POST", "/v2/order_states", {"order_id": name, "state": state}
    return "PUT", f"/v2/orders/{name}", {"boarding_complete": step[1]}


@settings(max_examples=15)
@given(histories, st.one_of(st.none(), hours))
def test_early_late_or_off_is_all_the_same(
    told: Told, history: list[tuple[Any, list[tuple[int, bool]]]], promised: int | None
) -> None:
    told.count += 1
    name = f"O-{told.count}"
    moment = told.step(0, False)
    given = (
        {}
        if promised is None
        else {"promised_delivery_date": format_time(moment + promised * HOUR)}
    )
    told.ask("POST", "/v2/order", {"order_id": name, **given})
    for step, waits in history:
        told.ask(*request(step, name, moment))
        for after, is_late_on_time in waits:
            moment = told.step(after, is_late_on_time)
            told.ask("GET", f"/v2/orders/{name}")
        told.ask("GET", f"/v2/orders?order_id={name}&delayed=true")
        told.ask("GET", f"/v2/orders?order_id={name}&state=completed")
    told.step(100, False)
    told.watch(LATE)
    told.ask("PUT", f"/v2/orders/{name}", {"language": "de"})
    early, late, off = told.logs(name)
    assert early == late == off
