"""API, section 4: creating, reading, changing and deleting one order."""

import asyncio
from typing import Any

import pytest

from doorstep.domain.order import SECOND
from doorstep.times import format_time
from tests.conftest import START, Api
from tests.databases import tables_of

SEED_KEYS = {
    *("boarding_complete", "language", "order_date", "order_id", "order_tags", "order_url"),
    *("promised_delivery_date", "state", "states_history", "tracking_page_url"),
}
OUR_KEYS = {
    *("id", "iri", "recipient", "order_items", "shipments", "delayed", "delayed_at", "paid_at"),
    *("created_at", "updated_at"),
}
RECIPIENT = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "street": "Main Street",
    "house_no": "12a",
    "city": "Berlin",
    "zip_code": "10115",
    "country": "DE",
    "email": "[email protected]",
    "phone": "+4930123456",
}
FULL: dict[str, Any] = {
    "order_id": "ORD-1",
    "order_date": "2024-01-15T10:30:00Z",
    "order_url": "https://shop.example.com/1",
    "language": "de",
    "boarding_complete": False,
    "order_tags": {"a": "1"},
    "promised_delivery_date": "2028-01-20T23:59:59Z",
    "recipient": RECIPIENT,
    "order_items": [{"sku": "A", "weight": 180}],
}
OTHER: dict[str, Any] = {
    "order_date": "2024-01-15T10:30:01Z",
    "order_url": "https://shop.example.com/2",
    "language": "fr",
    "boarding_complete": True,
    "order_tags": {"a": "2"},
    "promised_delivery_date": "2028-01-21T23:59:59Z",
    "recipient": {**RECIPIENT, "city": "Wien"},
    "order_items": [{"sku": "A", "weight": 181}],
}
READ_ONLY_IN_PUT = ("order_items",)


def later(api: Api, **passed: int) -> None:
    """Time passes, and the tokens with it."""
    api.clock.advance(**passed)
    api.forget_tokens()


def faults(answer: Any) -> list[str]:
    return [line["propertyPath"] for line in answer.json()["violations"]]


def replayed(answer: Any) -> bool:
    return bool(answer.headers.get("idempotent-replayed") == "true")


def test_create_answers_201_with_location(api: Api) -> None:
    answer = api.post("/v2/order", FULL)
    assert answer.status_code == 201
    order = answer.json()
    assert answer.headers["location"] == f"/v2/orders/{order['id']}" == order["iri"]
    assert not replayed(answer)
    assert api.get(answer.headers["location"]).json() == order


@pytest.mark.parametrize("body", [{"order_id": "ORD-1"}, FULL], ids=["least", "most"])
def test_every_answer_with_an_order_holds_every_key(api: Api, body: Any) -> None:
    answers = [api.post("/v2/order", body).json(), api.get("/v2/orders/ORD-1").json()]
    api.clock.advance(seconds=1)
    answers.append(api.put("/v2/orders/ORD-1", {}).json())
    answers += api.get("/v2/orders").json() + api.get("/v2/orders?order_id=ORD-1").json()
    answers.append(api.get(f"/v2/orders/ORD-1?as_of={format_time(api.clock.now)}").json())
    answers.append(api.post("/v2/order", body).json())
    assert len(answers) == 7
    for order in answers:
        assert set(order) == SEED_KEYS | OUR_KEYS
        assert type(order["id"]) is int
        assert order["iri"] == f"/v2/orders/{order['id']}"
        assert type(order["delayed"]) is bool


def test_what_is_given_comes_back(api: Api) -> None:
    order = api.post("/v2/order", FULL).json()
    given = {name: value for name, value in FULL.items() if name != "order_items"}
    assert {name: order[name] for name in given} == given
    assert order["order_items"][0]["weight"] == 180


def test_what_is_not_given(api: Api) -> None:
    order = api.order()
    assert order["order_date"] == order["created_at"] == order["updated_at"]
    assert order["order_date"].startswith("2027-01-15T08:00:00")
    nulls = ("order_url", "language", "boarding_complete", "promised_delivery_date", "recipient")
    for name in (*nulls, "delayed_at", "paid_at"):
        assert order[name] is None
    assert order["order_tags"] == {}
    assert order["order_items"] == order["shipments"] == []
    assert order["delayed"] is False
    assert order["state"] == "new"


def test_the_history_begins_with_new_at_the_moment_of_creation(api: Api) -> None:
    order = api.order()
    assert order["states_history"] == [
        {
            "datetime": "2027-01-15T08:00:00.000Z",
            "location": None,
            "order_id": "ORD-1",
            "state": "new",
        }
    ]


def test_the_history_is_in_order_of_transition(api: Api) -> None:
    api.order()
    report = {"order_id": "ORD-1", "state": "paid", "datetime": "2027-01-15T07:00:00Z"}
    api.post("/v2/order_states", {**report, "location": "Wien"})
    api.shipment(tracking_code="T")
    history = api.get("/v2/orders/ORD-1").json()["states_history"]
    assert [line["state"] for line in history] == ["new", "paid", "shipped"]
    assert [line["location"] for line in history] == [None, "Wien", None]
    assert history[1]["datetime"] == "2027-01-15T07:00:00.000Z"


def test_shipments_and_items_are_whole_objects(api: Api) -> None:
    api.order(order_items=[{"sku": "A"}])
    shipment = api.shipment(tracking_code="T")
    order = api.get("/v2/orders/ORD-1").json()
    assert order["shipments"] == [shipment]
    assert order["order_items"] == api.get("/v2/orders/ORD-1/items").json()


def test_a_tracking_page_cannot_be_guessed(api: Api) -> None:
    urls = [api.order(f"A-{number}")["tracking_page_url"] for number in range(5)]
    for number, url in enumerate(urls):
        base, token = url.split("/order/")
        assert base == "http://127.0.0.1:8080"
        assert len(token) >= 22, "128 bits"
        assert f"A-{number}" not in token
    assert len(set(urls)) == 5
    again = api.post("/v2/order", {"order_id": "A-0"}).json()["tracking_page_url"]
    assert again == urls[0]
    api.delete("/v2/orders/A-0")
    assert api.order("A-0")["tracking_page_url"] != urls[0]


def test_the_tracking_page_stands_at_the_public_base(database: Any) -> None:
    api = Api(database, public_url="https://parcels.example.com/shop/")
    try:
        url = api.order()["tracking_page_url"]
        assert url.startswith("https://parcels.example.com/shop/order/")
    finally:
        api.close()


LANGUAGES = [("de", "de"), ("de_DE", "de_DE"), ("de-DE", "de-DE"), ("xx", "xx"), ("Deutsch",) * 2]
LANGUAGES += [(["de", "en"], "de"), (["de_DE"], "de_DE"), ([], None), ([None], None), ([""], None)]


@pytest.mark.parametrize(("given", "expected"), LANGUAGES, ids=range(len(LANGUAGES)))
def test_language_is_a_string_or_the_first_of_an_array(api: Api, given: Any, expected: Any) -> None:
    assert api.order(language=given)["language"] == expected
    api.order("B", language="it")
    assert api.put("/v2/orders/B", {"language": given}).json()["language"] == expected


@pytest.mark.parametrize("given", [5, True, {}, [5], [["de"]], [{}]])
def test_other_languages_are_400(api: Api, given: Any) -> None:
    answer = api.post("/v2/order", {"order_id": "A", "language": given})
    assert answer.status_code == 400
    assert faults(answer) == ["language"]


@pytest.mark.parametrize("given", [None, True, False])
def test_boarding_complete_is_true_false_or_null(api: Api, given: Any) -> None:
    assert api.order(boarding_complete=given)["boarding_complete"] is given


@pytest.mark.parametrize("given", ["true", 1, 0, [], {}])
def test_other_boarding_complete_is_400(api: Api, given: Any) -> None:
    assert faults(api.post("/v2/order", {"order_id": "A", "boarding_complete": given})) == [
        "boarding_complete"
    ]


PROMISES = [
    ("UTC", "2028-07-20", "2028-07-20T23:59:59Z"),
    ("Europe/Vienna", "2028-07-20", "2028-07-20T21:59:59Z"),
    ("Europe/Vienna", "2028-01-20", "2028-01-20T22:59:59Z"),
    ("America/New_York", "2028-07-20", "2028-07-21T03:59:59Z"),
    ("Pacific/Kiritimati", "2028-07-20", "2028-07-20T09:59:59Z"),
    ("Asia/Kathmandu", "2028-02-29", "2028-02-29T18:14:59Z"),
]


@pytest.mark.parametrize(("zone", "given", "expected"), PROMISES)
def test_a_bare_date_is_promised_to_the_end_of_the_accounts_day(
    api: Api, zone: str, given: str, expected: str
) -> None:
    assert api.put("/v2/account", {"time_zone": zone}).status_code == 200
    assert api.order(promised_delivery_date=given)["promised_delivery_date"] == expected
    api.order("B")
    changed = api.put("/v2/orders/B", {"promised_delivery_date": given}).json()
    assert changed["promised_delivery_date"] == expected


def test_a_promise_at_the_end_of_all_years_can_be_read_and_written(api: Api) -> None:
    api.put("/v2/account", {"time_zone": "America/New_York"})
    answer = api.post("/v2/order", {"order_id": "A", "promised_delivery_date": "2100-12-31"})
    if answer.status_code == 201:
        assert api.put("/v2/orders/A", answer.json()).status_code == 200
    else:
        assert faults(answer) == ["promised_delivery_date"]


@pytest.mark.parametrize("given", ["2028-02-30", "2028-13-01", "1969-12-31", "2101-01-01", "2028"])
def test_an_impossible_date_is_400(api: Api, given: str) -> None:
    answer = api.post("/v2/order", {"order_id": "A", "promised_delivery_date": given})
    assert faults(answer) == ["promised_delivery_date"]


def test_items_are_created_with_the_order_or_not_at_all(api: Api) -> None:
    order = api.order(order_items=[{"sku": "A", "status": "refunded"}, {"name": "B"}])
    assert [item["status"] for item in order["order_items"]] == ["new", "new"]
    answer = api.post("/v2/order", {"order_id": "B", "order_items": [{"sku": "A"}, {}]})
    assert answer.status_code == 400
    assert api.get("/v2/orders/B").status_code == 404


# The same order again


def test_the_creating_request_again(api: Api) -> None:
    first = api.post("/v2/order", FULL)
    later(api, hours=1)
    again = api.post("/v2/order", FULL)
    assert again.status_code == 201
    assert replayed(again)
    assert not replayed(first)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert len(api.get("/v2/orders").json()) == 1


@pytest.mark.parametrize("field", [name for name in FULL if name != "order_id"])
def test_every_given_field_equal_to_what_is_stored(api: Api, field: str) -> None:
    first = api.post("/v2/order", FULL).json()
    again = api.post("/v2/order", {"order_id": "ORD-1", field: FULL[field]})
    assert again.status_code == 201
    assert replayed(again)
    assert again.json() == first


@pytest.mark.parametrize("field", OTHER)
def test_a_field_that_differs_is_409_and_named(api: Api, field: str) -> None:
    first = api.post("/v2/order", FULL).json()
    answer = api.post("/v2/order", {**FULL, field: OTHER[field]})
    assert answer.status_code == 409
    assert faults(answer) == [field]
    assert field in answer.json()["detail"]
    assert f"PUT /v2/orders/{first['id']}" in answer.json()["detail"]
    assert not replayed(answer)
    assert api.get("/v2/orders/ORD-1").json() == first


def test_all_fields_that_differ_are_named(api: Api) -> None:
    api.post("/v2/order", FULL)
    answer = api.post("/v2/order", {**FULL, **OTHER})
    assert sorted(faults(answer)) == sorted(OTHER)


@pytest.mark.parametrize("field", OTHER)
def test_a_field_that_was_not_there_differs_too(api: Api, field: str) -> None:
    api.order()
    answer = api.post("/v2/order", {"order_id": "ORD-1", field: FULL[field]})
    assert answer.status_code == 409
    assert faults(answer) == [field]


@pytest.mark.parametrize("field", [name for name in OTHER if name not in READ_ONLY_IN_PUT])
def test_created_then_changed_then_the_creating_request_again(api: Api, field: str) -> None:
    api.post("/v2/order", FULL)
    changed = api.put("/v2/orders/ORD-1", {field: OTHER[field]}).json()
    assert changed[field] == OTHER[field]
    again = api.post("/v2/order", FULL)
    assert again.status_code == 201
    assert replayed(again)
    assert again.json() == changed, "the order as it is now"
    with_change = api.post("/v2/order", {**FULL, field: OTHER[field]})
    assert with_change.status_code == 201, "equal to what is stored"
    neither = {"order_date": "2020-01-01T00:00:00Z", "boarding_complete": None}
    third = {**FULL, field: neither.get(field, {"x": "y"} if field == "order_tags" else "x")}
    if field == "recipient":
        third["recipient"] = {"city": "x"}
    if field not in ("boarding_complete", "promised_delivery_date"):
        assert api.post("/v2/order", third).status_code == 409


def test_the_creating_request_again_when_the_order_has_gone_on(api: Api) -> None:
    api.post("/v2/order", {**FULL, "boarding_complete": True})
    api.post("/v2/orders/ORD-1/items", {"sku": "B"})
    api.shipment(tracking_code="T")
    api.update(tracking_code="T", status="delivered")
    again = api.post("/v2/order", {**FULL, "boarding_complete": True})
    assert again.status_code == 201
    assert again.json()["state"] == "completed"
    assert len(again.json()["order_items"]) == 2


def test_other_spellings_of_the_same_are_the_same(api: Api) -> None:
    api.post("/v2/order", FULL)
    spelled = {
        **FULL,
        "order_date": "2024-01-15 11:30:00+01",
        "language": ["de", "en"],
        "promised_delivery_date": "2028-01-20",
        "order_items": [{"weight": 180.0, "sku": "A", "name": "", "unknown": 1}],
        "unknown": 2,
    }
    answer = api.post("/v2/orders", dict(reversed(spelled.items())))
    assert answer.status_code == 201
    assert replayed(answer)


def test_least_and_least_again(api: Api) -> None:
    api.order()
    assert replayed(api.post("/v2/order", {"order_id": "ORD-1"}))


def test_64_at_once_one_is_created(api: Api) -> None:
    api.token()

    async def together() -> list[Any]:
        requests = [api.send("POST", "/v2/order", json=FULL) for _ in range(64)]
        return list(await asyncio.gather(*requests))

    answers = api.run(together())
    assert [answer.status_code for answer in answers] == [201] * 64
    assert sum(not replayed(answer) for answer in answers) == 1
    assert len({answer.text for answer in answers}) == 1
    assert len(api.get("/v2/orders").json()) == 1
    assert len(api.get("/v2/orders?order_id=ORD-1").json()) == 1


def test_64_at_once_that_differ_leave_one(api: Api) -> None:
    api.token()

    async def together() -> list[Any]:
        bodies = [{"order_id": "A", "language": f"l{number % 2}"} for number in range(64)]
        return list(await asyncio.gather(*(api.send("POST", "/v2/order", json=b) for b in bodies)))

    statuses = [answer.status_code for answer in api.run(together())]
    assert sorted(statuses) == [201] * 32 + [409] * 32
    assert len(api.get("/v2/orders").json()) == 1


# PUT


@pytest.mark.parametrize("field", [name for name in OTHER if name not in READ_ONLY_IN_PUT])
def test_put_changes_only_what_is_given(api: Api, field: str) -> None:
    before = api.post("/v2/order", FULL).json()
    api.clock.advance(minutes=1)
    answer = api.put("/v2/orders/ORD-1", {field: OTHER[field]})
    assert answer.status_code == 200
    after = answer.json()
    assert after[field] == OTHER[field]
    assert {name for name in after if after[name] != before[name]} == {field, "updated_at"}
    assert api.get("/v2/orders/ORD-1").json() == after


def test_put_of_nothing_changes_nothing(api: Api) -> None:
    before = api.post("/v2/order", FULL).json()
    api.clock.advance(minutes=1)
    assert api.put("/v2/orders/ORD-1", {}).json() == before
    assert api.put("/v2/orders/ORD-1", {"language": "de"}).json() == before


def test_recipient_and_tags_are_replaced_whole(api: Api) -> None:
    api.post("/v2/order", FULL)
    body = {"recipient": {"city": "Wien"}, "order_tags": {"b": "2"}}
    changed = api.put("/v2/orders/ORD-1", body).json()
    assert changed["order_tags"] == {"b": "2"}
    assert changed["recipient"] == {**dict.fromkeys(RECIPIENT), "city": "Wien"}
    assert "Ada" not in api.get("/v2/orders/ORD-1").text


def test_another_order_id_is_400(api: Api) -> None:
    before = api.order()
    answer = api.put("/v2/orders/ORD-1", {"order_id": "ORD-2", "language": "de"})
    assert answer.status_code == 400
    assert faults(answer) == ["order_id"]
    assert api.get("/v2/orders/ORD-1").json() == before
    for same in ("ORD-1", None, ""):
        assert api.put("/v2/orders/ORD-1", {"order_id": same}).status_code == 200
    assert api.put(before["iri"], {"order_id": "ORD-1"}).status_code == 200


@pytest.mark.parametrize("items", [[], [{"sku": "B"}], None, "nonsense", 5])
def test_order_items_are_read_only_in_a_put(api: Api, items: Any) -> None:
    before = api.post("/v2/order", FULL).json()
    answer = api.put("/v2/orders/ORD-1", {"order_items": items})
    assert answer.status_code == 200
    assert answer.json() == before


def test_put_of_an_unknown_order_is_404(api: Api) -> None:
    assert api.put("/v2/orders/NONE", {"language": "de"}).status_code == 404
    assert api.get("/v2/orders/NONE").status_code == 404


def test_put_by_the_internal_number(api: Api) -> None:
    number = api.order()["id"]
    assert api.put(f"/v2/orders/{number}", {"language": "de"}).json()["order_id"] == "ORD-1"


# DELETE


def test_delete_takes_everything_with_it(api: Api) -> None:
    order = api.post("/v2/order", FULL).json()
    shipment = api.shipment(tracking_code="T", recipient_first_name="Ada", comment="Ada's")
    item = order["order_items"][0]["id"]
    answer = api.delete("/v2/orders/ORD-1")
    assert answer.status_code == 204
    assert answer.content == b""
    for path in (
        *("/v2/orders/ORD-1", order["iri"], "/v2/orders/ORD-1/items", f"/v2/order_items/{item}"),
        *(shipment["iri"], f"{shipment['iri']}/events", f"/v2/orders/ORD-1/items/{item}"),
    ):
        assert api.get(path).status_code == 404
    assert api.delete("/v2/orders/ORD-1").status_code == 404
    for query in ("", "?order_id=ORD-1", "?tracking_code=T", "?order_tags[a]=1"):
        assert api.get(f"/v2/orders{query}").json() == []
    assert api.get("/v2/shipments").json() == []
    report = {"order_id": "ORD-1", "state": "paid"}
    assert api.post("/v2/order_states", report).status_code == 404


def test_delete_erases_personal_data_from_the_file(api: Api, database: Any) -> None:
    person = "Wilhelmine Ungewöhnlich"
    api.order(recipient={"first_name": person})
    api.shipment(tracking_code="T", recipient_email=person, comment=person)
    assert person in values_of_the_database(api)
    api.delete("/v2/orders/ORD-1")
    assert person not in values_of_the_database(api)


def values_of_the_database(api: Api) -> str:
    """Every value of every table, as one text."""

    tables = tables_of(api.database)

    async def read() -> str:
        reader = api.services.store.reader
        return repr([await reader.text(f"SELECT * FROM {name}", {}) for name in tables])

    text: str = api.run(read())
    return text


def test_a_deleted_orders_id_is_free_again(api: Api) -> None:
    first = api.post("/v2/order", FULL).json()
    api.delete(first["iri"])
    answer = api.post("/v2/order", {"order_id": "ORD-1", "language": "fr"})
    assert answer.status_code == 201
    assert not replayed(answer)
    second = answer.json()
    assert second["id"] != first["id"]
    assert second["recipient"] is None
    assert second["order_items"] == second["shipments"] == []
    assert second["order_tags"] == {}
    assert api.get(first["iri"]).status_code == 404
    replay = api.post("/v2/order", FULL)
    assert replay.status_code == 409, "the creating request of the order that is gone"


# As it was


def as_of(api: Api, moment: str, name: str = "ORD-1") -> Any:
    return api.get(f"/v2/orders/{name}?as_of={moment}")


def test_as_of_shows_the_order_as_it_was(api: Api) -> None:
    first = api.post("/v2/order", FULL).json()
    later(api, hours=1)
    second = api.put("/v2/orders/ORD-1", {"language": "fr"}).json()
    later(api, hours=1)
    api.shipment(tracking_code="T")
    third = api.get("/v2/orders/ORD-1").json()
    later(api, hours=1)
    assert as_of(api, "2027-01-15T08:30:00Z").json() == first
    assert as_of(api, "2027-01-15T09:30:00Z").json() == second
    assert as_of(api, "2027-01-15T10:30:00Z").json() == third
    assert as_of(api, "2027-01-15T10:30:00+01:00").json() == second, "with a plus as it is"
    assert as_of(api, "2027-01-15T08:30:00Z", str(first["id"])).json() == first
    assert third["state"] == "shipped"
    assert as_of(api, "2027-01-15T09:30:00Z").json()["shipments"] == []


def test_as_of_before_after_and_in_the_future(api: Api) -> None:
    later(api, hours=1)
    order = api.order()
    assert as_of(api, "2027-01-15T08:59:59Z").status_code == 404
    later(api, hours=1)
    api.delete("/v2/orders/ORD-1")
    later(api, hours=1)
    known = as_of(api, "2027-01-15T09:30:00Z")
    assert known.status_code == 200
    assert known.json()["id"] == order["id"]
    assert known.json()["recipient"] is None
    assert as_of(api, "2027-01-15T10:30:00Z").status_code == 404
    answer = as_of(api, "2027-01-15T11:30:00Z")
    assert answer.status_code == 400
    assert faults(answer) == ["as_of"]


def test_as_of_shows_no_erased_person(api: Api) -> None:
    api.post("/v2/order", FULL)
    later(api, hours=1)
    assert as_of(api, "2027-01-15T08:30:00Z").json()["recipient"] == RECIPIENT
    api.delete("/v2/orders/ORD-1")
    assert "Ada" not in as_of(api, "2027-01-15T08:30:00Z").text


def test_as_of_tells_two_orders_of_one_name_apart(api: Api) -> None:
    first = api.order(language="de")
    later(api, hours=1)
    api.delete("/v2/orders/ORD-1")
    later(api, hours=1)
    second = api.order(language="fr")
    later(api, hours=1)
    assert as_of(api, "2027-01-15T08:30:00Z").json()["id"] == first["id"]
    assert as_of(api, "2027-01-15T09:30:00Z").status_code == 404
    assert as_of(api, "2027-01-15T10:30:00Z").json()["id"] == second["id"]


def test_as_of_shows_the_delay_of_that_moment(api: Api) -> None:
    api.order(promised_delivery_date="2027-01-15T09:00:00Z")
    later(api, hours=2)
    assert as_of(api, "2027-01-15T09:00:00Z").json()["delayed"] is False
    assert as_of(api, "2027-01-15T09:00:01Z").json()["delayed"] is True


@pytest.mark.parametrize("given", ["", "yesterday", "2027-01-15T25:00:00Z", "1700000000"])
def test_a_malformed_as_of_is_400(api: Api, given: str) -> None:
    api.order()
    answer = as_of(api, given)
    assert answer.status_code == 400
    assert faults(answer) == ["as_of"]


# No stale mark


def test_no_read_shows_a_stale_mark(api: Api) -> None:
    api.order(promised_delivery_date="2027-01-15T08:30:00Z")
    api.clock.now = START + 1_800 * SECOND - 10  # a request looks at the clock a few times
    assert api.get("/v2/orders/ORD-1").json()["delayed"] is False
    api.clock.now = START + 1_800 * SECOND
    late = api.get("/v2/orders/ORD-1").json()
    assert (late["delayed"], late["delayed_at"]) == (True, "2027-01-15T08:30:00Z")
    assert api.get("/v2/orders?delayed=true").json() == [late]
    assert api.get("/v2/orders?delayed=false").json() == []


def test_created_with_a_promise_in_the_past_is_delayed(api: Api) -> None:
    order = api.order(promised_delivery_date="2027-01-15T07:59:59Z")
    assert order["delayed"] is True


def test_as_of_the_moment_that_an_answer_shows_knows_the_order(api: Api) -> None:
    """`created_at` goes out cut to milliseconds: the order is known at that time as written."""
    api.clock.now += 777
    created_at = api.order()["created_at"]
    api.clock.advance(minutes=5)
    answer = api.get(f"/v2/orders/ORD-1?as_of={created_at}")
    assert answer.status_code == 200
