"""Reports of an order's progress over HTTP."""

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.call import REPLAYED, Call, Reply, respond
from doorstep.service.deciding import change_order
from doorstep.service.forms.bodies import STATE
from doorstep.service.forms.changes import state_names_an_order, state_report
from doorstep.service.outcomes import Done


async def create(call: Call) -> Response:
    given = call.read(STATE, check=state_names_an_order)
    name = given.get("order_id") or given["shop_order_id"]

    def reply(done: Done) -> Reply:
        assert done.order is not None
        entry = answers.state_entry(done.order.order_id, done.subject)
        return Reply(201, entry, REPLAYED if done.replayed else {})

    command = state_report(given)
    idempotency = call.idempotency(reply)
    outcome = await change_order(call.services, call.view, name, command, idempotency)
    return respond(outcome, reply)
