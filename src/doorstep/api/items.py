"""Order items over HTTP."""

from starlette.responses import Response

from doorstep.api.call import REPLAYED, Call, Reply, not_found, respond
from doorstep.domain.commands import ChangeItem, RemoveItem
from doorstep.domain.order import Item, Order, internal_number
from doorstep.service import items, orders
from doorstep.service.forms.bodies import ITEM, ITEM_CHANGE, ITEM_IS_NAMED
from doorstep.service.outcomes import Done


def _reply(call: Call, status: int, done: Done, number: int) -> Reply:
    order = done.order
    item = order.item(number) if order else None
    assert order is not None
    assert item is not None
    return Reply(status, call.answers.item(order, item), REPLAYED if done.replayed else {})


async def create(call: Call) -> Response:
    def reply(done: Done) -> Reply:
        return _reply(call, 201, done, done.subject)

    fields = call.read(ITEM, check=ITEM_IS_NAMED)
    idempotency = call.idempotency(reply)
    outcome = await items.add_item(call.services, call.view, call.path["id"], fields, idempotency)
    return respond(outcome, reply)


async def listing(call: Call) -> Response:
    order = await orders.find_order(call.services, call.view, call.path["id"])
    if order is None:
        raise not_found("order", call.path["id"])
    return Reply(200, [call.answers.item(order, item) for item in order.items]).response()


def _number(call: Call) -> int:
    number = internal_number(call.path["item_id"])
    if number is None:
        raise not_found("order item", call.path["item_id"])
    return number


async def _find(call: Call) -> tuple[Order, Item]:
    number = _number(call)
    if "id" in call.path:
        order = await orders.find_order(call.services, call.view, call.path["id"])
        if order is None:
            raise not_found("order", call.path["id"])
    else:
        order = await items.find_order_with_item(call.services, call.view, number)
    item = order.item(number) if order else None
    if order is None or item is None:
        raise not_found("order item", number)
    return order, item


async def get(call: Call) -> Response:
    return Reply(200, call.answers.item(*await _find(call))).response()


async def update(call: Call) -> Response:
    number = _number(call)
    given = call.read(ITEM_CHANGE, partial=True)
    status = given.pop("status", None)
    outcome = await items.change_item(
        call.services, call.view, call.path.get("id"), ChangeItem(number, given, status)
    )
    return respond(outcome, lambda done: _reply(call, 200, done, number))


async def delete(call: Call) -> Response:
    outcome = await items.change_item(
        call.services, call.view, call.path.get("id"), RemoveItem(_number(call))
    )
    return respond(outcome, lambda done: Reply(204))
