"""The account and its warehouses over HTTP."""

from starlette.responses import Response

from doorstep.api import answers
from doorstep.api.answers import WarehouseAnswer
from doorstep.api.call import Call, Reply
from doorstep.api.problems import refused
from doorstep.domain.refusals import Refusal
from doorstep.service.accounts import account_faults, warehouse_faults
from doorstep.service.forms.bodies import ACCOUNT, WAREHOUSE


async def get(call: Call) -> Response:
    return Reply(200, answers.account(call.view.account)).response()


async def update(call: Call) -> Response:
    given = call.read(
        ACCOUNT, partial=True, check=lambda given, faulty: account_faults(given).items()
    )
    changed = await call.services.accounts.change(call.account_id, given)
    if isinstance(changed, Refusal):
        raise refused(changed)
    return Reply(200, answers.account(changed)).response()


async def warehouses(call: Call) -> Response:
    known = call.view.warehouses.items()
    return Reply(200, [WarehouseAnswer(name, address) for name, address in known]).response()


async def put_warehouse(call: Call) -> Response:
    name = call.path["name"]
    faults = warehouse_faults(name, call.services.limits).items()
    address = call.read(WAREHOUSE, check=lambda given, faulty: faults)["address"]
    is_new = await call.services.accounts.put_warehouse(call.account_id, name, address)
    return Reply(201 if is_new else 200, WarehouseAnswer(name, address)).response()


async def delete_warehouse(call: Call) -> Response:
    refusal = await call.services.accounts.delete_warehouse(call.account_id, call.path["name"])
    if refusal is not None:
        raise refused(refusal)
    return Reply(204).response()
