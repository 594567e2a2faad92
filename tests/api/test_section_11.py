"""The cases decided (API, section 11): one class for each row of the table."""

from typing import Any

import pytest

from doorstep.domain.order import SECOND
from doorstep.times import format_time
from tests.conftest import Api

NOW = "2027-01-15T08:00:00Z"


def order(api: Api, order_id: str = "ORD-1") -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/v2/orders/{order_id}").json()
    return body


def history(api: Api) -> list[str]:
    return [line["state"] for line in order(api)["states_history"]]


def report(api: Api, *states: str) -> None:
    for state in states:
        answer = api.post("/v2/order_states", {"order_id": "ORD-1", "state": state})
        assert answer.status_code == 201, answer.text


def deliver(api: Api, code: str, datetime: str = NOW) -> None:
    answer = api.update(tracking_code=code, status="delivered", datetime=datetime)
    assert answer.status_code == 201, answer.text


def completed(api: Api, **fields: Any) -> dict[str, Any]:
    api.order(**fields)
    parcel = api.shipment(tracking_code="T-1")
    deliver(api, "T-1")
    assert order(api)["state"] == "completed"
    return parcel


def event_types(api: Api, number: int) -> list[str]:
    reader = api.services.store.reader
    rows = api.run(reader.rows("load_events", account_id=1, order_number=number))
    return [row[1] for row in rows]


class TestItemsOnACancelledOrRefundedOrder:
    @pytest.mark.parametrize("states", [["cancelled"], ["paid", "refunded"]])
    def test_are_refused(self, api: Api, states: list[str]) -> None:
        api.order()
        report(api, *states)
        answer = api.post("/v2/orders/ORD-1/items", {"sku": "A"})
        assert (answer.status_code, answer.json()["code"]) == (409, f"order_{states[-1]}")
        assert order(api)["order_items"] == []


class TestAnItemOfARefundedOrderChangedBack:
    @pytest.mark.parametrize("status", ["new", "delivered", "cancelled"])
    def test_is_refused(self, api: Api, status: str) -> None:
        (item,) = api.order(order_items=[{"sku": "A"}])["order_items"]
        path = f"/v2/order_items/{item['id']}"
        assert api.put(path, {"status": "refunded"}).status_code == 200
        answer = api.put(path, {"status": status, "name": "X"})
        assert (answer.status_code, answer.json()["code"]) == (409, "order_refunded")
        assert api.get(path).json() == {**item, "status": "refunded"}
        assert order(api)["state"] == "refunded"


class TestTheLastItemThatWasNotRefundedIsDeleted:
    def test_the_rest_are_all_refunded(self, api: Api) -> None:
        refunded, open_still = api.order(order_items=[{"sku": "A"}, {"sku": "B"}])["order_items"]
        api.put(f"/v2/order_items/{refunded['id']}", {"status": "refunded"})
        assert order(api)["state"] == "new"
        assert api.delete(f"/v2/order_items/{open_still['id']}").status_code == 204
        assert order(api)["state"] == "refunded"

    def test_deleting_the_last_item_of_all_changes_nothing(self, api: Api) -> None:
        (item,) = api.order(order_items=[{"sku": "A"}])["order_items"]
        api.delete(f"/v2/order_items/{item['id']}")
        assert order(api)["state"] == "new"
        assert history(api) == ["new"]


class TestDeliveredAfterRefundedCancelledOrReturned:
    @pytest.mark.parametrize("state", ["refunded", "returned"])
    def test_the_shipment_is_delivered_the_order_stays(self, api: Api, state: str) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T-1")
        report(api, state)
        before = history(api)
        deliver(api, "T-1")
        assert api.get(parcel["iri"]).json()["status"] == "delivered"
        assert (order(api)["state"], history(api)) == (state, before)

    def test_on_a_cancelled_one(self, api: Api) -> None:
        """It can only have a return parcel, or one that was taken out."""
        api.order()
        api.shipment(tracking_code="T-1", counted=False)
        report(api, "cancelled")
        deliver(api, "T-1")
        (parcel,) = order(api)["shipments"]
        assert (parcel["status"], order(api)["state"]) == ("delivered", "cancelled")


class TestShipmentOnACancelledRefundedOrReturnedOrder:
    @pytest.mark.parametrize("states", [["cancelled"], ["paid", "refunded"]])
    def test_an_outbound_one_is_refused(self, api: Api, states: list[str]) -> None:
        api.order()
        report(api, *states)
        body = {"order_id": "ORD-1", "tracking_code": "T-1"}
        answer = api.post("/v2/shipments", body)
        assert (answer.status_code, answer.json()["code"]) == (409, f"order_{states[-1]}")
        embedded = {"order": {"order_id": "ORD-1"}, "tracking_code": "T-1"}
        assert api.post("/v2/shipments", embedded).status_code == 409
        assert order(api)["shipments"] == []

    def test_on_a_returned_order_it_is_taken_and_the_order_stays(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        report(api, "returned")
        api.shipment(tracking_code="T-2")
        assert order(api)["state"] == "returned"

    @pytest.mark.parametrize("state", ["cancelled", "refunded", "returned"])
    def test_a_return_parcel_is_always_taken(self, api: Api, state: str) -> None:
        api.order()
        if state == "returned":
            api.shipment(tracking_code="T-1")
        report(api, *(["paid"] if state == "refunded" else []), state)
        before = history(api)
        back = api.shipment(tracking_code="T-2", return_parcel=True)
        assert (order(api)["state"], history(api)) == (state, before)
        made_outbound = api.put(back["iri"], {"return_parcel": False})
        assert made_outbound.status_code == (200 if state == "returned" else 409)


class TestCountedSetChanged:
    def test_by_counted(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        missing = api.shipment(tracking_code="T-2")
        deliver(api, "T-1")
        assert order(api)["state"] == "shipped"
        assert api.put(missing["iri"], {"counted": False}).status_code == 200
        assert order(api)["state"] == "completed"
        assert api.put(missing["iri"], {"counted": True}).status_code == 200
        assert order(api)["state"] == "shipped"

    def test_by_return_parcel_before_the_scan(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        other = api.shipment(tracking_code="T-2")
        deliver(api, "T-1")
        api.put(other["iri"], {"return_parcel": True})
        assert order(api)["state"] == "completed"
        api.put(other["iri"], {"return_parcel": False})
        assert order(api)["state"] == "shipped"

    def test_by_delete(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        other = api.shipment(tracking_code="T-2")
        deliver(api, "T-1")
        api.delete(other["iri"])
        assert order(api)["state"] == "completed"


class TestLastCountedShipmentDeleted:
    @pytest.mark.parametrize("states", [[], ["paid"], ["paid", "in_preparation"]])
    def test_the_shipped_entry_is_withdrawn_and_the_log_keeps_it(
        self, api: Api, states: list[str]
    ) -> None:
        api.order()
        report(api, *states)
        parcel = api.shipment(tracking_code="T-1")
        assert history(api) == ["new", *states, "shipped"]
        api.delete(parcel["iri"])
        assert order(api)["state"] == ["new", *states][-1]
        assert history(api) == ["new", *states]
        assert "order.shipped" in event_types(api, order(api)["id"])


class TestOrderDeletedThenAnUpdateForItsParcel:
    def test_is_kept_as_for_an_unknown_parcel(self, api: Api) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T-1", reference_number="R-1")
        api.delete("/v2/orders/ORD-1")
        for name in (
            {"tracking_code": "T-1"},
            {"reference_number": "R-1"},
            {"shipment_id": parcel["id"]},
        ):
            assert api.update(**name, status="pickup").status_code == 202
        api.order()
        assert api.shipment(tracking_code="T-1")["status"] == "pickup"


class TestPromiseChangedOrClearedAfterCompletion:
    @pytest.mark.parametrize(
        ("promise", "delayed"),
        [
            ("2027-01-15T07:59:59Z", True),
            ("2027-01-15T08:00:00Z", False),
            ("2027-01-15T08:00:01Z", False),
            (None, False),
        ],
    )
    @pytest.mark.parametrize("first", ["2027-01-15T07:00:00Z", "2027-01-20T00:00:00Z", None])
    def test_delayed_is_recomputed_from_the_delivery(
        self, api: Api, first: str | None, promise: str | None, delayed: bool
    ) -> None:
        completed(api, promised_delivery_date=first)
        api.clock.advance(days=100)
        api.forget_tokens()
        body = api.put("/v2/orders/ORD-1", {"promised_delivery_date": promise}).json()
        assert (body["delayed"], body["delayed_at"]) == (delayed, promise if delayed else None)
        assert body["state"] == "completed"
        assert order(api) == body


class TestCreatedWithAPromiseInThePast:
    def test_is_delayed(self, api: Api) -> None:
        answer = api.post(
            "/v2/order", {"order_id": "ORD-1", "promised_delivery_date": "2026-12-24"}
        )
        assert answer.status_code == 201
        assert answer.json()["delayed"] is True
        assert answer.json()["delayed_at"] == "2026-12-24T23:59:59Z"
        assert answer.json()["state"] == "new"


class TestBoardingCompleteFalse:
    def test_on_a_completed_order_nothing_of_that_put_is_done(self, api: Api) -> None:
        completed(api)
        before = order(api)
        body = {"language": "de", "boarding_complete": False, "recipient": {"city": "Wien"}}
        answer = api.put("/v2/orders/ORD-1", body)
        assert answer.status_code == 409
        assert answer.json()["violations"][0]["propertyPath"] == "boarding_complete"
        assert order(api) == before

    @pytest.mark.parametrize("state", ["cancelled", "returned", "refunded"])
    def test_is_accepted_without_effect_on_a_settled_one(self, api: Api, state: str) -> None:
        api.order()
        if state != "cancelled":
            api.shipment(tracking_code="T-1")
        report(api, state)
        before = history(api)
        answer = api.put("/v2/orders/ORD-1", {"boarding_complete": False})
        assert answer.status_code == 200
        assert answer.json()["boarding_complete"] is False
        assert (answer.json()["state"], history(api)) == (state, before)


class TestOrderIdAndTheEmbeddedOrdersDiffer:
    def test_is_malformed(self, api: Api) -> None:
        body = {"order_id": "A", "order": {"order_id": "B"}, "tracking_code": "T-1"}
        answer = api.post("/v2/shipments", body)
        assert answer.status_code == 400
        paths = [line["propertyPath"] for line in answer.json()["violations"]]
        assert paths == ["order_id", "order.order_id"]
        assert api.get("/v2/orders").json() == []


class TestOrderIdInAPutOfAShipment:
    def test_another_one_is_malformed(self, api: Api) -> None:
        api.order("ORD-2")
        api.order()
        parcel = api.shipment(tracking_code="T-1")
        for order_id in ("ORD-2", "unknown"):
            answer = api.put(parcel["iri"], {"order_id": order_id, "comment": "x"})
            assert answer.status_code == 400
            assert answer.json()["violations"][0]["propertyPath"] == "order_id"
        assert api.get(parcel["iri"]).json() == parcel

    def test_its_own_one_is_accepted_so_that_what_was_read_can_be_put_back(self, api: Api) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T-1")
        assert api.put(parcel["iri"], {"order_id": "ORD-1"}).status_code == 200


class TestStateDatedBeforeTheLastEntry:
    def test_is_accepted_and_the_order_of_transition_is_kept(self, api: Api) -> None:
        api.order()
        for state, day in (("in_production", 14), ("in_preparation", 10), ("cancelled", 12)):
            body = {"order_id": "ORD-1", "state": state, "datetime": f"2027-01-{day}T00:00:00Z"}
            assert api.post("/v2/order_states", body).status_code == 201
        assert history(api) == ["new", "in_production", "in_preparation", "cancelled"]


class TestStateDatedMoreThan24HoursAhead:
    @pytest.mark.parametrize(("hours", "status"), [(24, 201), (25, 400)])
    def test_is_malformed(self, api: Api, hours: int, status: int) -> None:
        api.order()
        moment = format_time(api.clock.now // SECOND * SECOND + hours * 3_600 * SECOND)
        body = {"order_id": "ORD-1", "state": "paid", "datetime": moment}
        answer = api.post("/v2/order_states", body)
        assert answer.status_code == status
        if status == 400:
            assert answer.json()["violations"][0]["propertyPath"] == "datetime"
            assert history(api) == ["new"]


class TestUpdateOlderThanTheShipmentOrTheOrder:
    def test_is_accepted_completion_included(self, api: Api) -> None:
        api.order(order_date="2027-01-10T00:00:00Z", promised_delivery_date="2027-01-15T07:00:00Z")
        api.shipment(tracking_code="T-1")
        deliver(api, "T-1", "2020-05-05T05:05:05Z")
        body = order(api)
        assert body["state"] == "completed"
        assert body["states_history"][-1]["datetime"] == "2020-05-05T05:05:05.000Z"
        assert body["delayed"] is False


class TestEarlierDeliveredArrivesLate:
    def test_everything_follows(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-01-15T07:00:00Z")
        parcel = api.shipment(tracking_code="T-1")
        deliver(api, "T-1")
        assert order(api)["delayed"] is True
        deliver(api, "T-1", "2027-01-15T06:00:00Z")
        body = order(api)
        assert api.get(parcel["iri"]).json()["delivered_at"] == "2027-01-15T06:00:00Z"
        assert body["states_history"][-1]["datetime"] == "2027-01-15T06:00:00.000Z"
        assert (body["delayed"], body["delayed_at"]) == (False, None)
        assert history(api) == ["new", "shipped", "completed"]
        deliver(api, "T-1", "2027-01-15T06:30:00Z")
        assert order(api)["states_history"] == body["states_history"]


class TestDeliveredAfterReturnedToSender:
    @pytest.mark.parametrize("turned", [False, True])
    def test_delivered_wins(self, api: Api, turned: bool) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T-1")
        words = ["returned_to_sender", "delivered"]
        for word in reversed(words) if turned else words:
            api.update(tracking_code="T-1", status=word)
        assert api.get(parcel["iri"]).json()["status"] == "delivered"
        assert order(api)["state"] == "completed"


class TestPaidAndCancelledOneAfterTheOther:
    @pytest.mark.parametrize(
        ("words", "statuses"),
        [(["paid", "cancelled"], [201, 201]), (["cancelled", "paid"], [201, 409])],
    )
    def test_the_second_is_judged_by_the_new_state(
        self, api: Api, words: list[str], statuses: list[int]
    ) -> None:
        api.order()
        found = [
            api.post("/v2/order_states", {"order_id": "ORD-1", "state": word}).status_code
            for word in words
        ]
        assert found == statuses
        assert order(api)["state"] == "cancelled"


class TestTrackingCodeOfOneParcelWithTheReferenceNumberOfAnother:
    @pytest.mark.parametrize("second", ["ORD-1", "ORD-2"])
    @pytest.mark.parametrize("asked", ["ORD-1", "ORD-2"])
    def test_is_refused(self, api: Api, second: str, asked: str) -> None:
        api.order()
        api.order("ORD-2")
        api.shipment("ORD-1", tracking_code="T-1")
        api.shipment(second, reference_number="R-1")
        body = {"order_id": asked, "tracking_code": "T-1", "reference_number": "R-1"}
        before = [order(api), order(api, "ORD-2")]
        assert api.post("/v2/shipments", body).status_code == 409
        assert [order(api), order(api, "ORD-2")] == before


class TestCompletedTakenBackCompleted:
    def test_two_events(self, api: Api) -> None:
        completed(api)
        second = api.shipment(tracking_code="T-2")
        assert order(api)["state"] == "shipped"
        assert history(api) == ["new", "shipped"]
        deliver(api, "T-2")
        assert second["status"] == "new"
        assert history(api) == ["new", "shipped", "completed"]
        assert event_types(api, order(api)["id"]).count("order.completed") == 2


class TestAsOf:
    def at(self, api: Api, moment: str, name: str = "ORD-1") -> Any:
        return api.get(f"/v2/orders/{name}?as_of={moment}")

    def test_before_creation_after_deletion_in_the_future(self, api: Api) -> None:
        made = api.order(language="de")
        api.clock.advance(minutes=10)
        api.put("/v2/orders/ORD-1", {"language": "fr"})
        api.clock.advance(minutes=10)
        api.delete("/v2/orders/ORD-1")
        api.clock.advance(minutes=10)
        for name in ("ORD-1", str(made["id"])):
            assert self.at(api, "2027-01-15T07:59:59Z", name).status_code == 404
            assert self.at(api, "2027-01-15T08:05:00Z", name).json()["language"] == "de"
            assert self.at(api, "2027-01-15T08:15:00Z", name).json()["language"] == "fr"
            assert self.at(api, "2027-01-15T08:25:00Z", name).status_code == 404
        for moment in ("2027-01-15T08:31:00Z", "2099-01-01T00:00:00Z", "soon"):
            assert self.at(api, moment).status_code == 400
        assert self.at(api, "2027-01-15T08:25:00Z", "unknown").status_code == 404

    def test_shows_the_mark_of_that_moment(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-01-15T08:10:00Z")
        api.clock.advance(minutes=30)
        assert self.at(api, "2027-01-15T08:10:00Z").json()["delayed"] is False
        assert self.at(api, "2027-01-15T08:10:00.000001Z").json()["delayed"] is True

    def test_a_reference_used_twice_is_the_order_of_that_moment(self, api: Api) -> None:
        first = api.order()["id"]
        api.clock.advance(minutes=10)
        api.delete("/v2/orders/ORD-1")
        api.clock.advance(minutes=10)
        second = api.order()["id"]
        api.clock.advance(minutes=10)
        found = {
            minute: self.at(api, f"2027-01-15T08:{minute}:00Z").json().get("id")
            for minute in ("05", "15", "25")
        }
        assert found == {"05": first, "15": None, "25": second}
        assert self.at(api, "2027-01-15T08:05:00%2B00:00").json()["id"] == first
        assert self.at(api, "2027-01-15T09:05:00+01:00").json()["id"] == first
