"""The Python client of doorstep.

    with Client("http://127.0.0.1:8080", access_key) as doorstep:
        order = doorstep.create_order("ORD-1", order_date=datetime.now(UTC))
        doorstep.add_shipment(order_id="ORD-1", carrier={"name": "dhl"}, tracking_code="JJD01")

`AsyncClient` has the same methods, awaited.
"""

from doorstep.client.answers import (
    Account,
    Carrier,
    CarrierUpdate,
    Event,
    Explanation,
    Order,
    OrderItem,
    Reason,
    Recipient,
    Shipment,
    ShipmentCarrier,
    StateEntry,
    UpdateOutcome,
    Warehouse,
)
from doorstep.client.clients import AsyncClient, Client
from doorstep.client.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    DoorstepError,
    Forbidden,
    Invalid,
    NotFound,
    ServerError,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Violation,
)
from doorstep.client.fields import ItemFields, NewCarrierUpdate, NewOrder, RecipientFields
from doorstep.client.retries import Retries

__all__ = [
    "Account",
    "ApiError",
    "AsyncClient",
    "Carrier",
    "CarrierUpdate",
    "Client",
    "Conflict",
    "ConnectionFailed",
    "DoorstepError",
    "Event",
    "Explanation",
    "Forbidden",
    "Invalid",
    "ItemFields",
    "NewCarrierUpdate",
    "NewOrder",
    "NotFound",
    "Order",
    "OrderItem",
    "Reason",
    "Recipient",
    "RecipientFields",
    "Retries",
    "ServerError",
    "Shipment",
    "ShipmentCarrier",
    "StateEntry",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "UpdateOutcome",
    "Violation",
    "Warehouse",
]
