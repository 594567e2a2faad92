"""Events as CloudEvents 1.0 in JSON (API, section 12), the same in the feed and in webhooks."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from doorstep.service.events.kinds import DECODERS, KINDS
from doorstep.service.events.parts import Time, order_path
from doorstep.store.events import LoggedEvent
from doorstep.times import format_time

SPECVERSION = "1.0"
DATA_CONTENT_TYPE = "application/json"
SCHEMA_SUFFIX = ".json"


class CloudEvent(Struct, frozen=True, kw_only=True):
    """What happened, with whatever its type has to say in `data`."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str | UnsetType = UNSET
    time: Time
    recordedat: Time
    sequence: int
    datacontenttype: str
    dataschema: str
    data: Annotated[Any, Meta(extra_json_schema={"type": "object"})]


def cloud_event(logged: LoggedEvent) -> CloudEvent:
    number, order_id = logged.order_number, logged.order_id
    event = DECODERS[logged.type].decode(logged.data)
    return CloudEvent(
        specversion=SPECVERSION,
        id=event_id(logged.account_id, logged.sequence),
        source=account_path(logged.account_id),
        type=logged.type,
        subject=order_id or UNSET,
        time=format_time(logged.occurred_at),
        recordedat=format_time(logged.recorded_at),
        sequence=logged.sequence,
        datacontenttype=DATA_CONTENT_TYPE,
        dataschema=schema_path(logged.type),
        data=KINDS[logged.type].write((number, order_id, order_path(number)), event),
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
    return f"/v2/schemas/{kind}{SCHEMA_SUFFIX}"


def schema_of_path(name: str) -> str | None:
    """The type whose schema has this file name."""
    return next((kind for kind in KINDS if name == kind + SCHEMA_SUFFIX), None)
