"""What answers hold, and how orders become answers."""

from msgspec import UNSET, Struct, UnsetType

from doorstep.domain.carriers import Carrier, carrier_tracking_url
from doorstep.domain.order import Fields, Instant, Item, Order, Shipment, StateEntry
from doorstep.domain.states import SHIPMENT_STATUSES
from doorstep.service.accounts import USUAL_MAIL_EVENTS, Account, AccountView
from doorstep.service.events.parts import (
    CarrierNameAnswer,
    ItemFields,
    carrier_name,
    order_path,
    shipment_path,
)
from doorstep.service.orders import tracking_page_url
from doorstep.times import format_milliseconds, format_optional, format_time


class StateEntryAnswer(Struct, frozen=True):
    datetime: str
    location: str | None
    order_id: str
    state: str


class RecipientAnswer(Struct, frozen=True):
    first_name: str | None = None
    last_name: str | None = None
    street: str | None = None
    house_no: str | None = None
    city: str | None = None
    zip_code: str | None = None
    country: str | None = None
    email: str | None = None
    phone: str | None = None


class OrderItemAnswer(ItemFields, frozen=True):
    """What was not given is left out: an item has two vocabularies."""

    id: str
    shop_order_id: str
    status: str
    warehouse_address: str | None


class ShipmentAnswer(Struct, frozen=True):
    """Every field is there, null when not given."""

    id: int
    iri: str
    order_id: str
    tracking_code: str | None
    reference_number: str | None
    carrier: CarrierNameAnswer | None
    carrier_tracking_url: str | None
    status: str
    status_label: str
    delivered_at: str | None
    counted: bool
    return_parcel: bool
    trackable: bool
    planned_pickup_datetime: str | None
    created_at: str
    reference_number_2: str | None = None
    carrier_service: str | None = None
    recipient_first_name: str | None = None
    recipient_last_name: str | None = None
    recipient_email: str | None = None
    recipient_address: str | None = None
    recipient_zip: str | None = None
    recipient_city: str | None = None
    recipient_country: str | None = None
    recipient_phone: str | None = None
    recipient_company_name: str | None = None
    pickup_point_selected: bool | None = None
    local_delivery: bool | None = None
    goods_value: int | float | None = None
    goods_value_currency: str | None = None
    cod_reference: str | None = None
    cod: bool | None = None
    cod_value: int | float | None = None
    weight: int | float | None = None
    warehouse: str | None = None
    warehouse_address: str | None = None
    shipment_tag: dict[str, str] | None = None
    comment: str | None = None


class OrderAnswer(Struct, frozen=True):
    id: int
    iri: str
    order_id: str
    order_date: str
    order_url: str | None
    language: str | None
    boarding_complete: bool | None
    order_tags: dict[str, str]
    promised_delivery_date: str | None
    recipient: RecipientAnswer | None
    order_items: list[OrderItemAnswer]
    shipments: list[ShipmentAnswer]
    state: str
    states_history: list[StateEntryAnswer]
    delayed: bool
    delayed_at: str | None
    paid_at: str | None
    tracking_page_url: str
    created_at: str
    updated_at: str


class KeptUpdateAnswer(Struct, frozen=True):
    """202: the parcel is not known yet; the update waits for it."""

    id: int
    status: str
    kept_until: str


class UpdateOutcomeAnswer(Struct, frozen=True):
    """One entry of an array's answer; `status` as for a single update."""

    index: int
    status: int
    code: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    shipment_id: int | UnsetType = UNSET


class CarrierAnswer(Struct, frozen=True):
    code: str
    name: str
    countries: tuple[str, ...]
    tracking_url: str | None


class AccountAnswer(Struct, frozen=True):
    id: int
    name: str
    slug: str
    time_zone: str
    language: str
    untrackable_days: int | None
    mail_events: tuple[str, ...]
    retention_days: int | None
    logo_url: str | None
    colour: str | None
    order_link: str
    created_at: str


class WarehouseAnswer(Struct, frozen=True):
    name: str
    address: str


class TokenAnswer(Struct, frozen=True):
    token: str


class HealthAnswer(Struct, frozen=True):
    status: str


class Answers(Struct, frozen=True):
    """Makes answers for one account; `public_url` is where customers reach this server."""

    view: AccountView
    public_url: str

    def order(self, order: Order) -> OrderAnswer:
        iri = order_path(order.order_number)
        recipient = order.recipient(order.recipient_version)
        counted = {parcel.shipment_number for parcel in order.counted_shipments}
        return OrderAnswer(
            id=order.order_number,
            iri=iri,
            order_id=order.order_id,
            order_date=format_time(order.order_date),
            order_url=order.order_url,
            language=order.language,
            boarding_complete=order.boarding_complete,
            order_tags=dict(order.order_tags),
            promised_delivery_date=format_optional(order.promised_delivery_date),
            recipient=RecipientAnswer(**recipient) if recipient else None,
            order_items=[self.item(order, item) for item in order.items],
            shipments=[self._shipment(order, parcel, counted) for parcel in order.shipments],
            state=order.state,
            states_history=[state_entry(order.order_id, line) for line in order.history],
            delayed=order.delayed_at is not None,
            delayed_at=format_optional(order.delayed_at),
            paid_at=format_optional(order.paid_at),
            tracking_page_url=tracking_page_url(self.public_url, order),
            created_at=format_time(order.created_at),
            updated_at=format_time(order.updated_at),
        )

    def item(self, order: Order, item: Item) -> OrderItemAnswer:
        return OrderItemAnswer(
            str(item.item_number),
            order.order_id,
            item.status,
            self.view.warehouses.get(item.fields.get("warehouse", "")),
            **item.fields,
        )

    def shipment(self, order: Order, parcel: Shipment) -> ShipmentAnswer:
        counted = {parcel.shipment_number for parcel in order.counted_shipments}
        return self._shipment(order, parcel, counted)

    def _shipment(self, order: Order, parcel: Shipment, counted: set[int]) -> ShipmentAnswer:
        personal: Fields = order.recipient(parcel.recipient_version) or {}
        name, country = parcel.carrier_name, parcel.carrier_country
        return ShipmentAnswer(
            id=parcel.shipment_number,
            iri=shipment_path(parcel.shipment_number),
            order_id=order.order_id,
            tracking_code=parcel.tracking_code,
            reference_number=parcel.reference_number,
            carrier=carrier_name(name, country),
            carrier_tracking_url=carrier_tracking_url(
                self.view.carriers, name, parcel.tracking_code
            ),
            status=parcel.status,
            status_label=SHIPMENT_STATUSES[parcel.status].label,
            delivered_at=format_optional(parcel.delivered_at),
            counted=parcel.shipment_number in counted,
            return_parcel=parcel.return_parcel,
            trackable=parcel.trackable,
            planned_pickup_datetime=format_optional(parcel.planned_pickup_datetime),
            created_at=format_time(parcel.created_at),
            **parcel.fields,
            **personal,
        )


def state_entry(order_id: str, line: StateEntry) -> StateEntryAnswer:
    return StateEntryAnswer(format_milliseconds(line.datetime), line.location, order_id, line.state)


def kept_update(number: int, kept_until: Instant) -> KeptUpdateAnswer:
    return KeptUpdateAnswer(number, "kept", format_time(kept_until))


def carrier(known: Carrier) -> CarrierAnswer:
    return CarrierAnswer(known.code, known.name, known.countries, known.tracking_url)


def account(stored: Account) -> AccountAnswer:
    return AccountAnswer(
        stored.account_id,
        stored.name,
        stored.slug,
        stored.time_zone,
        stored.language,
        stored.untrackable_days,
        USUAL_MAIL_EVENTS if stored.mail_events is None else stored.mail_events,
        stored.retention_days,
        stored.logo_url,
        stored.colour,
        stored.order_link,
        format_time(stored.created_at),
    )
