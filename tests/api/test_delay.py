"""The delayed mark over HTTP (API, section 6): no read ever shows a stale one."""

from typing import Any

import pytest

from doorstep.domain.order import SECOND
from tests.conftest import START, Api

PROMISE = "2027-01-16T08:00:00Z"
PROMISED_AT = START + 86_400 * SECOND


def mark(api: Api) -> tuple[bool, str | None]:
    """The mark that every way of reading shows; they have to agree."""
    shown = set()
    before = api.clock.now
    for path in (
        "/v2/orders/ORD-1",
        "/v2/orders",
        "/v2/orders?limit=5",
        "/v2/orders?order_id=ORD-1",
        "/v2/orders?order_by=promised_delivery_date",
        "/v2/orders?delayed=true",
        "/v2/orders?delayed=false",
        "/v2/orders?delayed=true&limit=10",
    ):
        api.clock.now = before
        body = api.get(path).json()
        for order in body if isinstance(body, list) else [body]:
            shown.add((order["delayed"], order["delayed_at"]))
        if "delayed=" in path:
            found = len(body) == 1
            shown_mark = next(iter(shown))[0]
            assert found == (shown_mark == ("delayed=true" in path)), path
    api.clock.now = before
    (only,) = shown
    return only


def look_at(api: Api, moment: int) -> None:
    """Moves the clock so that the next request is served at this very moment.

    A request looks at the clock for its token first, and then for the answer.
    """
    api.token()
    api.clock.now = moment - 2


def report(api: Api, state: str) -> None:
    body = {"order_id": "ORD-1", "state": state}
    assert api.post("/v2/order_states", body).status_code == 201


class TestByTheClock:
    @pytest.mark.parametrize(
        ("moment", "delayed"),
        [
            (PROMISED_AT - 1_000 * SECOND, False),
            (PROMISED_AT - 1, False),
            (PROMISED_AT, False),
            (PROMISED_AT + 1, True),
            (PROMISED_AT + 10**9 * SECOND, True),
        ],
    )
    def test_one_order_and_the_filter_to_the_microsecond(
        self, api: Api, moment: int, delayed: bool
    ) -> None:
        api.order(promised_delivery_date=PROMISE)
        api.clock.now = moment - 100
        api.forget_tokens()
        look_at(api, moment)
        assert api.get("/v2/orders/ORD-1").json()["delayed"] is delayed
        look_at(api, moment)
        page = api.get("/v2/orders?limit=10").json()
        assert [order["delayed"] for order in page] == [delayed]
        for wanted in (True, False):
            look_at(api, moment)
            path = f"/v2/orders?limit=10&delayed={str(wanted).lower()}"
            assert len(api.get(path).json()) == (wanted is delayed)

    @pytest.mark.parametrize(
        "state", ["new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped"]
    )
    def test_in_every_open_state(self, api: Api, state: str) -> None:
        api.order(promised_delivery_date=PROMISE)
        if state == "shipped":
            api.shipment(tracking_code="T-1")
        elif state != "new":
            report(api, state)
        assert mark(api) == (False, None)
        api.clock.advance(days=1, seconds=1)
        api.forget_tokens()
        assert mark(api) == (True, PROMISE)

    def test_without_promise_never(self, api: Api) -> None:
        api.order()
        api.clock.advance(days=10_000)
        api.forget_tokens()
        assert mark(api) == (False, None)

    @pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York"])
    def test_a_bare_date_is_the_end_of_that_day_where_the_shop_is(
        self, api: Api, zone: str
    ) -> None:
        api.put("/v2/account", {"time_zone": zone})
        body = api.order(promised_delivery_date="2027-01-16")
        hour = {"Europe/Vienna": "2027-01-16T22", "America/New_York": "2027-01-17T04"}[zone]
        assert body["promised_delivery_date"] == f"{hour}:59:59Z"

    @pytest.mark.parametrize(
        ("promise", "expected"),
        [
            ("2027-01-20T00:00:00Z", (False, None)),
            (None, (False, None)),
            ("2027-01-15T12:00:00Z", (True, "2027-01-15T12:00:00Z")),
        ],
    )
    def test_follows_a_promise_that_is_moved_or_cleared(
        self, api: Api, promise: str | None, expected: tuple[bool, str | None]
    ) -> None:
        api.order(promised_delivery_date=PROMISE)
        api.clock.advance(days=2)
        api.forget_tokens()
        assert mark(api) == (True, PROMISE)
        body = api.put("/v2/orders/ORD-1", {"promised_delivery_date": promise}).json()
        assert (body["delayed"], body["delayed_at"]) == expected
        assert mark(api) == expected


class TestEveryAnswer:
    """Whatever answers with an order shows the mark of this moment."""

    @pytest.fixture
    def late(self, api: Api) -> dict[str, Any]:
        api.order(promised_delivery_date=PROMISE, order_items=[{"sku": "A"}])
        parcel = api.shipment(tracking_code="T-1")
        api.clock.advance(days=2)
        api.forget_tokens()
        return parcel

    def test_put(self, api: Api, late: dict[str, Any]) -> None:
        assert api.put("/v2/orders/ORD-1", {"language": "de"}).json()["delayed"] is True

    def test_the_same_order_again(self, api: Api, late: dict[str, Any]) -> None:
        body = {"order_id": "ORD-1", "promised_delivery_date": PROMISE}
        again = api.post("/v2/order", body)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.json()["delayed"] is True

    def test_as_of_now(self, api: Api, late: dict[str, Any]) -> None:
        assert api.get("/v2/orders/ORD-1?as_of=2027-01-17T08:00:00Z").json()["delayed"] is True
        assert api.get("/v2/orders/ORD-1?as_of=2027-01-16T07:00:00Z").json()["delayed"] is False

    def test_a_long_listing_whose_promise_passes_on_the_way(self, api: Api) -> None:
        for number in range(600):
            body = {"order_id": f"O-{number}", "promised_delivery_date": PROMISE, "language": "de"}
            api.post("/v2/order", body)
        api.clock.advance(days=2)
        api.forget_tokens()
        found = api.get("/v2/orders?language=de").json()
        assert [order["delayed"] for order in found] == [True] * 600
        assert len(api.get("/v2/orders?delayed=true").json()) == 600

    def test_the_log_is_the_same_whenever_it_was_noticed(
        self, api: Api, late: dict[str, Any]
    ) -> None:
        """One order hears of the passed promise by a command, one only by its delivery."""
        api.order("ORD-2", promised_delivery_date=PROMISE)
        reader = api.services.store.reader
        number = api.get("/v2/orders/ORD-1").json()["id"]
        api.put("/v2/orders/ORD-1", {"language": "de"})
        api.update(tracking_code="T-1", status="delivered", datetime="2027-01-18T07:00:00Z")
        rows = api.run(reader.rows("load_events", account_id=1, order_number=number))
        kinds = [row[1] for row in rows]
        assert kinds.count("order.delayed") == 1
        assert kinds.index("order.delayed") < kinds.index("order.updated")


class TestByTheDelivery:
    def deliver(self, api: Api, moment: str, code: str = "T-1") -> Any:
        return api.update(tracking_code=code, status="delivered", datetime=moment).json()

    @pytest.mark.parametrize(
        ("moment", "delayed"),
        [
            ("2027-01-16T07:59:59.999999Z", False),
            (PROMISE, False),
            ("2027-01-16T08:00:00.000001Z", True),
        ],
    )
    @pytest.mark.parametrize("days", [0, 1, 50])
    def test_a_completed_order_is_held_against_its_last_delivery(
        self, api: Api, moment: str, delayed: bool, days: int
    ) -> None:
        """Reported ahead of the clock (scanners run fast), on the day, or long after."""
        api.order(promised_delivery_date=PROMISE)
        api.shipment(tracking_code="T-1")
        api.clock.advance(days=days, seconds=10)
        api.forget_tokens()
        self.deliver(api, moment)
        expected = (delayed, PROMISE if delayed else None)
        assert mark(api) == expected
        api.clock.advance(days=500)
        api.forget_tokens()
        assert mark(api) == expected

    def test_a_late_report_of_an_early_delivery_lifts_the_mark(self, api: Api) -> None:
        api.order(promised_delivery_date=PROMISE)
        api.shipment(tracking_code="T-1")
        api.clock.advance(days=5)
        api.forget_tokens()
        assert mark(api) == (True, PROMISE)
        self.deliver(api, "2027-01-16T07:00:00Z")
        assert mark(api) == (False, None)

    def test_a_corrected_report_moves_it(self, api: Api) -> None:
        api.order(promised_delivery_date=PROMISE)
        api.shipment(tracking_code="T-1")
        api.clock.advance(days=5)
        api.forget_tokens()
        self.deliver(api, "2027-01-17T07:00:00Z")
        early = self.deliver(api, "2027-01-16T07:00:00Z")
        assert mark(api) == (False, None)
        api.update(tracking_code="T-1", retracts=early["id"])
        assert mark(api) == (True, PROMISE)

    def test_an_order_taken_back_is_held_against_the_clock_again(self, api: Api) -> None:
        api.order(promised_delivery_date=PROMISE)
        api.shipment(tracking_code="T-1")
        self.deliver(api, "2027-01-15T08:00:00Z")
        api.clock.advance(days=5)
        api.forget_tokens()
        assert mark(api) == (False, None)
        api.shipment(tracking_code="T-2")
        assert mark(api) == (True, PROMISE)

    def test_an_assumed_delivery_counts_before_anybody_has_noticed(self, api: Api) -> None:
        api.put("/v2/account", {"untrackable_days": 1})
        api.order(promised_delivery_date="2027-01-18T00:00:00Z")
        api.shipment(
            tracking_code="T-1", trackable=False, planned_pickup_datetime="2027-01-16T00:00:00Z"
        )
        api.clock.advance(days=30)
        api.forget_tokens()
        assert mark(api) == (False, None)


class TestKeptByFinalStates:
    @pytest.mark.parametrize("late", [True, False])
    @pytest.mark.parametrize("state", ["cancelled", "returned", "refunded"])
    def test_stays_what_it_was_when_the_order_got_there(
        self, api: Api, state: str, late: bool
    ) -> None:
        api.order(promised_delivery_date=PROMISE)
        if state != "cancelled":
            api.shipment(tracking_code="T-1")
        if late:
            api.clock.advance(days=2)
            api.forget_tokens()
        report(api, state)
        expected = (late, PROMISE if late else None)
        assert mark(api) == expected
        api.clock.advance(days=50)
        api.forget_tokens()
        assert mark(api) == expected
        api.put("/v2/orders/ORD-1", {"promised_delivery_date": None})
        assert mark(api) == expected
        api.put("/v2/orders/ORD-1", {"promised_delivery_date": "2027-01-01"})
        assert mark(api) == expected

    def test_a_mark_from_a_delivery_ahead_of_the_clock_is_kept_and_found(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-01-15T10:00:00Z")
        api.shipment(tracking_code="T-1")
        api.update(tracking_code="T-1", status="delivered", datetime="2027-01-15T12:00:00Z")
        assert mark(api) == (True, "2027-01-15T10:00:00Z")
        report(api, "returned")
        assert mark(api) == (True, "2027-01-15T10:00:00Z")
