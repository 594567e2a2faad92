"""What doorstep answers, as the JSON names it; fields unknown to this client are skipped."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeAlias

from msgspec import Struct, field

Number: TypeAlias = int | float
UpdateId: TypeAlias = int | str


class Created(Struct, frozen=True, kw_only=True):
    """`replayed`: doorstep had it already, from an earlier try or from somebody else."""

    replayed: bool = False


class StateEntry(Created, frozen=True, kw_only=True):
    datetime: dt.datetime
    location: str | None = None
    order_id: str
    state: str


class Recipient(Struct, frozen=True, kw_only=True):
    first_name: str | None = None
    last_name: str | None = None
    street: str | None = None
    house_no: str | None = None
    city: str | None = None
    zip_code: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class OrderItem(Created, frozen=True, kw_only=True):
    id: str
    shop_order_id: str
    status: str
    appearance: str | None = None
    bundle_item: str | None = None
    currency: str | None = None
    description: str | None = None
    external_id: str | None = None
    hs_code: str | None = None
    image_url: str | None = None
    item_value: Number | None = None
    name: str | None = None
    origin_country: str | None = None
    quantity: Number | None = None
    returnable: bool | None = None
    sales_price: Number | None = None
    shipment_id: str | None = None
    shop_product_url: str | None = None
    size: str | None = None
    sku: str | None = None
    warehouse: str | None = None
    warehouse_address: str | None = None
    weight: Number | None = None


class ShipmentCarrier(Struct, frozen=True, kw_only=True):
    """A shipment's carrier by its name, which need not be one of the known `Carrier`s."""

    name: str | None = None
    country: str | None = None


class Shipment(Created, frozen=True, kw_only=True):
    id: int
    iri: str
    order_id: str
    status: str
    status_label: str
    counted: bool
    return_parcel: bool
    trackable: bool
    tracking_code: str | None = None
    reference_number: str | None = None
    reference_number_2: str | None = None
    carrier: ShipmentCarrier | None = None
    carrier_service: str | None = None
    carrier_tracking_url: str | None = None
    recipient_first_name: str | None = None
    recipient_last_name: str | None = None
    recipient_company_name: str | None = None
    recipient_email: str | None = None
    recipient_phone: str | None = None
    recipient_address: str | None = None
    recipient_zip: str | None = None
    recipient_city: str | None = None
    recipient_country: str | None = None
    planned_pickup_datetime: dt.datetime | None = None
    pickup_point_selected: bool | None = None
    local_delivery: bool | None = None
    goods_value: Number | None = None
    goods_value_currency: str | None = None
    cod: bool | None = None
    cod_reference: str | None = None
    cod_value: Number | None = None
    weight: Number | None = None
    warehouse: str | None = None
    warehouse_address: str | None = None
    shipment_tag: dict[str, str] | None = None
    comment: str | None = None
    delivered_at: dt.datetime | None = None


class Order(Created, frozen=True, kw_only=True):
    id: int
    iri: str
    order_id: str
    order_date: dt.datetime
    state: str
    states_history: list[StateEntry]
    tracking_page_url: str
    delayed: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    boarding_complete: bool | None = None
    language: str | None = None
    order_url: str | None = None
    order_tags: dict[str, str] | None = None
    promised_delivery_date: dt.datetime | None = None
    recipient: Recipient | None = None
    order_items: list[OrderItem] = []
    shipments: list[Shipment] = []
    delayed_at: dt.datetime | None = None
    paid_at: dt.datetime | None = None


class CarrierUpdate(Created, frozen=True, kw_only=True):
    """One scan. While no shipment has its parcel's name it is only kept: then nothing but `id`,
    `status` ("kept") and `kept_until` is known of it."""

    id: UpdateId
    status: str | None = None
    event: str | None = None
    description: str | None = None
    creation_date: dt.datetime | None = field(name="creationDate", default=None)
    location: str | None = None
    recorded_at: dt.datetime | None = None
    shipment_id: int | None = None
    order_id: str | None = None
    retracts: UpdateId | None = None
    kept_until: dt.datetime | None = None


class UpdateOutcome(Struct, frozen=True, kw_only=True):
    """What became of the update at `index`; `status` counts as HTTP does: 201 recorded, 200 known
    already, 202 kept for a parcel yet unknown, 4xx refused with `code` and `detail`."""

    index: int
    status: int
    code: str | None = None
    detail: str | None = None
    shipment_id: int | None = None


class Carrier(Struct, frozen=True, kw_only=True):
    code: str
    name: str
    countries: list[str] = []
    tracking_url: str | None = None


class Account(Struct, frozen=True, kw_only=True):
    id: int
    name: str
    slug: str
    time_zone: str
    language: str
    created_at: dt.datetime
    untrackable_days: int | None = None
    mail_events: tuple[str, ...] = ()
    retention_days: int | None = None
    logo_url: str | None = None
    colour: str | None = None
    order_link: str = "ask"


class Event(Struct, frozen=True, kw_only=True):
    """`time` is when it became true, `recordedat` when doorstep learned of it; what `data` holds
    depends on the `type`. An event that is of no order has no `subject`, else its `order_id`."""

    id: str
    type: str
    sequence: int
    subject: str | None = None
    time: dt.datetime
    recordedat: dt.datetime
    data: dict[str, Any]


class Reason(Struct, frozen=True, kw_only=True):
    """`code` says which of the figures there are; those that are not are None."""

    code: str
    text: str
    parcels: int | None = None
    missing_parcels: int | None = None
    counted_parcels: int | None = None
    assumed_delivered_at: dt.datetime | None = None
    promised_delivery_date: dt.datetime | None = None
    late_seconds: int | None = None
    state: str | None = None
    ended_at: dt.datetime | None = None


class Explanation(Struct, frozen=True, kw_only=True):
    """Why an order is where it is, at this moment; `text` is all reasons in English sentences."""

    order_id: str
    state: str
    delayed: bool
    text: str
    reasons: list[Reason]


class Warehouse(Struct, frozen=True, kw_only=True):
    name: str
    address: str | None = None
