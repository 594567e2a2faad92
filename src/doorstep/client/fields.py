"""What callers give, as the JSON names it. A key left out is not sent; None is sent as null, which
clears the field in a change and means "not given" in a creation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, Required, TypeAlias, TypedDict

from doorstep.client.answers import Recipient, UpdateId

Time: TypeAlias = dt.datetime | str
DateOrTime: TypeAlias = dt.date | str
Amount: TypeAlias = int | float | Decimal


class RecipientFields(TypedDict, total=False):
    first_name: str | None
    last_name: str | None
    street: str | None
    house_no: str | None
    city: str | None
    zip_code: str | None
    country: str | None
    email: str | None
    phone: str | None


class ItemFields(TypedDict, total=False):
    appearance: str | None
    bundle_item: str | None
    currency: str | None
    description: str | None
    external_id: str | None
    hs_code: str | None
    image_url: str | None
    item_value: Amount | None
    name: str | None
    origin_country: str | None
    quantity: Amount | None
    returnable: bool | None
    sales_price: Amount | None
    shipment_id: str | None
    shop_product_url: str | None
    size: str | None
    sku: str | None
    status: str | None
    warehouse: str | None
    weight: Amount | None


class OrderChanges(TypedDict, total=False):
    boarding_complete: bool | None
    language: str | None
    order_date: Time | None
    order_tags: Mapping[str, str] | None
    order_url: str | None
    promised_delivery_date: DateOrTime | None
    recipient: Recipient | RecipientFields | None


class OrderFields(OrderChanges, total=False):
    order_items: Sequence[ItemFields] | None


class NewOrder(OrderFields, total=False):
    order_id: Required[str]


class StateFields(TypedDict, total=False):
    datetime: Time | None
    location: str | None


class CarrierName(TypedDict, total=False):
    name: str | None
    country: str | None


class ShipmentChanges(TypedDict, total=False):
    carrier: CarrierName | None
    carrier_service: str | None
    cod: bool | None
    cod_reference: str | None
    cod_value: Amount | None
    comment: str | None
    counted: bool | None
    goods_value: Amount | None
    goods_value_currency: str | None
    local_delivery: bool | None
    pickup_point_selected: bool | None
    planned_pickup_datetime: Time | None
    recipient_address: str | None
    recipient_city: str | None
    recipient_company_name: str | None
    recipient_country: str | None
    recipient_email: str | None
    recipient_first_name: str | None
    recipient_last_name: str | None
    recipient_phone: str | None
    recipient_zip: str | None
    reference_number: str | None
    reference_number_2: str | None
    return_parcel: bool | None
    shipment_tag: Mapping[str, str] | None
    trackable: bool | None
    tracking_code: str | None
    warehouse: str | None
    warehouse_address: str | None
    weight: Amount | None


class ShipmentFields(ShipmentChanges, total=False):
    order: NewOrder
    order_id: str


class NewCarrierUpdate(TypedDict, total=False):
    """The parcel by one of `shipment_id`, `tracking_code` (with `carrier`), `reference_number`."""

    carrier: str | CarrierName | None
    datetime: Required[Time]
    description: str | None
    location: str | None
    reference_number: str | None
    retracts: UpdateId | None
    shipment_id: int | str | None
    status: str | None
    tracking_code: str | None


class CarrierFields(TypedDict, total=False):
    countries: Sequence[str] | None
    name: str | None
    tracking_url: str | None


class AccountFields(TypedDict, total=False):
    language: str | None
    name: str | None
    slug: str | None
    time_zone: str | None
    untrackable_days: int | None
    mail_events: Sequence[str] | None
    retention_days: int | None
    logo_url: str | None
    colour: str | None
    order_link: str


class Span(TypedDict, total=False):
    """`after` and `before` include their moment; a bare date means its start and its end."""

    after: DateOrTime
    before: DateOrTime
    strictly_after: DateOrTime
    strictly_before: DateOrTime


Direction: TypeAlias = Literal["asc", "desc"]


class OrderFilters(TypedDict, total=False):
    created_at: Span
    delayed: bool
    language: str
    order: Mapping[Literal["created_at", "id", "order_date", "promised_delivery_date"], Direction]
    order_date: Span
    order_id: str
    order_tags: Mapping[str, str]
    promised_delivery_date: Span
    state: str
    tracking_code: str


class ShipmentFilters(TypedDict, total=False):
    carrier: str
    order_id: str
    reference_number: str
    status: str
    tracking_code: str
