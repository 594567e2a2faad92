"""The one table of routes: what serves them, and what the OpenAPI document says of them."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import msgspec
from starlette.responses import Response

from doorstep.api import (
    accounts,
    carrier_updates,
    carriers,
    event_parameters,
    events,
    health,
    items,
    order_states,
    orders,
    requests,
    shipments,
    webhook_attempts,
    webhook_endpoints,
    webhook_requests,
)
from doorstep.api import answers as a
from doorstep.api import webhook_answers as w
from doorstep.api.call import Call
from doorstep.api.forms import Body
from doorstep.api.paging import FilterForm, Filters
from doorstep.service.events.cloud_events import CloudEvent
from doorstep.service.events.parts import CarrierUpdateAnswer

Handler: TypeAlias = Callable[[Call], Awaitable[Response]]


class Text(NamedTuple):
    """An answer that is text of some media type."""

    media_type: str


class Route(NamedTuple):
    """`scopes` are those of a key that may call it, None for no token at all.

    `answers` has the type of each successful answer by status: None for an empty one, Text for
    one that is no JSON. `refusals` are the statuses that the handler refuses with beyond what
    every call with such a path, body, filters and scopes can be refused for. `streams` where it
    answers with server-sent events as well.
    """

    method: str
    paths: tuple[str, ...]
    name: str
    summary: str
    handler: Handler
    answers: dict[int, Any]
    body: Body | None = None
    scopes: tuple[str, ...] | None = ("full",)
    filters: Filters | None = None
    replays: bool = False
    parameters: Mapping[str, FilterForm] = MappingProxyType({})
    streams: bool = False
    refusals: tuple[int, ...] = ()


READ = ("full", "read")
CARRIER = ("full", "carrier")

ORDER = ("/v2/orders/{id}",)
ITEMS = ("/v2/orders/{id}/items",)
ONE_ITEM = ("/v2/orders/{id}/items/{item_id}", "/v2/order_items/{item_id}")
ONE_SHIPMENT = ("/v2/shipments/{shipment_id}",)
CARRIERS = ("/v2/carriers",)
ONE_CARRIER = ("/v2/carriers/{code}",)
ONE_WAREHOUSE = ("/v2/warehouses/{name}",)
ENDPOINTS = ("/v2/webhook_endpoints",)
ONE_ENDPOINT = "/v2/webhook_endpoints/{webhook_endpoint_id}"


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
            requests.TOKEN,
            scopes=None,
            refusals=(401, 429),
        ),
        *_order_routes(),
        *_item_routes(),
        Route(
            "POST",
            ("/v2/order_states", "/v2/order-states"),
            "reportOrderState",
            "Report an order's progress",
            order_states.create,
            {201: a.StateEntryAnswer},
            requests.STATE,
            replays=True,
            refusals=(404, 409),
        ),
        *_shipment_routes(),
        *_carrier_routes(),
        *_event_routes(),
        *_webhook_endpoint_routes(),
        *_webhook_routes(),
        *_account_routes(),
        *health_routes(),
    )


def _order_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ("/v2/order", "/v2/orders"),
            "createOrder",
            "Create an order",
            orders.create,
            {201: a.OrderAnswer},
            requests.ORDER,
            replays=True,
            refusals=(409,),
        ),
        Route(
            "GET",
            ("/v2/orders",),
            "listOrders",
            "List orders",
            orders.listing,
            {200: list[a.OrderAnswer]},
            scopes=READ,
            filters=orders.FILTERS,
        ),
        Route(
            "GET",
            ORDER,
            "getOrder",
            "One order, as it is now or as it was known at a moment",
            orders.get,
            {200: a.OrderAnswer},
            scopes=READ,
            parameters=orders.AS_OF,
        ),
        Route(
            "PUT",
            ORDER,
            "changeOrder",
            "Change the given fields of an order",
            orders.update,
            {200: a.OrderAnswer},
            requests.ORDER_CHANGE,
            refusals=(409,),
        ),
        Route("DELETE", ORDER, "deleteOrder", "Forget an order", orders.delete, {204: None}),
    )


def _item_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ITEMS,
            "addOrderItem",
            "Add an item to an order",
            items.create,
            {201: a.OrderItemAnswer},
            requests.ITEM,
            replays=True,
            refusals=(409,),
        ),
        Route(
            "GET",
            ITEMS,
            "listOrderItems",
            "The items of an order",
            items.listing,
            {200: list[a.OrderItemAnswer]},
            scopes=READ,
        ),
        Route(
            "GET",
            ONE_ITEM,
            "getOrderItem",
            "One order item",
            items.get,
            {200: a.OrderItemAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_ITEM,
            "changeOrderItem",
            "Change the given fields of an item",
            items.update,
            {200: a.OrderItemAnswer},
            requests.ITEM_CHANGE,
            refusals=(409,),
        ),
        Route("DELETE", ONE_ITEM, "removeOrderItem", "Remove an item", items.delete, {204: None}),
    )


def _shipment_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ("/v2/shipments", "/v2/shipment"),
            "addShipment",
            "Hand over a parcel",
            shipments.create,
            {201: a.ShipmentAnswer},
            requests.SHIPMENT,
            replays=True,
            refusals=(404, 409),
        ),
        Route(
            "GET",
            ("/v2/shipments",),
            "listShipments",
            "List shipments",
            shipments.listing,
            {200: list[a.ShipmentAnswer]},
            scopes=READ,
            filters=shipments.FILTERS,
        ),
        *_one_shipment_routes(),
    )


def _one_shipment_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            ONE_SHIPMENT,
            "getShipment",
            "One shipment",
            shipments.get,
            {200: a.ShipmentAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_SHIPMENT,
            "changeShipment",
            "Change the given fields of a shipment",
            shipments.update,
            {200: a.ShipmentAnswer},
            requests.SHIPMENT_CHANGE,
            refusals=(409,),
        ),
        Route(
            "DELETE",
            ONE_SHIPMENT,
            "deleteShipment",
            "Remove a shipment that no carrier has scanned",
            shipments.delete,
            {204: None},
            refusals=(409,),
        ),
        Route(
            "GET",
            ("/v2/shipments/{shipment_id}/events", "/v2/shipment/events/{shipment_id}"),
            "listShipmentEvents",
            "A shipment's carrier updates, oldest first",
            shipments.events,
            {200: list[CarrierUpdateAnswer]},
            scopes=READ,
        ),
    )


def _carrier_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            CARRIERS,
            "listCarriers",
            "The carriers known to doorstep and the account's own",
            carriers.listing,
            {200: list[a.CarrierAnswer]},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_CARRIER,
            "putCarrier",
            "Add or replace a carrier of the account",
            carriers.put,
            {200: a.CarrierAnswer, 201: a.CarrierAnswer},
            requests.OWN_CARRIER,
        ),
        Route(
            "DELETE",
            ONE_CARRIER,
            "deleteCarrier",
            "Remove a carrier of the account",
            carriers.delete,
            {204: None},
            refusals=(409,),
        ),
        Route(
            "POST",
            ("/v2/carrier_updates",),
            "recordCarrierUpdates",
            "What a carrier says of one parcel, or of up to 1,000",
            carrier_updates.create,
            {
                200: CarrierUpdateAnswer | list[a.UpdateOutcomeAnswer],
                201: CarrierUpdateAnswer,
                202: a.KeptUpdateAnswer,
            },
            requests.CARRIER_UPDATE,
            scopes=CARRIER,
            replays=True,
            refusals=(409, 429),
        ),
    )


def _event_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            ("/v2/events",),
            "listEvents",
            "The account's events, from a sequence on",
            events.feed,
            {200: list[CloudEvent]},
            scopes=READ,
            parameters=event_parameters.FEED,
            streams=True,
            refusals=(404, 429),
        ),
        Route(
            "GET",
            ("/v2/orders/{id}/events",),
            "listOrderEvents",
            "The events of an order, be it deleted",
            events.of_order,
            {200: list[CloudEvent]},
            scopes=READ,
            parameters=event_parameters.OF_ORDER,
        ),
        Route(
            "GET",
            ("/v2/schemas/{schema}",),
            "getEventSchema",
            "The JSON Schema of a type of event",
            events.schema,
            {200: dict[str, msgspec.Raw]},
            scopes=None,
            refusals=(404,),
        ),
    )


def _webhook_endpoint_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ENDPOINTS,
            "createWebhookEndpoint",
            "Have events sent to a URL, from now on",
            webhook_endpoints.create,
            {201: w.WebhookEndpointAnswer},
            webhook_requests.WEBHOOK_ENDPOINT,
            replays=True,
            refusals=(409,),
        ),
        Route(
            "GET",
            ENDPOINTS,
            "listWebhookEndpoints",
            "The webhook endpoints, the oldest first",
            webhook_endpoints.listing,
            {200: list[w.WebhookEndpointAnswer]},
            scopes=READ,
        ),
        Route(
            "GET",
            (ONE_ENDPOINT,),
            "getWebhookEndpoint",
            "One webhook endpoint",
            webhook_endpoints.get,
            {200: w.WebhookEndpointAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            (ONE_ENDPOINT,),
            "changeWebhookEndpoint",
            "Change the given fields of a webhook endpoint",
            webhook_endpoints.update,
            {200: w.WebhookEndpointAnswer},
            webhook_requests.WEBHOOK_ENDPOINT_CHANGE,
        ),
        Route(
            "DELETE",
            (ONE_ENDPOINT,),
            "deleteWebhookEndpoint",
            "Send nothing there any more",
            webhook_endpoints.delete,
            {204: None},
        ),
    )


def _webhook_routes() -> tuple[Route, ...]:
    """What is done with an endpoint."""

    def post(path: str, name: str, summary: str, handler: Handler, **more: Any) -> Route:
        answers = more.pop("answers", {200: w.WebhookEndpointAnswer})
        more = {"refusals": (409,), "replays": True, **more}
        return Route("POST", (f"{ONE_ENDPOINT}/{path}",), name, summary, handler, answers, **more)

    return (
        post(
            "rotate_secret",
            "rotateWebhookSecret",
            "A new secret",
            webhook_endpoints.rotate_secret,
            body=webhook_requests.ROTATION,
        ),
        post(
            "test",
            "testWebhookEndpoint",
            "Send a test at once",
            webhook_endpoints.test,
            answers={200: w.WebhookAttemptAnswer},
        ),
        post("pause", "pauseWebhookEndpoint", "Send nothing for now", webhook_endpoints.pause),
        post(
            "resume",
            "resumeWebhookEndpoint",
            "Go on, with all that waits",
            webhook_endpoints.resume,
        ),
        post(
            "replay",
            "replayEvents",
            "Send past events again",
            webhook_endpoints.replay,
            answers={202: w.WebhookReplayAnswer},
            body=webhook_requests.REPLAY,
        ),
        Route(
            "GET",
            (f"{ONE_ENDPOINT}/deliveries",),
            "listWebhookAttempts",
            "What was attempted, the newest first, or what waits",
            webhook_attempts.listing,
            {200: list[w.WebhookAttemptAnswer]},
            scopes=READ,
            parameters=webhook_attempts.PARAMETERS,
        ),
    )


def _account_routes() -> tuple[Route, ...]:
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
            requests.ACCOUNT,
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
            requests.WAREHOUSE,
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


def health_routes() -> tuple[Route, ...]:
    """What those who run doorstep ask of each of its processes."""
    return (
        Route(
            "GET",
            ("/healthz",),
            "getHealth",
            "Whether the process answers",
            health.alive,
            {200: a.HealthAnswer},
            scopes=None,
        ),
        Route(
            "GET",
            ("/readyz",),
            "getReadiness",
            "Whether the database takes a write",
            health.ready,
            {200: a.HealthAnswer},
            scopes=None,
            refusals=(500, 503),
        ),
        Route(
            "GET",
            ("/metrics",),
            "getMetrics",
            "Figures for Prometheus",
            health.metrics,
            {200: Text("text/plain")},
            scopes=None,
        ),
    )
