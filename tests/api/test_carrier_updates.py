"""Carrier updates over HTTP (API, section 8): how doorstep learns where a parcel is."""

import itertools
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from doorstep.store.orders import read_order
from tests.conftest import Api

NOW = "2027-01-15T08:00:00Z"
STATUSES = {
    "new": "New",
    "info": "Info",
    "pickup": "Pickup",
    "hub_scan": "Hub scan at LMC",
    "out_for_delivery": "Out for delivery",
    "delivery_failed": "Carded",
    "ready_for_collection": "Ready for collection",
    "delivered": "Delivered",
    "returned_to_sender": "Returned to sender",
    "lost": "Lost",
}


@pytest.fixture
def parcel(api: Api) -> dict[str, Any]:
    api.order()
    return api.shipment(tracking_code="T", reference_number="R", carrier={"name": "dhl"})


def post(api: Api, body: Any, **options: Any) -> Any:
    return api.post("/v2/carrier_updates", body, **options)


def read(api: Api, parcel: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = api.get(parcel["iri"]).json()
    return body


def listed(api: Api, parcel: dict[str, Any]) -> list[dict[str, Any]]:
    body: list[dict[str, Any]] = api.get(parcel["iri"] + "/events").json()
    return body


class TestSingle:
    def test_is_recorded(self, api: Api, parcel: dict[str, Any]) -> None:
        update = {
            "tracking_code": "T",
            "status": "hub_scan",
            "datetime": "2027-01-15T09:30:00.5+02:00",
            "location": "Wien",
            "description": "Sorted",
        }
        answer = post(api, update)
        assert answer.status_code == 201
        assert "Idempotent-Replayed" not in answer.headers
        body = answer.json()
        assert type(body.pop("id")) is int
        assert body == {
            "shipment_id": parcel["id"],
            "order_id": "ORD-1",
            "event": "Hub scan at LMC",
            "description": "Sorted",
            "creationDate": "2027-01-15T07:30:00.500Z",
            "status": "hub_scan",
            "location": "Wien",
            "retracts": None,
            "recorded_at": "2027-01-15T08:00:00.000Z",
        }
        assert read(api, parcel)["status"] == "hub_scan"

    def test_is_known_already(self, api: Api, parcel: dict[str, Any]) -> None:
        update = {"tracking_code": "T", "status": "pickup", "datetime": NOW, "location": "Wien"}
        first = post(api, update)
        again = post(api, {**update, "datetime": "2027-01-15 09:00:00+01", "status": "Pickup"})
        assert again.status_code == 200
        assert again.json() == first.json()
        assert again.headers["Idempotent-Replayed"] == "true"
        assert len(listed(api, parcel)) == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"status": "info"},
            {"datetime": "2027-01-15T08:00:00.000001Z"},
            {"location": "Graz"},
            {"location": None},
            {"description": "again"},
            {"status": None},
        ],
    )
    def test_identity(self, api: Api, parcel: dict[str, Any], other: dict[str, Any]) -> None:
        update = {"tracking_code": "T", "status": "pickup", "datetime": NOW, "location": "Wien"}
        assert post(api, update).status_code == 201
        assert post(api, {**update, **other}).status_code == 201
        assert len(listed(api, parcel)) == 2

    def test_the_same_words_of_another_parcel_are_another_update(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        api.shipment(tracking_code="U")
        for code in ("T", "U"):
            update = {"tracking_code": code, "status": "pickup", "datetime": NOW}
            assert post(api, update).status_code == 201

    @pytest.mark.parametrize(
        "name",
        [
            {"tracking_code": "T"},
            {"tracking_code": "T", "carrier": "DHL"},
            {"tracking_code": "T", "carrier": {"name": "dhl"}},
            {"tracking_code": "T", "carrier": {"country": "DE"}},
            {"reference_number": "R"},
            {"tracking_code": "unknown", "reference_number": "R"},
        ],
    )
    def test_finds_its_parcel_by_either_name(
        self, api: Api, parcel: dict[str, Any], name: dict[str, Any]
    ) -> None:
        answer = post(api, {**name, "status": "info", "datetime": NOW})
        assert answer.status_code == 201
        assert answer.json()["shipment_id"] == parcel["id"]

    @pytest.mark.parametrize("as_text", [False, True])
    def test_finds_its_parcel_by_id(self, api: Api, parcel: dict[str, Any], as_text: bool) -> None:
        number = str(parcel["id"]) if as_text else parcel["id"]
        answer = post(api, {"shipment_id": number, "status": "info", "datetime": NOW})
        assert answer.json()["shipment_id"] == parcel["id"]

    @pytest.mark.parametrize("status", STATUSES)
    def test_labels_are_accepted_as_input(
        self, api: Api, parcel: dict[str, Any], status: str
    ) -> None:
        label = STATUSES[status]
        for word in (label, label.upper()):
            answer = post(api, {"tracking_code": "T", "status": word, "datetime": NOW})
            assert answer.json()["status"] == status
            assert answer.json()["event"] == label
        assert (read(api, parcel)["status"], read(api, parcel)["status_label"]) == (status, label)

    @pytest.mark.parametrize("status", [{}, {"status": None}, {"status": ""}])
    def test_without_status_it_is_listed_and_moves_nothing(
        self, api: Api, parcel: dict[str, Any], status: dict[str, Any]
    ) -> None:
        before = read(api, parcel)
        update = {"tracking_code": "T", "datetime": NOW, "description": "Customs", **status}
        answer = post(api, update)
        assert answer.status_code == 201
        assert (answer.json()["status"], answer.json()["event"]) == (None, None)
        assert read(api, parcel) == before
        assert [one["description"] for one in listed(api, parcel)] == ["Customs"]

    @pytest.mark.parametrize(
        ("body", "paths"),
        [
            ({"status": "info", "datetime": NOW}, ["reference_number", "shipment_id",
                                                  "tracking_code"]),
            ({"tracking_code": "T", "status": "info"}, ["datetime"]),
            ({"tracking_code": "T", "status": "info", "datetime": None}, ["datetime"]),
            ({"tracking_code": "T", "status": "info", "datetime": 1_800_000_000}, ["datetime"]),
            ({"tracking_code": "T", "status": "info", "datetime": "now"}, ["datetime"]),
            ({"tracking_code": "T", "status": "eaten", "datetime": NOW}, ["status"]),
            ({"tracking_code": "T", "status": "completed", "datetime": NOW}, ["status"]),
            ({"tracking_code": "T", "status": 4, "datetime": "x"}, ["datetime", "status"]),
            ({"tracking_code": {}, "datetime": NOW, "location": 1}, ["location", "tracking_code"]),
            ({"tracking_code": "T", "datetime": NOW, "retracts": "first"}, ["retracts"]),
            ("T", [""]),
            (None, [""]),
        ],
    )  # fmt: skip
    def test_a_malformed_one_names_its_fields(
        self, api: Api, parcel: dict[str, Any], body: Any, paths: list[str]
    ) -> None:
        content = b"null" if body is None else None
        answer = (
            api.call("POST", "/v2/carrier_updates", content=content) if content else post(api, body)
        )
        assert answer.status_code == 400
        assert sorted(line["propertyPath"] for line in answer.json()["violations"]) == paths
        assert listed(api, parcel) == []

    @pytest.mark.parametrize("name", ["T", "unknown"])
    def test_no_more_than_24_hours_ahead(self, api: Api, parcel: dict[str, Any], name: str) -> None:
        update = {"tracking_code": name, "status": "info"}
        late = post(api, {**update, "datetime": "2027-01-16T08:00:01Z"})
        assert late.status_code == 400
        assert late.json()["violations"][0]["propertyPath"] == "datetime"
        assert post(api, {**update, "datetime": "2027-01-16T08:00:00Z"}).status_code in (201, 202)

    def test_the_offset_is_kept(self, api: Api, parcel: dict[str, Any]) -> None:
        given = {"+02:00": 120, "-0530": -330, "Z": None, "": None, "+00:00": 0}
        for minute, offset in enumerate(given):
            update = {"tracking_code": "T", "datetime": f"2027-01-14T10:{minute:02}:00{offset}"}
            assert post(api, update).status_code == 201
        order = api.run(read_order(api.services.store.reader, 1, "ORD-1"))
        kept = [update.utc_offset for update in order.shipments[0].updates]
        assert kept == list(given.values())

    def test_one_key_one_answer(self, api: Api, parcel: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": "k"}
        update = {"tracking_code": "T", "status": "info", "datetime": NOW}
        first = post(api, update, headers=headers)
        again = post(api, update, headers=headers)
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
        other = post(api, {**update, "status": "pickup"}, headers=headers)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")

    def test_another_accounts_parcel_is_unknown(self, api: Api, parcel: dict[str, Any]) -> None:
        other = api.account("Other")
        for name in ({"tracking_code": "T"}, {"shipment_id": parcel["id"]}):
            update = {**name, "status": "delivered", "datetime": NOW}
            assert post(api, update, key=other).status_code == 202
        assert read(api, parcel)["status"] == "new"


class TestAmbiguous:
    def test_a_name_that_fits_two_live_parcels_names_both(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        api.order("ORD-2")
        other = api.shipment("ORD-2", tracking_code="T", carrier={"name": "gls"})
        update = {"tracking_code": "T", "status": "info", "datetime": NOW}
        answer = post(api, update)
        assert (answer.status_code, answer.json()["code"]) == (400, "ambiguous_parcel")
        for named in (str(parcel["id"]), str(other["id"]), "ORD-1", "ORD-2"):
            assert named in answer.json()["detail"]
        assert read(api, parcel)["status"] == read(api, other)["status"] == "new"
        found = post(api, {**update, "carrier": "gls"}).json()["shipment_id"]
        assert found == other["id"]
        found = post(api, {**update, "carrier": {"name": "DHL"}}).json()["shipment_id"]
        assert found == parcel["id"]

    def test_a_parcel_without_carrier_takes_what_no_other_fits(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        bare = api.shipment(tracking_code="T")
        update = {"tracking_code": "T", "status": "info", "datetime": NOW}
        assert post(api, update).status_code == 400
        assert post(api, {**update, "carrier": "ups"}).json()["shipment_id"] == bare["id"]
        assert post(api, {**update, "carrier": "dhl"}).json()["shipment_id"] == parcel["id"]

    def test_a_parcel_final_for_30_days_is_not_live(self, api: Api, parcel: dict[str, Any]) -> None:
        other = api.shipment(tracking_code="T", carrier={"name": "gls"})
        post(api, {"shipment_id": parcel["id"], "status": "delivered", "datetime": NOW})
        update = {"tracking_code": "T", "status": "info", "datetime": NOW}
        assert post(api, update).status_code == 400
        api.clock.advance(days=30)
        api.forget_tokens()
        assert post(api, update).json()["shipment_id"] == other["id"]


class TestEarly:
    UPDATE: ClassVar[dict[str, Any]] = {"tracking_code": "E", "status": "pickup", "datetime": NOW}

    def test_is_kept_and_applied_when_the_parcel_is_posted(self, api: Api) -> None:
        answer = post(api, self.UPDATE)
        assert answer.status_code == 202
        assert answer.json() == {
            "id": answer.json()["id"],
            "status": "kept",
            "kept_until": "2027-01-29T08:00:00.000Z",
        }
        api.order()
        made = api.shipment(tracking_code="E")
        assert made["status"] == "pickup"
        (update,) = listed(api, made)
        assert (update["id"], update["creationDate"]) == (answer.json()["id"], NOW)

    @pytest.mark.parametrize(
        ("update", "posted", "applied"),
        [
            ({"tracking_code": "E"}, {"tracking_code": "E"}, True),
            ({"tracking_code": "E", "carrier": "dhl"}, {"tracking_code": "E"}, True),
            ({"tracking_code": "E"}, {"tracking_code": "E", "carrier": {"name": "dhl"}}, True),
            (
                {"tracking_code": "E", "carrier": "DHL"},
                {"tracking_code": "E", "carrier": {"name": "dhl"}},
                True,
            ),
            (
                {"tracking_code": "E", "carrier": "gls"},
                {"tracking_code": "E", "carrier": {"name": "dhl"}},
                False,
            ),
            ({"reference_number": "E"}, {"reference_number": "E"}, True),
            ({"reference_number": "E"}, {"tracking_code": "E"}, False),
            ({"tracking_code": "E"}, {"reference_number": "E"}, False),
            ({"tracking_code": "E"}, {"tracking_code": "F", "reference_number": "E"}, False),
            (
                {"tracking_code": "x", "reference_number": "E"},
                {"tracking_code": "F", "reference_number": "E"},
                True,
            ),
        ],
    )
    def test_waits_for_the_parcel_that_it_names(
        self, api: Api, update: dict[str, Any], posted: dict[str, Any], applied: bool
    ) -> None:
        body = {**update, "status": "delivered", "datetime": NOW}
        assert post(api, body).status_code == 202
        api.order()
        made = api.shipment(**posted)
        assert made["status"] == ("delivered" if applied else "new")
        state = api.get("/v2/orders/ORD-1").json()["state"]
        assert state == ("completed" if applied else "shipped")

    @pytest.mark.parametrize("days", [13, 14])
    def test_is_kept_14_days(self, api: Api, days: int) -> None:
        post(api, self.UPDATE)
        api.order()
        api.clock.advance(days=days)
        api.forget_tokens()
        assert api.shipment(tracking_code="E")["status"] == ("pickup" if days < 14 else "new")

    def test_is_applied_when_a_parcel_gets_its_name(self, api: Api, parcel: dict[str, Any]) -> None:
        post(api, self.UPDATE)
        post(api, {"reference_number": "ER", "datetime": NOW, "description": "weighed"})
        renamed = api.put(parcel["iri"], {"tracking_code": "E", "reference_number": "ER"})
        assert renamed.json()["status"] == "pickup"
        assert [one["description"] for one in listed(api, parcel)] == [None, "weighed"]

    def test_is_applied_when_a_parcel_gets_its_carrier(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        early = {"tracking_code": "T", "carrier": "gls", "status": "pickup", "datetime": NOW}
        assert post(api, early).status_code == 202
        assert read(api, parcel)["status"] == "new"
        changed = api.put(parcel["iri"], {"carrier": {"name": "GLS"}})
        assert changed.json()["status"] == "pickup"

    def test_is_applied_when_the_parcel_comes_again_with_its_name(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        post(api, self.UPDATE)
        again = api.shipment(reference_number="R", tracking_code="E", carrier={"name": "dhl"})
        assert (again["id"], again["status"]) == (parcel["id"], "pickup")

    def test_is_applied_once(self, api: Api) -> None:
        post(api, self.UPDATE)
        api.order()
        made = api.shipment(tracking_code="E")
        assert api.delete(made["iri"]).status_code == 409
        assert api.delete("/v2/orders/ORD-1").status_code == 204
        api.order()
        assert api.shipment(tracking_code="E")["status"] == "new"

    def test_the_same_one_is_kept_once(self, api: Api) -> None:
        first = post(api, self.UPDATE)
        api.clock.advance(minutes=5)
        assert post(api, self.UPDATE).json() == first.json()
        api.order()
        assert len(listed(api, api.shipment(tracking_code="E"))) == 1

    def test_one_that_names_a_carrier_does_not_stand_for_one_that_names_none(
        self, api: Api
    ) -> None:
        assert post(api, {**self.UPDATE, "carrier": "dhl"}).status_code == 202
        assert post(api, self.UPDATE).status_code == 202
        api.order()
        assert api.shipment(tracking_code="E", carrier={"name": "gls"})["status"] == "pickup"
        made = api.shipment(tracking_code="E", carrier={"name": "dhl"})
        assert (made["status"], len(listed(api, made))) == ("pickup", 1)

    def test_many_are_applied_as_if_they_had_come_after(self, api: Api) -> None:
        for minute, status in enumerate(("delivered", "pickup", "out_for_delivery", "info")):
            moment = f"2027-01-15T07:{minute:02}:00Z"
            post(api, {"tracking_code": "E", "status": status, "datetime": moment})
        api.order()
        made = api.shipment(tracking_code="E")
        assert (made["status"], made["delivered_at"]) == ("delivered", "2027-01-15T07:00:00Z")
        assert len(listed(api, made)) == 4

    def test_one_may_retract_another(self, api: Api) -> None:
        wrong = post(api, {**self.UPDATE, "status": "delivered"}).json()["id"]
        assert post(api, {**self.UPDATE, "status": None, "retracts": wrong}).status_code == 202
        api.order()
        assert api.shipment(tracking_code="E")["status"] == "new"

    def test_an_id_that_nothing_bears_is_unknown_too(self, api: Api) -> None:
        for number in (5, "abc", 700_000_000_000_999):
            update = {"shipment_id": number, "status": "info", "datetime": NOW}
            assert post(api, update).status_code == 202

    def test_a_name_that_was_final_for_30_days_waits_for_its_next_bearer(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        post(api, {"tracking_code": "T", "status": "delivered", "datetime": NOW})
        api.clock.advance(days=30)
        api.forget_tokens()
        update = {"tracking_code": "T", "status": "pickup", "datetime": "2027-02-14T08:00:00Z"}
        assert post(api, update).status_code == 202
        assert len(listed(api, parcel)) == 1
        api.order("ORD-2")
        new = api.shipment("ORD-2", tracking_code="T", carrier={"name": "dhl"})
        assert new["status"] == "pickup"

    def test_what_a_long_final_parcel_knows_is_still_its_own(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        """Old deliveries are imported, sent again, and taken back by the name they came with."""
        update = {"tracking_code": "T", "status": "delivered", "datetime": "2020-01-01 00:00"}
        first = post(api, update)
        assert first.status_code == 201
        again = post(api, update)
        assert (again.status_code, again.json()) == (200, first.json())
        back = post(api, {"tracking_code": "T", "datetime": NOW, "retracts": first.json()["id"]})
        assert back.status_code == 201
        assert read(api, parcel)["status"] == "new"


class TestBound:
    @pytest.fixture
    def small(self, database: str) -> Iterator[Api]:
        opened = Api(database, max_early_updates=3)
        yield opened
        opened.close()

    def early(self, api: Api, code: str, **options: Any) -> Any:
        update = {"tracking_code": code, "status": "info", "datetime": NOW}
        return post(api, update, **options)

    def test_each_account_keeps_so_many(self, small: Api) -> None:
        for code in "ABC":
            assert self.early(small, code).status_code == 202
        refused = self.early(small, "D")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_early_updates")
        assert int(refused.headers["Retry-After"]) > 0
        assert self.early(small, "A").status_code == 202
        other = small.account("Other")
        assert self.early(small, "D", key=other).status_code == 202

    def test_a_parcel_that_is_posted_makes_room(self, small: Api) -> None:
        for code in "ABC":
            self.early(small, code)
        small.order()
        small.shipment(tracking_code="B")
        assert self.early(small, "D").status_code == 202
        assert self.early(small, "E").status_code == 429

    def test_what_has_expired_makes_room(self, small: Api) -> None:
        for code in "ABC":
            self.early(small, code)
        small.clock.advance(days=14)
        small.forget_tokens()
        assert self.early(small, "D").status_code == 202

    def test_what_can_never_be_applied_takes_no_room(self, small: Api) -> None:
        for number in range(5):
            update = {"shipment_id": number, "status": "info", "datetime": NOW}
            assert post(small, update).status_code == 202
        assert self.early(small, "A").status_code == 202

    def test_an_array_tells_it_by_entry(self, small: Api) -> None:
        updates = [{"tracking_code": code, "datetime": NOW} for code in "ABCDE"]
        found = [one["status"] for one in post(small, updates).json()]
        assert found == [202, 202, 202, 429, 429]


class TestArray:
    def test_answers_for_each_entry_in_order(self, api: Api, parcel: dict[str, Any]) -> None:
        good = {"tracking_code": "T", "status": "pickup", "datetime": NOW}
        answer = post(
            api,
            [
                good,
                {**good, "status": "eaten"},
                {**good, "tracking_code": "unknown"},
                good,
                "T",
                {**good, "datetime": "2027-01-17T08:00:00Z"},
                {**good, "status": "hub_scan"},
                {**good, "retracts": 700_000_000_000_999},
                {},
            ],
        )
        assert answer.status_code == 200
        found = answer.json()
        assert [one["index"] for one in found] == list(range(9))
        assert [one["status"] for one in found] == [201, 400, 202, 200, 400, 400, 201, 400, 400]
        for one in found:
            assert ("code" in one) is (one["status"] >= 400)
            recorded = one["status"] in (200, 201)
            assert one.get("shipment_id") == (parcel["id"] if recorded else None)
        assert [one["status"] for one in listed(api, parcel)] == ["pickup", "hub_scan"]

    @pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 250, 1000])
    def test_as_many_as_1000(self, api: Api, parcel: dict[str, Any], count: int) -> None:
        updates = [
            {"tracking_code": "T", "status": "info", "datetime": NOW, "location": str(number)}
            for number in range(count)
        ]
        answer = post(api, updates)
        assert answer.status_code == 200
        assert [one["status"] for one in answer.json()] == [201] * count
        assert len(listed(api, parcel)) == count
        assert [one["status"] for one in post(api, updates).json()] == [200] * count

    def test_no_more(self, api: Api, parcel: dict[str, Any]) -> None:
        update = {"tracking_code": "T", "datetime": NOW}
        answer = post(api, [update] * 1001)
        assert (answer.status_code, answer.json()["code"]) == (400, "too_many_updates")
        assert listed(api, parcel) == []

    def test_a_name_that_fits_two_is_the_entrys_own_fault(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        api.shipment(tracking_code="T", carrier={"name": "gls"})
        update = {"tracking_code": "T", "status": "info", "datetime": NOW}
        bad, good = post(api, [update, {**update, "carrier": "dhl"}]).json()
        assert (bad["status"], bad["code"]) == (400, "ambiguous_parcel")
        assert str(parcel["id"]) in bad["detail"]
        assert (good["status"], good["shipment_id"]) == (201, parcel["id"])

    def test_one_key_one_answer(self, api: Api, parcel: dict[str, Any]) -> None:
        headers = {"Idempotency-Key": "k"}
        updates = [{"tracking_code": "T", "status": "info", "datetime": NOW}]
        first = post(api, updates, headers=headers)
        again = post(api, updates, headers=headers)
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert post(api, updates * 2, headers=headers).status_code == 409


class TestRetraction:
    def test_takes_an_update_out_of_the_set(self, api: Api, parcel: dict[str, Any]) -> None:
        post(api, {"tracking_code": "T", "status": "hub_scan", "datetime": NOW})
        wrong = post(api, {"tracking_code": "T", "status": "delivered", "datetime": NOW}).json()
        assert api.get("/v2/orders/ORD-1").json()["state"] == "completed"
        answer = post(api, {"tracking_code": "T", "datetime": NOW, "retracts": wrong["id"]})
        assert answer.status_code == 201
        assert answer.json()["retracts"] == wrong["id"]
        assert read(api, parcel)["status"] == "hub_scan"
        assert read(api, parcel)["delivered_at"] is None
        order = api.get("/v2/orders/ORD-1").json()
        assert order["state"] == "shipped"
        assert [line["state"] for line in order["states_history"]] == ["new", "shipped"]
        assert len(listed(api, parcel)) == 3

    def test_is_known_the_second_time(self, api: Api, parcel: dict[str, Any]) -> None:
        wrong = post(api, {"tracking_code": "T", "status": "lost", "datetime": NOW}).json()["id"]
        for expected in (201, 200):
            for number in (wrong, str(wrong)):
                update = {"tracking_code": "T", "datetime": NOW, "retracts": number}
                assert post(api, update).status_code == expected
                expected = 200

    def test_may_be_retracted_itself(self, api: Api, parcel: dict[str, Any]) -> None:
        scan = post(api, {"tracking_code": "T", "status": "lost", "datetime": NOW}).json()["id"]
        retraction = {"tracking_code": "T", "datetime": NOW, "retracts": scan}
        mistaken = post(api, retraction).json()["id"]
        assert read(api, parcel)["status"] == "new"
        post(api, {**retraction, "retracts": mistaken})
        assert read(api, parcel)["status"] == "lost"

    def test_may_bring_the_right_status_along(self, api: Api, parcel: dict[str, Any]) -> None:
        wrong = post(api, {"tracking_code": "T", "status": "lost", "datetime": NOW}).json()["id"]
        right = {"tracking_code": "T", "status": "hub_scan", "datetime": NOW, "retracts": wrong}
        assert post(api, right).status_code == 201
        assert read(api, parcel)["status"] == "hub_scan"

    def test_needs_an_update_of_the_same_parcel(self, api: Api, parcel: dict[str, Any]) -> None:
        api.shipment(tracking_code="U")
        other = post(api, {"tracking_code": "U", "status": "lost", "datetime": NOW}).json()["id"]
        for number in (other, 700_000_000_000_999, parcel["id"], 5):
            answer = post(api, {"tracking_code": "T", "datetime": NOW, "retracts": number})
            assert answer.status_code == 400
            assert answer.json()["violations"][0]["propertyPath"] == "retracts"


class TestSet:
    ROWS = (
        *("new", "info", "pickup", "hub_scan", "out_for_delivery"),
        *("lost", "returned_to_sender", "delivered"),
    )

    @pytest.mark.parametrize(("lower", "higher"), list(itertools.combinations(ROWS, 2)))
    @pytest.mark.parametrize("turned", [False, True])
    def test_the_higher_phase_wins_whenever_it_came(
        self, api: Api, parcel: dict[str, Any], lower: str, higher: str, turned: bool
    ) -> None:
        """Among the final ones: delivered over returned_to_sender over lost."""
        updates = [(lower, "2027-01-15T07:00:00Z"), (higher, "2027-01-15T06:00:00Z")]
        for status, moment in reversed(updates) if turned else updates:
            post(api, {"tracking_code": "T", "status": status, "datetime": moment})
        assert read(api, parcel)["status"] == higher

    def test_in_a_phase_the_latest_moment_wins(self, api: Api, parcel: dict[str, Any]) -> None:
        for status, hour in (("ready_for_collection", 5), ("out_for_delivery", 7),
                             ("delivery_failed", 6)):  # fmt: skip
            moment = f"2027-01-15T{hour:02}:00:00Z"
            post(api, {"tracking_code": "T", "status": status, "datetime": moment})
        assert read(api, parcel)["status"] == "out_for_delivery"

    def test_ties_go_by_the_row_of_the_table(self, api: Api, parcel: dict[str, Any]) -> None:
        for status in ("ready_for_collection", "out_for_delivery", "delivery_failed"):
            post(api, {"tracking_code": "T", "status": status, "datetime": NOW})
        assert read(api, parcel)["status"] == "ready_for_collection"

    def test_delivered_at_is_the_earliest_delivery_that_stands(
        self, api: Api, parcel: dict[str, Any]
    ) -> None:
        made = {}
        for hour in (6, 5, 7):
            moment = f"2027-01-15T0{hour}:00:00Z"
            update = {"tracking_code": "T", "status": "delivered", "datetime": moment}
            made[hour] = post(api, update).json()["id"]
        assert read(api, parcel)["delivered_at"] == "2027-01-15T05:00:00Z"
        post(api, {"tracking_code": "T", "datetime": NOW, "retracts": made[5]})
        assert read(api, parcel)["delivered_at"] == "2027-01-15T06:00:00Z"

    def test_any_order_of_arrival_ends_the_same(self, api: Api) -> None:
        """Two parcels, a promise in between their deliveries, every order of six reports."""
        reports = [
            ("A", "pickup", "05"), ("A", "delivered", "06"), ("A", "delivered", "04"),
            ("B", "returned_to_sender", "05"), ("B", "delivered", "07"), ("A", "pickup", "05"),
        ]  # fmt: skip
        ends = set()
        for number, order in enumerate(
            itertools.islice(itertools.permutations(reports), 0, 720, 23)
        ):
            name = f"P-{number}"
            api.order(name, promised_delivery_date="2027-01-15T06:30:00Z")
            for which in "AB":
                api.shipment(name, tracking_code=f"{name}-{which}")
            for which, status, hour in order:
                update = {"tracking_code": f"{name}-{which}", "status": status}
                post(api, {**update, "datetime": f"2027-01-15T{hour}:00:00Z"})
            made = api.get(f"/v2/orders/{name}").json()
            completed = made["states_history"][-1]
            ends.add(
                (
                    *(parcel["status"] for parcel in made["shipments"]),
                    *(parcel["delivered_at"] for parcel in made["shipments"]),
                    *(line["state"] for line in made["states_history"]),
                    *(completed["datetime"], made["state"], made["delayed"], made["delayed_at"]),
                )
            )
        assert ends == {
            (
                *("delivered", "delivered", "2027-01-15T04:00:00Z", "2027-01-15T07:00:00Z"),
                *("new", "shipped", "completed", "2027-01-15T07:00:00.000Z", "completed"),
                *(True, "2027-01-15T06:30:00Z"),
            )
        }


class TestListing:
    def test_is_oldest_first_on_both_paths(self, api: Api, parcel: dict[str, Any]) -> None:
        for hour, status in ((7, "hub_scan"), (5, "info"), (6, "pickup")):
            moment = f"2027-01-15T0{hour}:00:00Z"
            post(api, {"tracking_code": "T", "status": status, "datetime": moment})
        found = listed(api, parcel)
        assert [one["status"] for one in found] == ["info", "pickup", "hub_scan"]
        for name in ("id", "event", "description", "creationDate", "status", "location",
                     "recorded_at"):  # fmt: skip
            assert name in found[0]
        assert api.get(f"/v2/shipment/events/{parcel['id']}").json() == found

    def test_is_empty_at_first(self, api: Api, parcel: dict[str, Any]) -> None:
        assert listed(api, parcel) == []

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
    def test_is_only_read(self, api: Api, parcel: dict[str, Any], method: str) -> None:
        answer = api.call(method, parcel["iri"] + "/events", {} if method != "DELETE" else None)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"


def test_a_carriers_key_records_updates_and_nothing_else(api: Api, parcel: dict[str, Any]) -> None:
    key = api.access_key(scope="carrier")
    update = {"tracking_code": "T", "status": "info", "datetime": NOW}
    assert post(api, update, key=key).status_code == 201
    assert api.get(parcel["iri"], key=key).status_code == 403
    reader = api.access_key(scope="read")
    assert post(api, update, key=reader).status_code == 403


def test_names_of_two_parcels_in_one_update_are_refused(api: Api) -> None:
    api.order()
    first = api.shipment(tracking_code="X")
    api.shipment(reference_number="Y")
    for names in (
        {"tracking_code": "X", "reference_number": "Y"},
        {"shipment_id": first["id"], "reference_number": "Y"},
    ):
        answer = api.update(status="delivered", **names)
        assert answer.status_code == 409, names
        assert answer.json()["code"] == "two_parcels"
    assert api.get("/v2/orders/ORD-1").json()["state"] == "shipped"


def test_one_name_of_several_is_enough(api: Api) -> None:
    api.order()
    first = api.shipment(tracking_code="X")
    unknown = {"shipment_id": 799_999_999_999_999, "reference_number": "nobody's"}
    answer = api.update(status="pickup", tracking_code="X", **unknown)
    assert answer.status_code == 201
    assert answer.json()["shipment_id"] == first["id"]


@pytest.mark.parametrize("bad", ['"\\u0000"', '"\\ud800"'])
def test_a_bad_character_in_one_entry_holds_back_no_other(api: Api, bad: str) -> None:
    api.order()
    api.shipment(tracking_code="X")
    good = '{"tracking_code": "X", "status": "pickup", "datetime": "2027-01-15T00:00:00Z"}'
    worse = good.replace("}", f', "description": {bad}}}')
    api.token()
    answer = api.call("POST", "/v2/carrier_updates", content=f"[{worse}, {good}]".encode())
    assert [entry["status"] for entry in answer.json()] == [400, 201]
    assert "description" in answer.json()[0]["detail"]
