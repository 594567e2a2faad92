"""Every type of event as the log really writes it, held to the schema that is published for it."""

import json
from typing import Any

from jsonschema import Draft202012Validator

from doorstep.domain.events import EVENT_TYPES
from doorstep.service.events.kinds import KINDS
from tests.api.every_event import PERSONAL, every_event
from tests.conftest import Api


def log_of(api: Api) -> list[dict[str, Any]]:
    answer = api.get("/v2/events?limit=1000")
    events: list[dict[str, Any]] = answer.json()
    return events


def strict(schema: Any) -> Any:
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(part) for name, part in schema.items()}
    if found.get("type") == "object" and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


def validator(api: Api, kind: str) -> Draft202012Validator:
    """By the schema that is published."""
    schema = api.raw("GET", f"/v2/schemas/{kind}.json").json()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(strict(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_every_type_is_as_its_schema_says(api: Api) -> None:
    """Nothing on the wire that a schema does not name, and each type there is has been seen."""
    every_event(api)
    validators = {kind: validator(api, kind) for kind in KINDS}
    log = log_of(api)
    for event in log:
        validators[event["type"]].validate(event)
    assert {event["type"] for event in log} == set(EVENT_TYPES)


def test_an_event_is_a_cloud_event_of_its_account(api: Api) -> None:
    order = api.order("A/1")
    assert log_of(api) == [
        {
            "specversion": "1.0",
            "id": "evt_1_1",
            "source": "/v2/accounts/1",
            "type": "order.created",
            "subject": "A/1",
            "time": order["created_at"],
            "recordedat": order["created_at"],
            "sequence": 1,
            "datacontenttype": "application/json",
            "dataschema": "/v2/schemas/order.created.json",
            "data": {
                "id": order["id"],
                "order_id": "A/1",
                "iri": order["iri"],
                "order_date": order["order_date"],
                "order_url": None,
                "language": None,
                "boarding_complete": None,
                "order_tags": {},
                "promised_delivery_date": None,
                "recipient_version": None,
                "order_items": [],
            },
        }
    ]


def test_events_speak_the_words_of_the_answers(api: Api) -> None:
    """Items, shipments and carrier updates are the same objects, as far as the log knows them."""
    every_event(api)
    order = api.get("/v2/orders/long").json()
    log = [event for event in log_of(api) if event["subject"] == "long"]
    data = {event["type"]: event["data"] for event in log}
    items = [{**item} for item in order["order_items"]]
    for item in items:
        del item["warehouse_address"]
    assert data["order.created"]["order_items"] == items
    parcel = order["shipments"][0]
    created = next(event for event in log if event["type"] == "shipment.created")
    same = ("id", "iri", "tracking_code", "reference_number", "return_parcel", "created_at", "cod")
    shipment = created["data"]["shipment"]
    assert {name: shipment[name] for name in same} == {name: parcel[name] for name in same}
    assert shipment["carrier"] == {"name": "dhl", "country": "DE"}
    updates = api.get(f"{parcel['iri']}/events").json()
    recorded = [event["data"] for event in log if event["type"] == "carrier_update.recorded"]
    told = [event["carrier_update"] for event in recorded]
    assert sorted(told, key=lambda update: (update["creationDate"], update["id"])) == updates
    entry = next(line for line in order["states_history"] if line["state"] == "returned")
    assert data["order.returned"]["datetime"] == entry["datetime"]


def test_changes_hold_what_changed_and_null_for_what_was_cleared(api: Api) -> None:
    every_event(api)
    log = log_of(api)

    def changes(kind: str) -> list[dict[str, Any]]:
        return [event["data"]["changes"] for event in log if event["type"] == kind]

    tags, promise = changes("order.updated")
    assert tags == {"order_tags": {"shop": "2"}, "recipient_version": 2}
    assert promise == {"promised_delivery_date": None, "order_url": None}
    assert changes("item.changed") == [{"name": "Hat", "description": None, "weight": 3}]
    first, second = changes("shipment.updated")
    assert (first["carrier"], first["weight"], first["goods_value"]) == (
        {"name": "ups", "country": None},
        None,
        20,
    )
    assert first["planned_pickup_datetime"] == "2027-01-18T15:00:00Z"
    assert first["recipient_version"] == 4
    assert second == {"tracking_code": "T-3", "return_parcel": True}


def test_no_event_holds_personal_data_or_secrets(api: Api) -> None:
    every_event(api)
    log = json.dumps(log_of(api), ensure_ascii=False)
    assert [word for word in (*PERSONAL, "tracking_token", "request_hash") if word in log] == []
