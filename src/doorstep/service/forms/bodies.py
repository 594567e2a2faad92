"""The bodies of requests, field by field (API, sections 3 to 9)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from doorstep.domain.decide.items import NAMED_BY
from doorstep.domain.limits import Limits
from doorstep.domain.states import ITEM_STATUSES, ORDER_STATES, SET_BY_DOORSTEP, STATUS_OF_WORD
from doorstep.service.accounts import MAIL_EVENTS
from doorstep.service.forms.forms import (
    ACCESS_KEY,
    AMOUNT,
    CODE,
    EMPTY_LIST,
    FLAG,
    GIVEN_TIME,
    IDENTIFIER,
    IGNORED,
    LANGUAGE,
    PROMISE,
    TAGS,
    TEXT,
    TIME,
    URL,
    Body,
    Check,
    Field,
    Form,
    Reading,
    Unfit,
    list_of,
    nested,
    one_of,
)

TOKEN = Body(
    "TokenRequest", {"access_key": Field(ACCESS_KEY, True, "The key, as it was shown once.")}
)

RECIPIENT = Body(
    "RecipientRequest",
    {
        "first_name": Field(TEXT),
        "last_name": Field(TEXT),
        "street": Field(TEXT),
        "house_no": Field(CODE),
        "city": Field(TEXT),
        "zip_code": Field(CODE),
        "country": Field(TEXT),
        "email": Field(TEXT),
        "phone": Field(CODE),
    },
)

ITEM = Body(
    "OrderItemRequest",
    {
        "appearance": Field(TEXT),
        "bundle_item": Field(CODE),
        "currency": Field(TEXT),
        "description": Field(TEXT, note="One of sku, name, description is required."),
        "name": Field(TEXT),
        "returnable": Field(FLAG),
        "sales_price": Field(AMOUNT),
        "shipment_id": Field(CODE, note="Linked when it names a shipment of the order."),
        "shop_product_url": Field(URL),
        "size": Field(CODE),
        "sku": Field(CODE),
        "status": Field(IGNORED, note="`new` after creation, whatever was sent."),
        "warehouse": Field(TEXT),
        "weight": Field(AMOUNT),
        "external_id": Field(CODE, note="Unique in the order: sent again, it is replayed."),
        "hs_code": Field(CODE),
        "image_url": Field(URL),
        "item_value": Field(AMOUNT),
        "origin_country": Field(TEXT),
        "quantity": Field(AMOUNT),
    },
)


ITEM_CHANGE = Body(
    "OrderItemChangeRequest", {**ITEM.fields, "status": Field(one_of(ITEM_STATUSES))}
)


def required_one_of(*names: str) -> Check:
    """That one of some fields is there, be it at fault on its own."""

    def check(given: Mapping[str, Any], faulty: set[str]) -> list[tuple[str, str]]:
        if any(name in given or name in faulty for name in names):
            return []
        return [(name, f"One of {', '.join(names)} is required.") for name in names]

    return check


ITEM_IS_NAMED = required_one_of(*NAMED_BY)


ORDER = Body(
    "OrderRequest",
    {
        "order_id": Field(IDENTIFIER, True, "The shop's own reference, unique in the account."),
        "order_date": Field(TIME, note="Now when not given."),
        "order_url": Field(URL),
        "language": Field(LANGUAGE),
        "boarding_complete": Field(FLAG, note="null counts as true for completion."),
        "order_tags": Field(TAGS),
        "promised_delivery_date": Field(PROMISE),
        "recipient": Field(nested(RECIPIENT), note="Personal data."),
        "order_items": Field(list_of(ITEM, "max_items_per_order", ITEM_IS_NAMED)),
    },
)

ORDER_CHANGE = Body(
    "OrderChangeRequest",
    MappingProxyType(
        {
            name: Field(field.form, False, field.note)
            for name, field in ORDER.fields.items()
            if name != "order_items"
        }
    ),
)


def _read_state(value: Any, reading: Reading) -> str:
    state: str = TEXT.read(value, reading)
    if state in SET_BY_DOORSTEP:
        raise Unfit(("", f"{state} follows from the shipments and is never reported."))
    if state not in ORDER_STATES:
        raise Unfit(("", f"is none of {', '.join(ORDER_STATES)}."))
    return state


STATE = Body(
    "OrderStateRequest",
    {
        "order_id": Field(IDENTIFIER, note="Or `shop_order_id`; one of them is required."),
        "shop_order_id": Field(IDENTIFIER),
        "state": Field(Form(_read_state, TEXT.schema), True),
        "datetime": Field(TIME, note="Now when not given."),
        "location": Field(TEXT),
    },
)

CARRIER_NAME = Body("CarrierNameRequest", {"name": Field(TEXT), "country": Field(TEXT)})


def _read_carrier(value: Any, reading: Reading) -> dict[str, Any] | None:
    if isinstance(value, str):
        return {"name": TEXT.read(value, reading)}
    return None if value == [] else CARRIER_NAME.read(value, reading) or None


def _carrier_schema(limits: Limits) -> dict[str, Any]:
    return {
        "anyOf": [
            {"$ref": f"#/components/schemas/{CARRIER_NAME.name}"},
            TEXT.schema(limits),
            EMPTY_LIST,
        ]
    }


CARRIER = Form(_read_carrier, _carrier_schema)
"""`{name, country}`, either part may be missing; or the name alone."""

SHIPMENT_RECIPIENT = (
    "recipient_first_name",
    "recipient_last_name",
    "recipient_email",
    "recipient_address",
    "recipient_zip",
    "recipient_city",
    "recipient_country",
    "recipient_phone",
    "recipient_company_name",
)
SHIPMENT_PERSONAL = (*SHIPMENT_RECIPIENT, "comment")
"""Kept apart from the log; a comment often speaks of a person."""

_NUMBERS_TOO = ("recipient_zip", "recipient_phone")

SHIPMENT_CHANGE = Body(
    "ShipmentChangeRequest",
    {
        "order_id": Field(IDENTIFIER, note="A shipment stays with its order."),
        "tracking_code": Field(IDENTIFIER, note="This or `reference_number` is required."),
        "reference_number": Field(IDENTIFIER),
        "reference_number_2": Field(CODE),
        "carrier": Field(CARRIER),
        "carrier_service": Field(TEXT),
        **{name: Field(CODE if name in _NUMBERS_TOO else TEXT) for name in SHIPMENT_RECIPIENT},
        "planned_pickup_datetime": Field(TIME),
        "return_parcel": Field(FLAG, note="false when not given."),
        "trackable": Field(FLAG, note="true when not given."),
        "counted": Field(FLAG, note="false takes the parcel out of what the order waits for."),
        "pickup_point_selected": Field(FLAG),
        "local_delivery": Field(FLAG, note="true needs a promise on the order."),
        "goods_value": Field(AMOUNT),
        "goods_value_currency": Field(TEXT),
        "cod_reference": Field(CODE),
        "cod": Field(FLAG),
        "cod_value": Field(AMOUNT),
        "weight": Field(AMOUNT),
        "warehouse": Field(TEXT),
        "warehouse_address": Field(TEXT),
        "shipment_tag": Field(TAGS),
        "comment": Field(TEXT),
    },
)

SHIPMENT = Body(
    "ShipmentRequest",
    {
        **SHIPMENT_CHANGE.fields,
        "order_id": Field(IDENTIFIER, note="Or `order`; one of them is required."),
        "order": Field(nested(ORDER), note="Creates the order if there is none."),
    },
)

CARRIER_UPDATE = Body(
    "CarrierUpdateRequest",
    {
        "shipment_id": Field(IDENTIFIER, note="One of the three names is required."),
        "tracking_code": Field(IDENTIFIER),
        "carrier": Field(CARRIER, note="With `tracking_code`, where two carriers use one."),
        "reference_number": Field(IDENTIFIER),
        "status": Field(one_of(STATUS_OF_WORD), note="A status or its label; else listed only."),
        "datetime": Field(GIVEN_TIME, True),
        "location": Field(TEXT),
        "description": Field(TEXT),
        "retracts": Field(IDENTIFIER, note="The id of an update that was wrong."),
    },
)


def _read_mail_events(value: Any, reading: Reading) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise Unfit(("", "must be a list of words."))
    return tuple(dict.fromkeys(value))


MAIL_WORDS = Form(_read_mail_events, lambda limits: {"type": "array", "items": {"type": "string"}})

ACCOUNT = Body(
    "AccountRequest",
    {
        "name": Field(TEXT),
        "slug": Field(TEXT),
        "time_zone": Field(TEXT, note="An IANA name, such as Europe/Vienna."),
        "language": Field(TEXT),
        "untrackable_days": Field(AMOUNT, note="0 to 365; null switches it off."),
        "mail_events": Field(
            MAIL_WORDS,
            note=f"Some of {', '.join(MAIL_EVENTS)}; null for the usual ones, [] for none.",
        ),
        "retention_days": Field(
            AMOUNT, note="Orders untouched for so long are deleted; null keeps them."
        ),
        "logo_url": Field(URL, note="http or https; shown on the tracking pages."),
        "colour": Field(TEXT, note="Of the tracking pages, as #rrggbb."),
        "order_link": Field(
            TEXT,
            note="What /{slug}/{order_id} does: ask for the zip code, open the page, or off.",
        ),
    },
)

WAREHOUSE = Body("WarehouseRequest", {"address": Field(TEXT, True)})


def _read_countries(value: Any, reading: Reading) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha()
        for code in value
    ):
        raise Unfit(("", "must be a list of two-letter country codes."))
    return tuple(sorted({code.upper() for code in value}))


COUNTRIES = Form(
    _read_countries,
    lambda limits: {"type": "array", "items": {"type": "string", "pattern": "^[A-Za-z]{2}$"}},
)

OWN_CARRIER = Body(
    "CarrierRequest",
    {
        "name": Field(TEXT, True),
        "countries": Field(COUNTRIES, True),
        "tracking_url": Field(URL, note="http or https, with {tracking_code}."),
    },
)
