"""Routes of the account and its warehouses."""

from doorstep.api import accounts
from doorstep.api import answers as a
from doorstep.api.routes.route import READ, Route
from doorstep.service.forms import bodies

ONE_WAREHOUSE = ("/v2/warehouses/{name}",)


def account_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            ("/v2/account",),
            "getAccount",
            "The account's settings",
            accounts.get,
            {200: a.AccountAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            ("/v2/account",),
            "changeAccount",
            "Change the given settings of the account",
            accounts.update,
            {200: a.AccountAnswer},
            bodies.ACCOUNT,
            refusals=(409,),
        ),
        Route(
            "GET",
            ("/v2/warehouses",),
            "listWarehouses",
            "The warehouses with their addresses",
            accounts.warehouses,
            {200: list[a.WarehouseAnswer]},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_WAREHOUSE,
            "putWarehouse",
            "Add or move a warehouse",
            accounts.put_warehouse,
            {200: a.WarehouseAnswer, 201: a.WarehouseAnswer},
            bodies.WAREHOUSE,
        ),
        Route(
            "DELETE",
            ONE_WAREHOUSE,
            "deleteWarehouse",
            "Remove a warehouse",
            accounts.delete_warehouse,
            {204: None},
        ),
    )
