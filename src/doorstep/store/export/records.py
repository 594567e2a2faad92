"""The lines of an export: a header, a record for each row of each table, an end.

A record's fields are its table's columns, in the order in which the database has them, those of
the primary key first; `docs/export.md` describes them for others. A column that a later schema
adds gets a default here, so that older exports can still be read.
"""

from typing import ClassVar, TypeAlias

import msgspec
from msgspec import UNSET, Struct, UnsetType

from doorstep.domain.order import Instant
from doorstep.domain.promise import late_after
from doorstep.store.rows import contact_columns

FORMAT = 1
OLDEST_SCHEMA = "0003"
"""The first whose rows still fit the tables of NEWEST."""


class Header(Struct, frozen=True, tag_field="record", tag="header"):
    """The first line; `rows` by table."""

    format: int
    schema: str
    version: str
    exported_at: str
    rows: dict[str, int]


class End(Struct, frozen=True, tag_field="record", tag="end"):
    """The last line; `sha256` of all bytes before it, in hexadecimal digits."""

    rows: int
    sha256: str


class Record(Struct, gc=False, tag_field="record", tag="record", forbid_unknown_fields=True):
    """A row of the table that `record` names."""

    key: ClassVar[tuple[str, ...]]
    """The columns of the primary key."""


class InstallationRecord(Record, tag="installation"):
    key = ("name",)
    name: str
    value: str


class AccountRecord(Record, tag="accounts"):
    key = ("account_id",)
    account_id: int
    name: str
    slug: str
    time_zone: str
    language: str
    untrackable_days: int | None
    last_sequence: int
    created_at: Instant
    mail_events: str | None = None
    retention_days: int | None = None
    logo_url: str | None = None
    colour: str | None = None
    order_link: str = "ask"


class AccessKeyRecord(Record, tag="access_keys"):
    key = ("account_id", "key_id")
    account_id: int
    key_id: str
    secret_hash: str
    scope: str
    created_at: Instant
    revoked_at: Instant | None
    last_used_at: Instant | None = None


class WarehouseRecord(Record, tag="warehouses"):
    key = ("account_id", "name")
    account_id: int
    name: str
    address: str


class CarrierRecord(Record, tag="carriers"):
    key = ("account_id", "code")
    account_id: int
    code: str
    name: str
    countries: str
    tracking_url: str | None


class OrderRecord(Record, tag="orders"):
    key = ("account_id", "order_number")
    account_id: int
    order_number: int
    order_id: str
    state: str
    order_date: Instant
    order_url: str | None
    language: str | None
    boarding_complete: bool | None
    promised_delivery_date: Instant | None
    recipient_version: int | None
    tracking_token: str
    request_hash: str
    delayed_at: Instant | None
    delayed_from: Instant | None
    paid_at: Instant | None
    created_at: Instant
    updated_at: Instant
    promised_by: Instant
    late_after: Instant | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if self.late_after is UNSET:
            self.late_after = late_after(self.state, self.promised_delivery_date, self.delayed_at)


class OrderTagRecord(Record, tag="order_tags"):
    key = ("account_id", "order_number", "tag")
    account_id: int
    order_number: int
    tag: str
    value: str


class OrderStateRecord(Record, tag="order_states"):
    key = ("account_id", "order_number", "entry")
    account_id: int
    order_number: int
    entry: int
    state: str
    datetime: Instant
    location: str | None


class OrderItemRecord(Record, tag="order_items"):
    key = ("account_id", "order_number", "item_number")
    account_id: int
    order_number: int
    item_number: int
    status: str
    fields: str


class RecipientRecord(Record, tag="recipients"):
    key = ("account_id", "order_number", "recipient_version")
    account_id: int
    order_number: int
    recipient_version: int
    fields: str | None
    contact_name: str | UnsetType | None = UNSET
    contact_email: str | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if self.contact_name is UNSET:
            found = contact_columns(msgspec.json.decode(self.fields or "{}", type=dict))
            self.contact_name, self.contact_email = found.values()


class ShipmentRecord(Record, tag="shipments"):
    key = ("account_id", "order_number", "shipment_number")
    account_id: int
    order_number: int
    shipment_number: int
    tracking_code: str | None
    reference_number: str | None
    carrier_name: str | None
    carrier_country: str | None
    carrier: str
    return_parcel: bool
    counted: bool
    trackable: bool
    planned_pickup_datetime: Instant | None
    fields: str
    recipient_version: int | None
    status: str
    delivered_at: Instant | None
    created_at: Instant
    delivery_assumed_from: Instant | None


class ShipmentNameRecord(Record, tag="shipment_names"):
    key = ("account_id", "kind", "name", "carrier")
    account_id: int
    kind: str
    name: str
    carrier: str
    order_number: int
    shipment_number: int


class CarrierUpdateRecord(Record, tag="carrier_updates"):
    key = ("account_id", "order_number", "shipment_number", "update_number")
    account_id: int
    order_number: int
    shipment_number: int
    update_number: int
    status: str | None
    datetime: Instant
    utc_offset: int | None
    location: str | None
    description: str | None
    retracts: int | None
    recorded_at: Instant


class EarlyCarrierUpdateRecord(Record, tag="early_carrier_updates"):
    key = ("account_id", "update_number")
    account_id: int
    update_number: int
    tracking_code: str | None
    carrier: str
    reference_number: str | None
    carrier_update: str
    recorded_at: Instant


class EventRecord(Record, tag="events"):
    key = ("account_id", "sequence")
    account_id: int
    sequence: int
    order_number: int
    order_id: str
    type: str
    occurred_at: Instant
    recorded_at: Instant
    data: str


class IdempotencyKeyRecord(Record, tag="idempotency_keys"):
    key = ("account_id", "idempotency_key")
    account_id: int
    idempotency_key: str
    request_hash: str
    order_number: int | None
    answer: str
    created_at: Instant


class OrderBlockRecord(Record, tag="order_blocks"):
    key = ("account_id", "block")
    account_id: int
    block: int
    first_order_date: Instant
    last_order_date: Instant
    first_promised_by: Instant
    last_promised_by: Instant
    first_created_at: Instant
    last_created_at: Instant
    first_delayed_from: Instant
    last_delayed_from: Instant


class WebhookEndpointRecord(Record, tag="webhook_endpoints"):
    key = ("account_id", "endpoint_number")
    account_id: int
    endpoint_number: int
    url: str
    types: str | None
    description: str | None
    signature: str
    paused_at: Instant | None
    paused_because: str | None
    failing_since: Instant | None
    created_at: Instant
    updated_at: Instant


class WebhookSecretRecord(Record, tag="webhook_secrets"):
    key = ("account_id", "endpoint_number", "secret_number")
    account_id: int
    endpoint_number: int
    secret_number: int
    secret: str
    created_at: Instant
    expires_at: Instant | None


class WebhookCursorRecord(Record, tag="webhook_cursors"):
    key = ("account_id", "endpoint_number", "cursor_number")
    account_id: int
    endpoint_number: int
    cursor_number: int
    position: int
    last_sequence: int | None
    created_at: Instant


class WebhookDeliveryRecord(Record, tag="webhook_deliveries"):
    key = ("account_id", "endpoint_number", "cursor_number", "sequence")
    account_id: int
    endpoint_number: int
    cursor_number: int
    sequence: int
    order_number: int
    tries: int
    next_at: Instant | None
    given_up_at: Instant | None


class WebhookAttemptRecord(Record, tag="webhook_attempts"):
    key = ("account_id", "endpoint_number", "attempt_number")
    account_id: int
    endpoint_number: int
    attempt_number: int
    sequence: int | None
    webhook_id: str
    type: str
    attempted_at: Instant
    milliseconds: int
    http_status: int | None
    answer: str | None
    error: str | None
    next_at: Instant | None


class MailRecord(Record, tag="mails"):
    key = ("account_id", "order_number", "kind", "shipment_number")
    account_id: int
    order_number: int
    kind: str
    shipment_number: int
    sequence: int
    message_id: str
    status: str
    tries: int
    next_at: Instant | None
    created_at: Instant
    sent_at: Instant | None
    error: str | None


class MailCursorRecord(Record, tag="mail_cursors"):
    key = ("account_id",)
    account_id: int
    position: int


class MediaRecord(Record, tag="media"):
    key = ("account_id", "url_hash")
    account_id: int
    url_hash: str
    url: str
    status: str
    tries: int
    next_at: Instant | None
    fetched_at: Instant | None
    media_type: str | None
    content: str | None


RecordType: TypeAlias = type[Record]

OF_AN_ACCOUNT: tuple[RecordType, ...] = (
    AccountRecord,
    AccessKeyRecord,
    WarehouseRecord,
    CarrierRecord,
    OrderRecord,
    OrderTagRecord,
    OrderStateRecord,
    OrderItemRecord,
    RecipientRecord,
    ShipmentRecord,
    ShipmentNameRecord,
    CarrierUpdateRecord,
    EarlyCarrierUpdateRecord,
    EventRecord,
    IdempotencyKeyRecord,
    OrderBlockRecord,
    WebhookEndpointRecord,
    WebhookSecretRecord,
    WebhookCursorRecord,
    WebhookDeliveryRecord,
    WebhookAttemptRecord,
    MailRecord,
    MailCursorRecord,
    MediaRecord,
)
"""In an order in which their rows can be inserted: what is referred to comes first."""

RECORDS: tuple[RecordType, ...] = (InstallationRecord, *OF_AN_ACCOUNT)


def table_of(record: RecordType) -> str:
    table: str = record.__struct_config__.tag  # type: ignore[assignment]
    return table


def columns_of(record: RecordType) -> tuple[str, ...]:
    return record.__struct_fields__
