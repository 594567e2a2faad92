"""Shipments over HTTP."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from doorstep.api.call import REPLAYED, Call, Reply, not_found, respond
from doorstep.api.listings import answer_listing
from doorstep.api.orders import new_order
from doorstep.api.paging import (
    IDENTIFIER,
    TEXT,
    FilterForm,
    Filters,
    word,
)
from doorstep.domain.carriers import carrier_key
from doorstep.domain.order import Order, Shipment, internal_number
from doorstep.domain.states import STATUS_OF_WORD
from doorstep.service import shipments
from doorstep.service.events.parts import carrier_update
from doorstep.service.forms.bodies import (
    SHIPMENT,
    SHIPMENT_CHANGE,
    required_one_of,
)
from doorstep.service.forms.changes import shipment_change, shipment_fields
from doorstep.service.listings import SHIPMENTS, Listed
from doorstep.service.outcomes import Done
from doorstep.service.shipments import NewShipment

PARCEL_IS_NAMED = required_one_of("tracking_code", "reference_number")

FILTERS = Filters(
    SHIPMENTS,
    plain={
        "order_id": IDENTIFIER,
        "tracking_code": IDENTIFIER,
        "reference_number": IDENTIFIER,
        "status": word(STATUS_OF_WORD),
        "carrier": FilterForm(
            lambda text, limits: carrier_key(TEXT.read(text, limits)), TEXT.schema
        ),
    },
)


def _reply(call: Call, status: int, done: Done) -> Reply:
    order = done.order
    parcel = order.shipment(done.subject) if order else None
    assert order is not None
    assert parcel is not None
    answer = call.answers.shipment(order, parcel)
    headers = {"Location": answer.iri} if status == 201 else {}
    return Reply(status, answer, {**headers, **(REPLAYED if done.replayed else {})})


async def create(call: Call) -> Response:
    given = call.read(SHIPMENT, check=_check)
    embedded = given.pop("order", None)
    order_id = given.pop("order_id", None) or embedded["order_id"]
    fields, personal = shipment_fields(given)
    new = NewShipment(order_id, fields, personal, new_order(embedded) if embedded else None)
    idempotency = call.idempotency(lambda done: _reply(call, 201, done))
    outcome = await shipments.add_shipment(call.services, call.view, new, idempotency)
    return respond(outcome, lambda done: _reply(call, 201, done))


def _check(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
    """What the fields say together."""
    yield from PARCEL_IS_NAMED(given, faulty)
    if not {"order_id", "order"} & {*given, *faulty}:
        yield "order_id", "This or an order object is required."
    embedded = given.get("order")
    if embedded and given.get("order_id", embedded["order_id"]) != embedded["order_id"]:
        for path in ("order_id", "order.order_id"):
            yield path, "order_id and order.order_id differ."


def _number(call: Call) -> int:
    number = internal_number(call.path["shipment_id"])
    if number is None:
        raise not_found("shipment", call.path["shipment_id"])
    return number


async def _find(call: Call) -> tuple[Order, Shipment]:
    number = _number(call)
    found = await shipments.find_shipment(call.services, call.view, number)
    if found is None:
        raise not_found("shipment", number)
    return found


async def get(call: Call) -> Response:
    return Reply(200, call.answers.shipment(*await _find(call))).response()


async def events(call: Call) -> Response:
    order, parcel = await _find(call)
    updates = sorted(parcel.updates, key=lambda line: (line.datetime, line.update_number))
    number = parcel.shipment_number
    return Reply(
        200, [carrier_update(order.order_id, number, update) for update in updates]
    ).response()


async def update(call: Call) -> Response:
    number = _number(call)
    fields, personal = shipment_change(call.read(SHIPMENT_CHANGE, partial=True))
    outcome = await shipments.update_shipment(call.services, call.view, number, fields, personal)
    return respond(outcome, lambda done: _reply(call, 200, done))


async def delete(call: Call) -> Response:
    outcome = await shipments.delete_shipment(call.services, call.view, _number(call))
    return respond(outcome, lambda done: Reply(204))


def _render(call: Call, listed: Listed) -> list[msgspec.Struct]:
    rendered: list[msgspec.Struct] = []
    for row in listed.found:
        order = listed.orders.get(row.order_number)
        parcel = order.shipment(row.number) if order else None
        if order is not None and parcel is not None:
            rendered.append(call.answers.shipment(order, parcel))
    return rendered


async def listing(call: Call) -> Response:
    return await answer_listing(call, FILTERS, "/v2/shipments", _render)
