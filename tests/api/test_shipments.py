"""Shipments over HTTP (API, section 7)."""

from typing import Any, ClassVar

import pytest

from doorstep.service import listing_moment
from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE

NEVER_SCANNED = ["new", "info"]
SCANNED = [
    *("pickup", "hub_scan", "out_for_delivery", "delivery_failed", "ready_for_collection"),
    *("delivered", "returned_to_sender", "lost"),
]
PICKUP = "2027-01-16T09:30:00Z"

GIVEN: dict[str, Any] = {
    "tracking_code": "JJD01",
    "reference_number": "R-1",
    "reference_number_2": "R-1b",
    "carrier": {"name": "dhl", "country": "DE"},
    "carrier_service": "express",
    "recipient_first_name": "Ada",
    "recipient_last_name": "Lovelace",
    "recipient_email": "[email protected]",
    "recipient_address": "Main Street 1",
    "recipient_zip": "10115",
    "recipient_city": "Berlin",
    "recipient_country": "DE",
    "recipient_phone": "+4930123456",
    "recipient_company_name": "Engines",
    "planned_pickup_datetime": PICKUP,
    "return_parcel": True,
    "trackable": False,
    "pickup_point_selected": True,
    "local_delivery": True,
    "goods_value": 29.99,
    "goods_value_currency": "EUR",
    "cod_reference": "C-1",
    "cod": True,
    "cod_value": 30,
    "weight": 180,
    "warehouse": "Vienna",
    "warehouse_address": "Lagerstraße 5",
    "shipment_tag": {"a": "1"},
    "comment": "ring twice",
}
ANSWERED_BESIDE = {
    *("id", "iri", "order_id", "carrier_tracking_url", "status", "status_label"),
    *("delivered_at", "counted", "created_at"),
}


def order(api: Api, order_id: str = "ORD-1") -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/v2/orders/{order_id}").json()
    return body


def read(api: Api, parcel: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = api.get(parcel["iri"]).json()
    return body


@pytest.mark.parametrize("path", ["/v2/shipments", "/v2/shipment", "/v2/shipments/"])
def test_every_field_is_kept_and_echoed(api: Api, path: str) -> None:
    api.order(promised_delivery_date="2027-02-01")
    answer = api.post(path, {"order_id": "ORD-1", **GIVEN})
    assert answer.status_code == 201
    body = answer.json()
    assert {name: body[name] for name in GIVEN} == GIVEN
    assert set(body) == set(GIVEN) | ANSWERED_BESIDE
    assert answer.headers["Location"] == body["iri"] == f"/v2/shipments/{body['id']}"
    assert type(body["id"]) is int
    assert type(body["weight"]) is int
    assert body["order_id"] == "ORD-1"
    assert (body["status"], body["status_label"], body["delivered_at"]) == ("new", "New", None)
    assert "JJD01" in body["carrier_tracking_url"]
    assert read(api, body) == body
    assert order(api)["shipments"] == [body]


def test_what_was_not_given_is_null(api: Api) -> None:
    api.order()
    body = api.shipment(tracking_code="T-1")
    set_anyway = {"tracking_code": "T-1", "return_parcel": False, "trackable": True}
    for name in GIVEN:
        assert body[name] == set_anyway.get(name), name
    assert body["carrier_tracking_url"] is None
    assert body["counted"] is True


@pytest.mark.parametrize("blank", [None, ""])
def test_empty_fields_are_not_given(api: Api, blank: Any) -> None:
    api.order()
    body = api.shipment(**{**dict.fromkeys(GIVEN, blank), "reference_number": "R-1"})
    assert body == {**api.shipment(reference_number="R-1"), "tracking_code": None}


@pytest.mark.parametrize(
    ("given", "answered"),
    [
        ({"name": "dhl", "country": "DE"}, {"name": "dhl", "country": "DE"}),
        ({"name": "dhl"}, {"name": "dhl", "country": None}),
        ({"country": "DE"}, {"name": None, "country": "DE"}),
        ({"name": "Uncle Bob's van"}, {"name": "Uncle Bob's van", "country": None}),
        ({"name": "", "country": None}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_either_part_of_the_carrier_may_be_missing(api: Api, given: Any, answered: Any) -> None:
    api.order()
    assert api.shipment(tracking_code="T-1", carrier=given)["carrier"] == answered


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("given", "paths"),
    [
        ({}, ["reference_number", "tracking_code"]),
        ({"tracking_code": "", "reference_number": None}, ["reference_number", "tracking_code"]),
        ({"tracking_code": "x" * 256}, ["tracking_code"]),
        ({"reference_number": "x" * 256}, ["reference_number"]),
        ({"tracking_code": ["T"]}, ["tracking_code"]),
        ({"tracking_code": "T", "return_parcel": "no"}, ["return_parcel"]),
        ({"tracking_code": "T", "trackable": 1}, ["trackable"]),
        ({"tracking_code": "T", "counted": "true"}, ["counted"]),
        ({"tracking_code": "T", "weight": -1}, ["weight"]),
        ({"tracking_code": "T", "goods_value": 1e300}, ["goods_value"]),
        ({"tracking_code": "T", "cod_value": "30"}, ["cod_value"]),
        ({"tracking_code": "T", "planned_pickup_datetime": "soon"}, ["planned_pickup_datetime"]),
        ({"tracking_code": "T", "shipment_tag": ["a"]}, ["shipment_tag"]),
        ({"tracking_code": "T", "carrier": {"name": 7, "country": []}}, None),
        ({"tracking_code": "T", "comment": "x" * 4097, "warehouse": {}}, ["comment", "warehouse"]),
    ],
)
def test_every_field_at_fault_is_named(
    api: Api, given: dict[str, Any], paths: list[str] | None
) -> None:
    api.order()
    answer = api.post("/v2/shipments", {"order_id": "ORD-1", **given})
    assert answer.status_code == 400
    named = sorted(line["propertyPath"] for line in answer.json()["violations"])
    assert named == (paths or ["carrier.country", "carrier.name"])
    assert order(api)["shipments"] == []
    assert order(api)["state"] == "new"


def test_an_unknown_order_is_not_found(api: Api) -> None:
    answer = api.post("/v2/shipments", {"order_id": "ORD-1", "tracking_code": "T-1"})
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")


def test_no_order_at_all_is_malformed(api: Api) -> None:
    answer = api.post("/v2/shipments", {"tracking_code": "T-1"})
    assert answer.status_code == 400
    assert "order_id" in [line["propertyPath"] for line in answer.json()["violations"]]


def test_the_internal_number_names_the_order_too(api: Api) -> None:
    number = api.order()["id"]
    assert api.shipment(number, tracking_code="T-1")["order_id"] == "ORD-1"


class TestEmbeddedOrder:
    NEW: ClassVar[dict[str, Any]] = {
        "order_id": "ORD-1",
        "language": "de",
        "promised_delivery_date": "2027-02-01",
        "order_items": [{"sku": "A"}],
    }

    def test_creates_the_order(self, api: Api) -> None:
        answer = api.post("/v2/shipments", {"order": self.NEW, "tracking_code": "T-1"})
        assert answer.status_code == 201
        assert answer.json()["order_id"] == "ORD-1"
        made = order(api)
        assert (made["language"], made["state"]) == ("de", "shipped")
        assert [line["state"] for line in made["states_history"]] == ["new", "shipped"]
        assert [item["sku"] for item in made["order_items"]] == ["A"]

    def test_an_equal_order_id_beside_it_is_accepted(self, api: Api) -> None:
        body = {"order_id": "ORD-1", "order": self.NEW, "tracking_code": "T-1"}
        assert api.post("/v2/shipments", body).status_code == 201

    def test_an_existing_order_is_neither_compared_nor_changed(self, api: Api) -> None:
        before = api.order(language="en", boarding_complete=False)
        answer = api.post("/v2/shipments", {"order": self.NEW, "tracking_code": "T-1"})
        assert answer.status_code == 201
        assert "Idempotent-Replayed" not in answer.headers
        after = order(api)
        kept = ("language", "boarding_complete", "promised_delivery_date", "order_items")
        assert [after[name] for name in kept] == [before[name] for name in kept]

    @pytest.mark.parametrize(
        ("embedded", "path"),
        [
            ({"language": "de"}, "order.order_id"),
            ({"order_id": "A", "order_tags": "x"}, "order.order_tags"),
            ({"order_id": "A", "order_items": [{}]}, "order.order_items[0].sku"),
            ({"order_id": "A", "recipient": {"city": 7}}, "order.recipient.city"),
            ("A", "order"),
        ],
    )
    def test_a_malformed_one_is_refused(self, api: Api, embedded: Any, path: str) -> None:
        answer = api.post("/v2/shipments", {"order": embedded, "tracking_code": "T-1"})
        assert answer.status_code == 400
        assert path in [line["propertyPath"] for line in answer.json()["violations"]]
        assert api.get("/v2/orders").json() == []

    def test_a_refused_parcel_leaves_no_order_behind(self, api: Api) -> None:
        new = {"order_id": "ORD-1"}
        body = {"order": new, "tracking_code": "T-1", "local_delivery": True}
        assert api.post("/v2/shipments", body).status_code == 400
        assert api.get("/v2/orders/ORD-1").status_code == 404


class TestLocalDelivery:
    def test_needs_a_promise(self, api: Api) -> None:
        api.order()
        body = {"order_id": "ORD-1", "tracking_code": "T-1", "local_delivery": True}
        answer = api.post("/v2/shipments", body)
        assert answer.status_code == 400
        assert answer.json()["violations"][0]["propertyPath"] == "local_delivery"
        assert order(api)["state"] == "new"
        assert api.shipment(tracking_code="T-1", local_delivery=False)["local_delivery"] is False

    def test_is_accepted_with_one(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-02-01")
        assert api.shipment(tracking_code="T-1", local_delivery=True)["local_delivery"] is True

    def test_by_put_it_needs_a_promise_too(self, api: Api) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T-1")
        assert api.put(parcel["iri"], {"local_delivery": True}).status_code == 400
        api.put("/v2/orders/ORD-1", {"promised_delivery_date": "2027-02-01"})
        assert api.put(parcel["iri"], {"local_delivery": True}).status_code == 200


class TestSameParcelAgain:
    @pytest.mark.parametrize(
        ("first", "again"),
        [
            ({"tracking_code": "T"}, {"tracking_code": "T"}),
            ({"tracking_code": "T", "carrier": {"name": "dhl"}},) * 2,
            (
                {"tracking_code": "T", "carrier": {"name": "dhl", "country": "DE"}},
                {"tracking_code": "T", "carrier": {"name": "DHL"}},
            ),
            (
                {"tracking_code": "T", "carrier": {"name": "Post AT"}},
                {"tracking_code": "T", "carrier": {"name": "postat"}},
            ),
            ({"reference_number": "R"}, {"reference_number": "R"}),
            (
                {"reference_number": "R", "tracking_code": "T"},
                {"reference_number": "R"},
            ),
            (
                {"reference_number": "R"},
                {"reference_number": "R", "tracking_code": "T", "carrier": {"name": "dpd"}},
            ),
            (
                {"reference_number": "R", "tracking_code": "T"},
                {"reference_number": "R", "tracking_code": "T2"},
            ),
        ],
    )
    def test_is_replayed(self, api: Api, first: Any, again: Any) -> None:
        api.order()
        parcel = api.shipment(**first)
        answer = api.post("/v2/shipments", {"order_id": "ORD-1", **again})
        assert answer.status_code == 201
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert answer.json()["id"] == parcel["id"]
        assert answer.headers["Location"] == parcel["iri"]
        assert len(order(api)["shipments"]) == 1

    @pytest.mark.parametrize(
        ("first", "other"),
        [
            ({"tracking_code": "T"}, {"tracking_code": "T", "carrier": {"name": "dhl"}}),
            (
                {"tracking_code": "T", "carrier": {"name": "dhl"}},
                {"tracking_code": "T", "carrier": {"name": "dpd"}},
            ),
            ({"tracking_code": "X"}, {"reference_number": "X"}),
            ({"tracking_code": "t"}, {"tracking_code": "T"}),
        ],
    )
    def test_another_name_is_another_parcel(self, api: Api, first: Any, other: Any) -> None:
        api.order()
        parcel = api.shipment(**first)
        assert api.shipment(**other)["id"] != parcel["id"]
        assert len(order(api)["shipments"]) == 2

    @pytest.mark.parametrize("status", [None, *NEVER_SCANNED])
    def test_differing_fields_are_taken_over_before_the_scan(
        self, api: Api, status: str | None
    ) -> None:
        """A client recomputes its pickup time at each try."""
        api.order()
        parcel = api.shipment(tracking_code="T", planned_pickup_datetime=PICKUP, weight=1)
        if status:
            api.update(tracking_code="T", status=status)
        again = api.shipment(tracking_code="T", planned_pickup_datetime="2027-01-17 10:00:00.5")
        assert again["planned_pickup_datetime"] == "2027-01-17T10:00:00.500Z"
        assert again["weight"] == 1
        assert read(api, parcel) == again

    @pytest.mark.parametrize("status", SCANNED)
    def test_differing_fields_are_ignored_after_the_scan(self, api: Api, status: str) -> None:
        api.order()
        api.shipment(tracking_code="T", planned_pickup_datetime=PICKUP, weight=1)
        api.update(tracking_code="T", status=status)
        body = {"order_id": "ORD-1", "tracking_code": "T", "weight": 2, "comment": "new"}
        answer = api.post("/v2/shipments", body)
        assert answer.status_code == 201
        assert answer.headers["Idempotent-Replayed"] == "true"
        assert (answer.json()["weight"], answer.json()["comment"]) == (1, None)

    @pytest.mark.parametrize("name", ["tracking_code", "reference_number"])
    def test_on_another_order_it_is_refused_naming_that_order(self, api: Api, name: str) -> None:
        api.order("A")
        api.order("B")
        api.shipment("A", **{name: "T"})
        answer = api.post("/v2/shipments", {"order_id": "B", name: "T"})
        assert (answer.status_code, answer.json()["code"]) == (409, f"{name}_taken")
        assert "of order A" in answer.json()["detail"]
        assert order(api, "B")["state"] == "new"

    @pytest.mark.parametrize("final", ["delivered", "returned_to_sender", "lost"])
    @pytest.mark.parametrize("name", ["tracking_code", "reference_number"])
    def test_a_number_is_free_again_after_30_days(self, api: Api, name: str, final: str) -> None:
        api.order("A")
        api.order("B")
        old = api.shipment("A", **{name: "T"})
        assert api.update(**{name: "T"}, status=final).status_code == 201
        api.clock.advance(days=30, seconds=-60)
        api.forget_tokens()
        body = {"order_id": "B", name: "T"}
        assert api.post("/v2/shipments", body).status_code == 409
        api.clock.advance(seconds=60)
        new = api.post("/v2/shipments", body)
        assert new.status_code == 201
        assert "Idempotent-Replayed" not in new.headers
        # From now on the name means the new parcel, and the old one stays what it was.
        assert api.update(**{name: "T"}, status="pickup").json()["shipment_id"] == new.json()["id"]
        assert read(api, old)["status"] == final

    def test_a_parcel_on_its_way_for_months_keeps_its_number(self, api: Api) -> None:
        api.order("A")
        api.order("B")
        api.shipment("A", tracking_code="T")
        api.update(tracking_code="T", status="hub_scan")
        api.clock.advance(days=200)
        api.forget_tokens()
        body = {"order_id": "B", "tracking_code": "T"}
        assert api.post("/v2/shipments", body).status_code == 409

    def test_a_number_given_on_and_given_back_finds_the_first_parcel_again(self, api: Api) -> None:
        api.order("A")
        api.order("B")
        old = api.shipment("A", tracking_code="T")
        lost = api.update(tracking_code="T", status="lost").json()
        api.clock.advance(days=31)
        api.forget_tokens()
        new = api.shipment("B", tracking_code="T")
        assert api.delete(new["iri"]).status_code == 204
        # It turns up after all: the name is its own again, and nobody else's.
        api.update(shipment_id=old["id"], retracts=lost["id"])
        assert api.update(tracking_code="T", status="pickup").json()["shipment_id"] == old["id"]
        refused = api.post("/v2/shipments", {"order_id": "B", "tracking_code": "T"})
        assert refused.status_code == 409


class TestPut:
    def test_changes_only_what_is_given(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-02-01")
        parcel = api.shipment(**GIVEN)
        answer = api.put(parcel["iri"], {"weight": 200, "recipient_city": "Wien"})
        assert answer.status_code == 200
        assert answer.json() == {**parcel, "weight": 200, "recipient_city": "Wien"}
        assert read(api, parcel) == answer.json()

    @pytest.mark.parametrize("blank", [None, ""])
    def test_null_and_the_empty_string_clear(self, api: Api, blank: Any) -> None:
        api.order(promised_delivery_date="2027-02-01")
        parcel = api.shipment(**GIVEN)
        cleared = {name: blank for name in GIVEN if name != "tracking_code"}
        body = api.put(parcel["iri"], cleared).json()
        blanks = {"return_parcel": False, "trackable": True, "tracking_code": "JJD01"}
        for name in GIVEN:
            assert body[name] == blanks.get(name), name

    def test_what_was_read_can_be_put_back(self, api: Api) -> None:
        api.order(promised_delivery_date="2027-02-01")
        parcel = api.shipment(**GIVEN, counted=True)
        assert api.put(parcel["iri"], parcel).json() == parcel
        assert api.put(parcel["iri"], {**parcel, "comment": "x"}).json()["comment"] == "x"

    def test_what_was_read_can_be_put_back_after_the_scan(self, api: Api) -> None:
        api.order()
        fields = {**GIVEN, "local_delivery": False}
        fields["planned_pickup_datetime"] = "2027-01-16 09:30:00.123456"
        parcel = api.shipment(**fields)
        api.update(tracking_code="JJD01", status="pickup")
        answer = api.put(parcel["iri"], {**read(api, parcel), "comment": "left at the door"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["comment"] == "left at the door"

    @pytest.mark.parametrize("status", SCANNED)
    def test_after_the_first_scan_the_label_is_fixed(self, api: Api, status: str) -> None:
        api.order(promised_delivery_date="2027-02-01")
        parcel = api.shipment(**GIVEN)
        api.update(tracking_code="JJD01", status=status)
        other = {
            "tracking_code": "X", "reference_number": "X", "carrier": {"name": "dpd"},
            "return_parcel": False, "trackable": True, "recipient_city": "Wien", "weight": 1,
            "planned_pickup_datetime": None, "local_delivery": False, "reference_number_2": "X",
        }  # fmt: skip
        before = read(api, parcel)
        for name, value in other.items():
            answer = api.put(parcel["iri"], {name: value, "comment": "x"})
            assert (answer.status_code, answer.json()["code"]) == (409, "shipment_scanned"), name
        assert read(api, parcel) == before
        open_still = {"comment": "x", "shipment_tag": {"b": "2"}, "counted": False}
        answer = api.put(parcel["iri"], open_still)
        assert answer.status_code == 200
        assert {name: answer.json()[name] for name in open_still} == open_still

    @pytest.mark.parametrize("status", NEVER_SCANNED)
    def test_before_the_first_scan_it_is_open(self, api: Api, status: str) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T")
        api.update(tracking_code="T", status=status)
        assert api.put(parcel["iri"], {"weight": 1}).status_code == 200

    def test_a_retracted_scan_opens_it_again(self, api: Api) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T")
        scan = api.update(tracking_code="T", status="pickup").json()["id"]
        assert api.put(parcel["iri"], {"weight": 1}).status_code == 409
        assert api.update(tracking_code="T", retracts=scan).status_code == 201
        assert api.put(parcel["iri"], {"weight": 1}).status_code == 200

    def test_a_parcel_never_loses_its_last_name(self, api: Api) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T")
        answer = api.put(parcel["iri"], {"tracking_code": None})
        assert answer.status_code == 400
        renamed = api.put(parcel["iri"], {"tracking_code": "", "reference_number": "R"})
        assert renamed.status_code == 200
        assert renamed.json()["tracking_code"] is None

    def test_a_taken_name_is_refused(self, api: Api) -> None:
        api.order("A")
        api.order("B")
        api.shipment("A", tracking_code="T", reference_number="R")
        other = api.shipment("B", tracking_code="U")
        mine = api.shipment("B", tracking_code="V")
        for change in ({"tracking_code": "T"}, {"reference_number": "R"}, {"tracking_code": "U"}):
            answer = api.put(mine["iri"], change)
            assert answer.status_code == 409, change
        assert read(api, mine) == mine
        # The same number at another carrier is another name, until the carrier is changed too.
        changed = api.put(other["iri"], {"tracking_code": "T", "carrier": {"name": "dhl"}})
        assert changed.status_code == 200
        assert api.put(other["iri"], {"carrier": None}).status_code == 409

    def test_a_name_given_up_is_free(self, api: Api) -> None:
        api.order("A")
        api.order("B")
        parcel = api.shipment("A", tracking_code="T")
        assert api.put(parcel["iri"], {"tracking_code": "U"}).status_code == 200
        new = api.shipment("B", tracking_code="T")
        assert api.update(tracking_code="T", status="info").json()["shipment_id"] == new["id"]
        assert api.update(tracking_code="U", status="info").json()["shipment_id"] == parcel["id"]


class TestDelete:
    @pytest.mark.parametrize("status", [None, *NEVER_SCANNED])
    def test_until_the_first_scan(self, api: Api, status: str | None) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T", reference_number="R")
        if status:
            api.update(tracking_code="T", status=status)
        answer = api.delete(parcel["iri"])
        assert (answer.status_code, answer.content) == (204, b"")
        for method in ("GET", "DELETE"):
            assert api.call(method, parcel["iri"]).status_code == 404
        assert api.get(parcel["iri"] + "/events").status_code == 404
        assert api.put(parcel["iri"], {"comment": "x"}).status_code == 404
        assert order(api)["shipments"] == []
        again = api.post("/v2/shipments", {"order_id": "ORD-1", "tracking_code": "T"})
        assert "Idempotent-Replayed" not in again.headers

    @pytest.mark.parametrize("status", SCANNED)
    def test_not_after_it(self, api: Api, status: str) -> None:
        api.order()
        parcel = api.shipment(tracking_code="T")
        api.update(tracking_code="T", status=status)
        answer = api.delete(parcel["iri"])
        assert (answer.status_code, answer.json()["code"]) == (409, "shipment_scanned")
        assert api.get(parcel["iri"]).status_code == 200

    @pytest.mark.parametrize("before", ["new", "paid", "in_preparation"])
    def test_an_order_left_without_parcels_returns_to_where_it_was(
        self, api: Api, before: str
    ) -> None:
        api.order()
        api.post("/v2/order_states", {"order_id": "ORD-1", "state": before})
        parcel = api.shipment(tracking_code="T")
        assert order(api)["state"] == "shipped"
        api.delete(parcel["iri"])
        assert order(api)["state"] == before
        assert "shipped" not in [line["state"] for line in order(api)["states_history"]]

    def test_a_deleted_order_takes_its_parcels_along(self, api: Api) -> None:
        api.order("A")
        parcel = api.shipment("A", tracking_code="T", reference_number="R")
        assert api.delete("/v2/orders/A").status_code == 204
        assert api.get(parcel["iri"]).status_code == 404
        assert api.get("/v2/shipments").json() == []
        api.order("B")
        assert api.shipment("B", tracking_code="T")["id"] != parcel["id"]
        assert api.shipment("B", reference_number="R")["id"] != parcel["id"]


@pytest.mark.parametrize("shipment_id", ["1", "abc", "700000000000999", "0" * 15, "²" * 15])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_shipment_is_not_found(api: Api, method: str, shipment_id: str) -> None:
    body = {"comment": "x"} if method == "PUT" else None
    answer = api.call(method, f"/v2/shipments/{shipment_id}", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "shipment_not_found")


def test_another_accounts_shipment_is_not_found(api: Api) -> None:
    api.order()
    parcel = api.shipment(tracking_code="T", reference_number="R")
    other = api.account("Other")
    for path in (parcel["iri"], f"{parcel['iri']}/events", f"/v2/shipment/events/{parcel['id']}"):
        assert api.get(path, key=other).status_code == 404
    assert api.put(parcel["iri"], {"comment": "x"}, key=other).status_code == 404
    assert api.delete(parcel["iri"], key=other).status_code == 404
    api.post("/v2/order", {"order_id": "ORD-1"}, key=other)
    body = {"order_id": "ORD-1", "tracking_code": "T", "reference_number": "R"}
    made = api.post("/v2/shipments", body, key=other)
    assert made.status_code == 201
    assert made.json()["id"] != parcel["id"]
    assert read(api, parcel) == parcel


class TestUntracked:
    def reach(self, api: Api, days: int | None, **fields: Any) -> dict[str, Any]:
        if days is not None:
            assert api.put("/v2/account", {"untrackable_days": days}).status_code == 200
        api.order()
        fields = {"planned_pickup_datetime": PICKUP, "trackable": False, **fields}
        return api.shipment(tracking_code="T", **fields)

    def test_is_off_by_default(self, api: Api) -> None:
        parcel = self.reach(api, None)
        api.clock.advance(days=300)
        api.forget_tokens()
        assert read(api, parcel)["status"] == "new"

    def test_counts_as_delivered_n_days_after_its_planned_pickup(self, api: Api) -> None:
        parcel = self.reach(api, 3)
        api.clock.advance(days=4, minutes=89)
        api.forget_tokens()
        assert read(api, parcel)["status"] == "new"
        assert order(api)["state"] == "shipped"
        api.clock.advance(minutes=1)
        assert read(api, parcel)["status"] == "delivered"
        assert read(api, parcel)["delivered_at"] == "2027-01-19T09:30:00Z"
        assert order(api)["state"] == "completed"
        assert order(api)["states_history"][-1]["datetime"] == "2027-01-19T09:30:00.000Z"

    def test_every_listing_knows_it_at_once(self, api: Api) -> None:
        parcel = self.reach(api, 3)
        api.clock.advance(days=5)
        api.forget_tokens()
        assert api.get("/v2/shipments?status=new").json() == []
        assert api.get("/v2/orders?state=shipped").json() == []
        assert [one["id"] for one in api.get("/v2/shipments?status=delivered").json()] == [
            parcel["id"]
        ]
        assert [one["order_id"] for one in api.get("/v2/orders?state=completed").json()] == [
            "ORD-1"
        ]

    def test_is_delivered_when_reported(self, api: Api) -> None:
        parcel = self.reach(api, 3)
        api.update(tracking_code="T", status="delivered", datetime="2027-01-15T08:00:00Z")
        api.clock.advance(days=30)
        api.forget_tokens()
        assert read(api, parcel)["delivered_at"] == "2027-01-15T08:00:00Z"

    @pytest.mark.parametrize("fields", [{"trackable": True}, {"planned_pickup_datetime": None}])
    def test_never_for_others(self, api: Api, fields: dict[str, Any]) -> None:
        parcel = self.reach(api, 3, **fields)
        api.clock.advance(days=300)
        api.forget_tokens()
        assert read(api, parcel)["status"] == "new"

    def test_a_retracted_assumption_is_not_made_again(self, api: Api) -> None:
        parcel = self.reach(api, 3)
        api.clock.advance(days=5)
        api.forget_tokens()
        (assumed,) = api.get(parcel["iri"] + "/events").json()
        assert api.update(shipment_id=parcel["id"], retracts=assumed["id"]).status_code == 201
        api.clock.advance(days=5)
        api.forget_tokens()
        assert read(api, parcel)["status"] == "new"
        assert [one["id"] for one in api.get("/v2/shipments?status=new").json()] == [parcel["id"]]

    def test_a_listing_waits_for_no_more_than_it_can_and_never_shows_what_is_old(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing_moment, "ORDERS_AT_ONCE", 1)
        monkeypatch.setattr(listing_moment, "MOST_SECONDS", 0.0)
        assert api.put("/v2/account", {"untrackable_days": 3}).status_code == 200
        for number in range(4):
            api.order(f"{number}")
            for half in "ab":
                fields = {"planned_pickup_datetime": PICKUP, "trackable": False}
                api.shipment(f"{number}", tracking_code=f"{number}{half}", **fields)
        api.clock.advance(days=5)
        api.forget_tokens()
        for _ in range(3):
            answer = api.get("/v2/shipments?status=new&limit=100")
            assert answer.status_code == 503
            assert answer.json()["code"] == "not_up_to_date"
            assert "Retry-After" in answer.headers
        assert api.get("/v2/orders?language=de").status_code == 200, "not moved by the clock"
        assert api.get("/v2/shipments?status=new&limit=100").json() == []
        assert len(api.get("/v2/shipments?status=delivered").json()) == 8
        assert len(api.get("/v2/orders?state=completed").json()) == 4
