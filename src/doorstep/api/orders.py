"""Orders over HTTP."""

from typing import Any

import msgspec
from starlette.responses import Response

from doorstep.api.call import REPLAYED, Call, Reply, not_found, respond
from doorstep.api.explanation_answers import explanation
from doorstep.api.listings import answer_listing
from doorstep.api.paging import (
    FLAG,
    IDENTIFIER,
    TEXT,
    Bad,
    FilterForm,
    Filters,
    read_parameters,
    word,
)
from doorstep.api.problems import refused
from doorstep.domain.commands import DeleteOrder
from doorstep.domain.limits import Limits
from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal
from doorstep.domain.states import ORDER_STATES
from doorstep.service import orders
from doorstep.service.deciding import change_order
from doorstep.service.explanations import explain_order
from doorstep.service.forms.bodies import ORDER, ORDER_CHANGE
from doorstep.service.forms.changes import order_change
from doorstep.service.listings import ORDERS, Listed
from doorstep.service.orders import NewOrder
from doorstep.service.outcomes import Done
from doorstep.times import parse_time

FILTERS = Filters(
    ORDERS,
    plain={
        "order_id": IDENTIFIER,
        "state": word({state: state for state in ORDER_STATES}),
        "delayed": FLAG,
        "language": TEXT,
        "tracking_code": IDENTIFIER,
    },
    times=("order_date", "promised_delivery_date", "created_at"),
    maps=("order_tags",),
)


def _read_moment(text: str, limits: Limits) -> Instant:
    try:
        return parse_time(text, in_query=True).instant
    except ValueError as error:
        raise Bad(str(error)) from None


AS_OF = {"as_of": FilterForm(_read_moment, lambda limits: {"type": "string"})}


def new_order(given: dict[str, Any]) -> NewOrder:
    """The order that a body asks for."""
    return NewOrder(given.pop("order_id"), recipient=given.pop("recipient", None), given=given)


async def create(call: Call) -> Response:
    def reply(done: Done) -> Reply:
        assert done.order is not None
        answer = call.answers.order(done.order)
        headers = {"Location": answer.iri, **(REPLAYED if done.replayed else {})}
        return Reply(201, answer, headers)

    new = new_order(call.read(ORDER))
    idempotency = call.idempotency(reply)
    return respond(await orders.create_order(call.services, call.view, new, idempotency), reply)


async def get(call: Call) -> Response:
    name = call.path["id"]
    given = read_parameters(AS_OF, call.query(), call.services.limits)
    if not given:
        order = await orders.find_order(call.services, call.view, name)
    else:
        found = await orders.find_order_as_of(call.services, call.view, name, given["as_of"])
        if isinstance(found, Refusal):
            raise refused(found)
        order = found
    if order is None:
        raise not_found("order", name)
    return Reply(200, call.answers.order(order)).response()


async def explain(call: Call) -> Response:
    name = call.path["id"]
    explained = await explain_order(call.services, call.view, name)
    if explained is None:
        raise not_found("order", name)
    return Reply(200, explanation(explained)).response()


async def update(call: Call) -> Response:
    command = order_change(call.read(ORDER_CHANGE, partial=True))
    outcome = await change_order(call.services, call.view, call.path["id"], command)
    return respond(outcome, lambda done: Reply(200, call.answers.order(done.order)))


async def delete(call: Call) -> Response:
    outcome = await change_order(call.services, call.view, call.path["id"], DeleteOrder())
    return respond(outcome, lambda done: Reply(204))


def _render(call: Call, listed: Listed) -> list[msgspec.Struct]:
    found = (listed.orders.get(row.order_number) for row in listed.found)
    return [call.answers.order(order) for order in found if order is not None]


async def listing(call: Call) -> Response:
    return await answer_listing(call, FILTERS, "/v2/orders", _render)
