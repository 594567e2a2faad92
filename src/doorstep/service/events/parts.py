"""What the data of events is made of: items, shipments and carrier updates in the API's words.

Answers of the API share these. What the shop gave may stand here but for personal data, of which
an event holds no more than a version.
"""

from typing import Annotated, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from doorstep.domain.order import CarrierUpdate, Item, Shipment
from doorstep.domain.states import SHIPMENT_STATUSES
from doorstep.times import format_optional, format_time

Time: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
"""An instant as answers write it: RFC 3339 in UTC, cut to the millisecond."""


class ItemFields(Struct, frozen=True, kw_only=True):
    """What a shop may give of an item."""

    appearance: str | UnsetType = UNSET
    bundle_item: str | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    returnable: bool | UnsetType = UNSET
    sales_price: int | float | UnsetType = UNSET
    shipment_id: str | UnsetType = UNSET
    shop_product_url: str | UnsetType = UNSET
    size: str | UnsetType = UNSET
    sku: str | UnsetType = UNSET
    warehouse: str | UnsetType = UNSET
    weight: int | float | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    hs_code: str | UnsetType = UNSET
    image_url: str | UnsetType = UNSET
    item_value: int | float | UnsetType = UNSET
    origin_country: str | UnsetType = UNSET
    quantity: int | float | UnsetType = UNSET


class LoggedItem(ItemFields, frozen=True):
    """What was not given is left out."""

    id: str
    shop_order_id: str
    status: str


class CarrierNameAnswer(Struct, frozen=True):
    name: str | None
    country: str | None


class ShipmentFields(Struct, frozen=True, kw_only=True):
    """Given fields that doorstep only keeps, none of them personal; null when not given."""

    reference_number_2: str | UnsetType | None = UNSET
    carrier_service: str | UnsetType | None = UNSET
    pickup_point_selected: bool | UnsetType | None = UNSET
    local_delivery: bool | UnsetType | None = UNSET
    goods_value: int | float | UnsetType | None = UNSET
    goods_value_currency: str | UnsetType | None = UNSET
    cod_reference: str | UnsetType | None = UNSET
    cod: bool | UnsetType | None = UNSET
    cod_value: int | float | UnsetType | None = UNSET
    weight: int | float | UnsetType | None = UNSET
    warehouse: str | UnsetType | None = UNSET
    warehouse_address: str | UnsetType | None = UNSET
    shipment_tag: dict[str, str] | UnsetType | None = UNSET


NOT_GIVEN = dict.fromkeys(ShipmentFields.__struct_fields__)


class LoggedShipment(ShipmentFields, frozen=True):
    """A shipment as it was handed over; `counted` as given, `recipient_version` of its own."""

    id: int
    iri: str
    tracking_code: str | None
    reference_number: str | None
    carrier: CarrierNameAnswer | None
    counted: bool
    return_parcel: bool
    trackable: bool
    planned_pickup_datetime: Time | None
    recipient_version: int | None
    created_at: Time


class CarrierUpdateAnswer(Struct, frozen=True):
    """`event` is the status's label, null for an update that moves nothing."""

    id: int
    shipment_id: int
    order_id: str
    event: str | None
    description: str | None
    creationDate: Time  # noqa: N815 — the platform's own spelling
    status: str | None
    location: str | None
    retracts: int | None
    recorded_at: Time


def logged_item(order_id: str, item: Item) -> LoggedItem:
    return LoggedItem(str(item.item_number), order_id, item.status, **item.fields)


def carrier_name(name: str | None, country: str | None) -> CarrierNameAnswer | None:
    return CarrierNameAnswer(name, country) if name or country else None


def logged_shipment(parcel: Shipment) -> LoggedShipment:
    return LoggedShipment(
        id=parcel.shipment_number,
        iri=shipment_path(parcel.shipment_number),
        tracking_code=parcel.tracking_code,
        reference_number=parcel.reference_number,
        carrier=carrier_name(parcel.carrier_name, parcel.carrier_country),
        counted=parcel.counted,
        return_parcel=parcel.return_parcel,
        trackable=parcel.trackable,
        planned_pickup_datetime=format_optional(parcel.planned_pickup_datetime),
        recipient_version=parcel.recipient_version,
        created_at=format_time(parcel.created_at),
        **{**NOT_GIVEN, **parcel.fields},
    )


def carrier_update(
    order_id: str, shipment_number: int, update: CarrierUpdate
) -> CarrierUpdateAnswer:
    return CarrierUpdateAnswer(
        id=update.update_number,
        shipment_id=shipment_number,
        order_id=order_id,
        event=SHIPMENT_STATUSES[update.status].label if update.status else None,
        description=update.description,
        creationDate=format_time(update.datetime),
        status=update.status,
        location=update.location,
        retracts=update.retracts,
        recorded_at=format_time(update.recorded_at),
    )


def order_path(order_number: int) -> str:
    return f"/v2/orders/{order_number}"


def shipment_path(shipment_number: int) -> str:
    return f"/v2/shipments/{shipment_number}"
