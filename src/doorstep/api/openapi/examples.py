"""Examples: the bodies of the platform's order workflow, and what doorstep answers to them."""

from typing import Any

ORDER_ID = "ORD-2024-001234"
NUMBER = 104_857_600_000_017
SHIPMENT_NUMBER = 104_857_600_000_033
ITEM_NUMBER = 104_857_600_000_021
ENDPOINT_NUMBER = 104_857_600_000_081

PATH = {
    "id": ORDER_ID,
    "item_id": str(ITEM_NUMBER),
    "shipment_id": str(SHIPMENT_NUMBER),
    "code": "bike-courier",
    "schema": "order.shipped.json",
    "name": "Main Warehouse Vienna",
    "webhook_endpoint_id": str(ENDPOINT_NUMBER),
}
"""A value for each parameter of a path."""

_ORDER: dict[str, Any] = {
    "boarding_complete": True,
    "language": "en",
    "order_date": "2024-01-15T10:30:00Z",
    "order_id": ORDER_ID,
    "order_tags": {"tag1": "value1", "tag2": "value2"},
    "order_url": "https://shop.example.com/orders/ORD-2024-001234",
    "promised_delivery_date": "2024-01-20T23:59:59Z",
}

_ITEM: dict[str, Any] = {
    "appearance": "Blue",
    "bundle_item": "BUNDLE-001-ITEM-1",
    "currency": "EUR",
    "description": "Cotton T-Shirt with print",
    "name": "Basic Cotton T-Shirt",
    "returnable": True,
    "sales_price": 29.99,
    "shipment_id": "5678",
    "shop_product_url": "https://shop.example.com/products/basic-tshirt",
    "size": "M",
    "sku": "TSHIRT-BLUE-M",
    "warehouse": "Main Warehouse Vienna",
    "weight": 0.25,
}

_CARRIER = {
    "name": "Bike Courier",
    "countries": ["AT"],
    "tracking_url": "https://courier.example.com/parcels/{tracking_code}",
}

_WAREHOUSE = {"address": "Lagerstraße 5, 1200 Wien, AT"}

REQUESTS: dict[str, Any] = {
    "TokenRequest": {"access_key": "your_apikey"},
    "OrderRequest": _ORDER,
    "OrderChangeRequest": {"boarding_complete": True},
    "OrderItemRequest": _ITEM,
    "OrderItemChangeRequest": {"status": "in_production"},
    "OrderStateRequest": {"order_id": ORDER_ID, "state": "paid"},
    "ShipmentRequest": {
        "order_id": ORDER_ID,
        "tracking_code": "00340434161094042557",
        "carrier": {"name": "dhl", "country": "DE"},
        "planned_pickup_datetime": "2024-01-16T16:00:00Z",
    },
    "ShipmentChangeRequest": {"comment": "Leave it with the neighbours."},
    "CarrierUpdateRequest": {
        "tracking_code": "00340434161094042557",
        "status": "delivered",
        "datetime": "2024-01-18T11:05:00+01:00",
        "location": "Berlin",
    },
    "AccountRequest": {"time_zone": "Europe/Vienna", "language": "de"},
    "WarehouseRequest": _WAREHOUSE,
    "WebhookEndpointRequest": {
        "url": "https://shop.example.com/webhooks",
        "types": ["order.shipped", "order.delayed", "shipment.*"],
    },
    "WebhookEndpointChangeRequest": {"types": ["order.*"]},
    "SecretRotationRequest": {"overlap_hours": 48},
    "WebhookReplayRequest": {"since": "2024-01-15T00:00:00Z"},
    "CarrierRequest": _CARRIER,
}
"""A body for each kind of request."""

_STATE = {
    "datetime": "2024-01-15T10:30:12.142Z",
    "location": None,
    "order_id": ORDER_ID,
    "state": "new",
}

_CREATED = "2024-01-15T10:30:12.142Z"

_UPDATE: dict[str, Any] = {
    "id": 104_857_600_000_049,
    "shipment_id": SHIPMENT_NUMBER,
    "order_id": ORDER_ID,
    "event": "Delivered",
    "description": None,
    "creationDate": "2024-01-18T10:05:00Z",
    "status": "delivered",
    "location": "Berlin",
    "retracts": None,
    "recorded_at": "2024-01-18T10:05:31.407Z",
}

_SHIPMENT = {
    "id": SHIPMENT_NUMBER,
    "iri": f"/v2/shipments/{SHIPMENT_NUMBER}",
    "order_id": ORDER_ID,
    "tracking_code": "00340434161094042557",
    "reference_number": None,
    "carrier": {"name": "dhl", "country": "DE"},
    "carrier_tracking_url": "https://carrier.example.com/00340434161094042557",
    "status": "new",
    "status_label": "New",
    "delivered_at": None,
    "counted": True,
    "return_parcel": False,
    "trackable": True,
    "planned_pickup_datetime": "2024-01-16T16:00:00Z",
    "created_at": "2024-01-16T14:12:09.310Z",
    "reference_number_2": None,
    "carrier_service": None,
    "recipient_first_name": None,
    "recipient_last_name": None,
    "recipient_email": None,
    "recipient_address": None,
    "recipient_zip": None,
    "recipient_city": None,
    "recipient_country": None,
    "recipient_phone": None,
    "recipient_company_name": None,
    "pickup_point_selected": None,
    "local_delivery": None,
    "goods_value": None,
    "goods_value_currency": None,
    "cod_reference": None,
    "cod": None,
    "cod_value": None,
    "weight": None,
    "warehouse": None,
    "warehouse_address": None,
    "shipment_tag": None,
    "comment": None,
}

_REASONS = [
    {
        "code": "waits_for_deliveries",
        "text": "Waits for 1 more of 2 parcels to be delivered.",
        "missing_parcels": 1,
        "counted_parcels": 2,
    },
    {
        "code": "waits_for_boarding_complete",
        "text": "Waits for boarding to be marked complete.",
    },
    {
        "code": "late_since",
        "text": "Late since 3 hours: promised 20 January, 23:59.",
        "promised_delivery_date": "2024-01-20T22:59:59Z",
        "late_seconds": 10_800,
    },
]

ANSWERS: dict[str, Any] = {
    "TokenAnswer": {"token": "your_token"},
    "WebhookEndpointAnswer": {
        "id": ENDPOINT_NUMBER,
        "iri": f"/v2/webhook_endpoints/{ENDPOINT_NUMBER}",
        "url": "https://shop.example.com/webhooks",
        "types": ["order.shipped", "order.delayed", "shipment.*"],
        "description": None,
        "signature": "v1",
        "public_key": None,
        "paused": False,
        "paused_at": None,
        "paused_because": None,
        "failing_since": None,
        "created_at": _CREATED,
        "updated_at": _CREATED,
    },
    "WebhookAttemptAnswer": {
        "id": 104_857_600_000_097,
        "event_id": "evt_1_1042",
        "sequence": 1042,
        "type": "order.shipped",
        "attempted_at": "2024-01-16T14:12:09.402Z",
        "milliseconds": 87,
        "status": 503,
        "answer": "down for maintenance",
        "error": None,
        "outcome": "failed",
        "next_attempt_at": "2024-01-16T14:12:14.610Z",
    },
    "WebhookReplayAnswer": {"id": 104_857_600_000_113, "after": 1041, "until": 1200},
    "OrderAnswer": {
        "id": NUMBER,
        "iri": f"/v2/orders/{NUMBER}",
        **_ORDER,
        "recipient": None,
        "order_items": [],
        "shipments": [],
        "state": "new",
        "states_history": [_STATE],
        "delayed": False,
        "delayed_at": None,
        "paid_at": None,
        "tracking_page_url": "https://tracking.example.com/order/l2mZqv8rT0y4WbXc",
        "created_at": _CREATED,
        "updated_at": _CREATED,
    },
    "ExplanationAnswer": {
        "order_id": ORDER_ID,
        "state": "shipped",
        "delayed": True,
        "text": "Completes when 1 more of 2 parcels is delivered and boarding is marked complete. "
        "Late since 3 hours: promised 20 January, 23:59.",
        "reasons": _REASONS,
    },
    "OrderItemAnswer": {
        "id": str(ITEM_NUMBER),
        "shop_order_id": ORDER_ID,
        "status": "new",
        "warehouse_address": _WAREHOUSE["address"],
        **_ITEM,
    },
    "StateEntryAnswer": {**_STATE, "datetime": "2024-01-15T10:31:40.000Z", "state": "paid"},
    "ShipmentAnswer": _SHIPMENT,
    "CarrierUpdateAnswer": _UPDATE,
    "KeptUpdateAnswer": {
        "id": 104_857_600_000_065,
        "status": "kept",
        "kept_until": "2024-02-01T10:05:31.407Z",
    },
    "UpdateOutcomeAnswer": {"index": 0, "status": 201, "shipment_id": SHIPMENT_NUMBER},
    "CarrierAnswer": {"code": "bike-courier", **_CARRIER},
    "CloudEvent": {
        "specversion": "1.0",
        "id": "evt_1_42",
        "source": "/v2/accounts/1",
        "type": "order.shipped",
        "subject": ORDER_ID,
        "time": "2024-01-16T14:12:09.310Z",
        "recordedat": "2024-01-16T14:12:09.310Z",
        "sequence": 42,
        "datacontenttype": "application/json",
        "dataschema": "/v2/schemas/order.shipped.json",
        "data": {
            "id": NUMBER,
            "order_id": ORDER_ID,
            "iri": f"/v2/orders/{NUMBER}",
            "datetime": "2024-01-16T14:12:09.310Z",
        },
    },
    "HealthAnswer": {"status": "ok"},
    "AccountAnswer": {
        "id": 1,
        "name": "Shop",
        "slug": "shop",
        "time_zone": "Europe/Vienna",
        "language": "de",
        "untrackable_days": None,
        "mail_events": ["shipped", "out_for_delivery", "delivered", "delayed"],
        "retention_days": 730,
        "logo_url": "https://shop.example.com/logo.png",
        "colour": "#0a7d5c",
        "order_link": "ask",
        "created_at": "2024-01-02T08:00:00Z",
    },
    "WarehouseAnswer": {"name": "Main Warehouse Vienna", **_WAREHOUSE},
}
"""An answer of each kind."""

UNAUTHORIZED = {"code": 401, "message": "JWT Token not found"}


def problem(status: int, title: str, code: str, detail: str, **more: Any) -> dict[str, Any]:
    found = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return {**found, "code": code, **more}


PROBLEMS: dict[int, dict[str, Any]] = {
    400: problem(
        400,
        "Bad Request",
        "invalid_field",
        "order_items[0].weight: must not be negative.",
        violations=[{"propertyPath": "order_items[0].weight", "message": "must not be negative."}],
    ),
    403: problem(
        403,
        "Forbidden",
        "scope_not_allowed",
        "A key with the scope read cannot do this.",
    ),
    404: problem(404, "Not Found", "order_not_found", f"There is no order {ORDER_ID}."),
    405: problem(405, "Method Not Allowed", "method_not_allowed", "PATCH is not possible here."),
    409: problem(
        409,
        "Conflict",
        "order_cancelled",
        f"Order {ORDER_ID} is cancelled: it takes no items.",
    ),
    413: problem(
        413,
        "Request Entity Too Large",
        "body_too_large",
        "The body is larger than 1048576 bytes.",
    ),
    429: problem(
        429,
        "Too Many Requests",
        "too_many_failures",
        "Too many token requests from this address failed.",
    ),
    500: problem(
        500,
        "Internal Server Error",
        "server_error",
        "Something went wrong on our side; the log has it under this request_id.",
        request_id="9f1c2b7e5d3a4c6f8e0b1a2d3c4e5f60",
    ),
    503: problem(
        503,
        "Service Unavailable",
        "unavailable",
        "The order was not written; try again shortly.",
    ),
}
"""A refusal with each status."""
