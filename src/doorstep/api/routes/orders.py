"""Routes of orders, their items and their progress."""

from doorstep.api import answers as a
from doorstep.api import items, orders
from doorstep.api.explanation_answers import ExplanationAnswer
from doorstep.api.routes.route import READ, Route
from doorstep.service.forms import bodies

ORDER = ("/v2/orders/{id}",)
ITEMS = ("/v2/orders/{id}/items",)
ONE_ITEM = ("/v2/orders/{id}/items/{item_id}", "/v2/order_items/{item_id}")


def order_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ("/v2/order", "/v2/orders"),
            "createOrder",
            "Create an order",
            orders.create,
            {201: a.OrderAnswer},
            bodies.ORDER,
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
            "GET",
            ("/v2/orders/{id}/explanation",),
            "explainOrder",
            "What an order waits for, in words and figures",
            orders.explain,
            {200: ExplanationAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            ORDER,
            "changeOrder",
            "Change the given fields of an order",
            orders.update,
            {200: a.OrderAnswer},
            bodies.ORDER_CHANGE,
            refusals=(409,),
        ),
        Route("DELETE", ORDER, "deleteOrder", "Forget an order", orders.delete, {204: None}),
    )


def item_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ITEMS,
            "addOrderItem",
            "Add an item to an order",
            items.create,
            {201: a.OrderItemAnswer},
            bodies.ITEM,
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
            bodies.ITEM_CHANGE,
            refusals=(409,),
        ),
        Route("DELETE", ONE_ITEM, "removeOrderItem", "Remove an item", items.delete, {204: None}),
    )
