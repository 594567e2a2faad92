"""The one table of routes: the router, the OpenAPI document and the tests go over it."""

from doorstep.api import answers as a
from doorstep.api import order_states
from doorstep.api.routes.accounts import account_routes
from doorstep.api.routes.events import event_routes
from doorstep.api.routes.health import health_routes
from doorstep.api.routes.orders import item_routes, order_routes
from doorstep.api.routes.route import Handler, Route
from doorstep.api.routes.shipments import carrier_routes, shipment_routes
from doorstep.api.routes.webhooks import webhook_endpoint_routes, webhook_routes
from doorstep.service.forms import bodies


def table(create_token: Handler) -> tuple[Route, ...]:
    """All routes of the API; tokens are issued by `create_token`, which counts failures."""
    return (
        Route(
            "POST",
            ("/v2/token",),
            "createToken",
            "An access key for a token that is valid 60 minutes",
            create_token,
            {200: a.TokenAnswer},
            bodies.TOKEN,
            scopes=None,
            refusals=(401, 429),
        ),
        *order_routes(),
        *item_routes(),
        Route(
            "POST",
            ("/v2/order_states", "/v2/order-states"),
            "reportOrderState",
            "Report an order's progress",
            order_states.create,
            {201: a.StateEntryAnswer},
            bodies.STATE,
            replays=True,
            refusals=(404, 409),
        ),
        *shipment_routes(),
        *carrier_routes(),
        *event_routes(),
        *webhook_endpoint_routes(),
        *webhook_routes(),
        *account_routes(),
        *health_routes(),
    )
