"""Events as CloudEvents 1.0 in JSON (API, section 12), the same in the feed and in webhooks."""

import msgspec
from msgspec import UNSET, Struct, UnsetType

from doorstep.service.events.kinds import DECODERS, KINDS
from doorstep.service.events.parts import order_path
from doorstep.store.events import LoggedEvent
from doorstep.times import format_time

SPECVERSION = "1.0"
DATA_CONTENT_TYPE = "application/json"


class CloudEvent(Struct, frozen=True):
    """`time` is when it became true, `recordedat` when doorstep learned of it.

    `subject` is the order's `order_id`; an event of no order has none.
    """

    specversion: str
    id: str
    source: str
    type: str
    subject: str | UnsetType
    time: str
    recordedat: str
    sequence: int
    datacontenttype: str
    dataschema: str
    data: Struct


def cloud_event(logged: LoggedEvent) -> CloudEvent:
    number, order_id = logged.order_number, logged.order_id
    event = DECODERS[logged.type].decode(logged.data)
    return CloudEvent(
        SPECVERSION,
        event_id(logged.account_id, logged.sequence),
        account_path(logged.account_id),
        logged.type,
        order_id or UNSET,
        format_time(logged.occurred_at),
        format_time(logged.recorded_at),
        logged.sequence,
        DATA_CONTENT_TYPE,
        schema_path(logged.type),
        KINDS[logged.type].write((number, order_id, order_path(number)), event),
    )


def encode_event(logged: LoggedEvent) -> bytes:
    """The event's JSON."""
    return msgspec.json.encode(cloud_event(logged))


def event_id(account_id: int, sequence: int) -> str:
    """Unique in the installation, and the same however often the event is sent."""
    return f"evt_{account_id}_{sequence}"


def account_path(account_id: int) -> str:
    return f"/v2/accounts/{account_id}"


def schema_path(kind: str) -> str:
    return f"/v2/schemas/{kind}.json"
