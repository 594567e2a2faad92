"""Which parcels count, and when an order is shipped and completed (API, section 6)."""

import itertools
from typing import Any

import pytest

from tests.conftest import Api

NOT_GIVEN = "not given"
BOARDING = [NOT_GIVEN, None, True, False]


def order(api: Api) -> dict[str, Any]:
    body: dict[str, Any] = api.get("/v2/orders/ORD-1").json()
    return body


def history(api: Api) -> list[str]:
    return [line["state"] for line in order(api)["states_history"]]


def deliver(api: Api, code: str, datetime: str = "2027-01-15T08:00:00Z") -> None:
    answer = api.update(tracking_code=code, status="delivered", datetime=datetime)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("boarding", BOARDING)
@pytest.mark.parametrize("delivered", ["none", "some", "all"])
@pytest.mark.parametrize("returns", ["none", "some", "only"])
@pytest.mark.parametrize("taken_out", ["none", "the missing one", "all"])
def test_the_truth_table(
    api: Api, boarding: Any, delivered: str, returns: str, taken_out: str
) -> None:
    """Two parcels (three with `some` returns, the third an undelivered return parcel)."""
    api.order(**({} if boarding is NOT_GIVEN else {"boarding_complete": boarding}))
    outbound = returns != "only"
    parcels = [
        api.shipment(tracking_code=code, return_parcel=not outbound) for code in ("T-1", "T-2")
    ]
    if returns == "some":
        api.shipment(tracking_code="T-3", return_parcel=True)
    for code in {"none": [], "some": ["T-1"], "all": ["T-1", "T-2"]}[delivered]:
        deliver(api, code)
    for parcel in {"none": [], "the missing one": parcels[1:], "all": parcels}[taken_out]:
        assert api.put(parcel["iri"], {"counted": False}).status_code == 200
    left = {"none": 2, "the missing one": 1, "all": 0}[taken_out]
    arrived = {"none": 0, "some": 1, "all": 2}[delivered]
    if left == 0:
        expected = "new"
    elif arrived >= left and boarding is not False:
        expected = "completed"
    else:
        expected = "shipped"
    body = order(api)
    assert body["state"] == expected
    assert sum(parcel["counted"] for parcel in body["shipments"]) == left
    assert (
        history(api)
        == {
            "new": ["new"],
            "shipped": ["new", "shipped"],
            "completed": ["new", "shipped", "completed"],
        }[expected]
    )


class TestShipped:
    def test_from_the_first_parcel_on_and_a_second_adds_no_entry(self, api: Api) -> None:
        api.order()
        api.clock.advance(minutes=1)
        api.shipment(tracking_code="T-1")
        first = order(api)["states_history"]
        assert first[-1] == {
            "datetime": "2027-01-15T08:01:00.000Z",
            "location": None,
            "order_id": "ORD-1",
            "state": "shipped",
        }
        api.shipment(tracking_code="T-2")
        assert order(api)["states_history"] == first

    def test_not_by_a_parcel_that_does_not_count(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1", counted=False)
        assert order(api)["state"] == "new"

    def test_by_a_return_parcel_while_there_is_no_other(self, api: Api) -> None:
        """A client marks every parcel as a return."""
        api.order()
        first = api.shipment(tracking_code="T-1", return_parcel=True)
        assert first["counted"] is True
        assert order(api)["state"] == "shipped"
        deliver(api, "T-1")
        assert order(api)["state"] == "completed"

    def test_an_outbound_parcel_takes_the_place_of_returns(self, api: Api) -> None:
        api.order()
        back = api.shipment(tracking_code="T-1", return_parcel=True)
        deliver(api, "T-1")
        api.shipment(tracking_code="T-2")
        assert order(api)["state"] == "shipped"
        assert api.get(back["iri"]).json()["counted"] is False
        deliver(api, "T-2")
        assert order(api)["state"] == "completed"

    def test_an_outbound_parcel_that_was_taken_out_is_still_outbound(self, api: Api) -> None:
        api.order()
        outbound = api.shipment(tracking_code="T-1")
        api.shipment(tracking_code="T-2", return_parcel=True)
        api.put(outbound["iri"], {"counted": False})
        assert order(api)["state"] == "new"
        assert [parcel["counted"] for parcel in order(api)["shipments"]] == [False, False]


class TestCompleted:
    def test_at_the_moment_of_the_last_delivery(self, api: Api) -> None:
        api.order()
        for code, hour in (("T-1", "07"), ("T-2", "05"), ("T-3", "06")):
            api.shipment(tracking_code=code)
            deliver(api, code, f"2027-01-15T{hour}:00:00+01:00")
        assert history(api) == ["new", "shipped", "completed"]
        assert order(api)["states_history"][-1]["datetime"] == "2027-01-15T06:00:00.000Z"

    @pytest.mark.parametrize("boarding", [True, None])
    def test_by_boarding_complete_in_that_call(self, api: Api, boarding: bool | None) -> None:
        api.order(boarding_complete=False)
        api.shipment(tracking_code="T-1")
        deliver(api, "T-1")
        assert order(api)["state"] == "shipped"
        body = api.put("/v2/orders/ORD-1", {"boarding_complete": boarding}).json()
        assert body["state"] == "completed"
        assert body["states_history"][-1]["datetime"] == "2027-01-15T08:00:00.000Z"
        assert order(api) == body

    def test_by_counted_false_on_the_missing_parcel_and_not_its_delivery(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        missing = api.shipment(tracking_code="T-2")
        deliver(api, "T-1", "2027-01-14T08:00:00Z")
        api.put(missing["iri"], {"counted": False})
        deliver(api, "T-2", "2027-01-15T08:00:00Z")
        assert order(api)["states_history"][-1]["datetime"] == "2027-01-14T08:00:00.000Z"

    @pytest.mark.parametrize("status", ["returned_to_sender", "lost", "out_for_delivery"])
    def test_not_by_another_status(self, api: Api, status: str) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        api.update(tracking_code="T-1", status=status)
        assert order(api)["state"] == "shipped"

    def test_not_without_parcels(self, api: Api) -> None:
        api.order(boarding_complete=True)
        assert api.put("/v2/orders/ORD-1", {"boarding_complete": True}).json()["state"] == "new"

    def test_a_further_parcel_takes_it_back_and_is_never_refused(self, api: Api) -> None:
        api.order(boarding_complete=True)
        api.shipment(tracking_code="T-1")
        deliver(api, "T-1")
        assert order(api)["state"] == "completed"
        api.shipment(tracking_code="T-2")
        assert order(api)["state"] == "shipped"
        assert history(api) == ["new", "shipped"]
        deliver(api, "T-2", "2027-01-15T08:30:00Z")
        assert history(api) == ["new", "shipped", "completed"]
        assert order(api)["states_history"][-1]["datetime"] == "2027-01-15T08:30:00.000Z"

    def test_a_return_parcel_does_not(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        deliver(api, "T-1")
        api.shipment(tracking_code="T-2", return_parcel=True)
        assert order(api)["state"] == "completed"

    def test_a_retracted_delivery_takes_it_back(self, api: Api) -> None:
        api.order()
        api.shipment(tracking_code="T-1")
        made = api.update(tracking_code="T-1", status="delivered").json()
        api.update(tracking_code="T-1", retracts=made["id"])
        assert order(api)["state"] == "shipped"
        assert history(api) == ["new", "shipped"]


def test_the_way_to_completion_does_not_matter(api: Api) -> None:
    """Four steps in all 24 orders end in one history."""
    ends = set()
    for number, steps in enumerate(
        itertools.permutations(["first", "second", "boarding", "taken"])
    ):
        name = f"P-{number}"
        api.order(name, boarding_complete=False)
        parcels = [api.shipment(name, tracking_code=f"{name}-{code}") for code in "ABC"]
        for step in steps:
            if step == "boarding":
                api.put(f"/v2/orders/{name}", {"boarding_complete": True})
            elif step == "taken":
                api.put(parcels[2]["iri"], {"counted": False})
            else:
                code = f"{name}-{'A' if step == 'first' else 'B'}"
                deliver(api, code, f"2027-01-15T0{6 if step == 'first' else 5}:00:00Z")
        made = api.get(f"/v2/orders/{name}").json()
        entries = [(line["state"], line["datetime"]) for line in made["states_history"]]
        ends.add((made["state"], entries[-1], tuple(state for state, _ in entries)))
    assert ends == {
        (
            "completed",
            ("completed", "2027-01-15T06:00:00.000Z"),
            ("new", "shipped", "completed"),
        )
    }
