"""The published JSON Schema (2020-12) of each type of event, made from what is encoded."""

from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from doorstep.service.events.cloud_events import (
    DATA_CONTENT_TYPE,
    SPECVERSION,
    schema_path,
)
from doorstep.service.events.kinds import KINDS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DEFINITIONS = "#/$defs/"

TIME = {"type": "string", "format": "date-time"}


@cache
def event_schema(kind: str) -> dict[str, Any]:
    """The schema of a whole event of this type. Raises KeyError for an unknown one."""
    data, definitions = _data_schema(KINDS[kind].data)
    properties = {**_context(kind), "data": data}
    return {
        "$schema": DIALECT,
        "$id": schema_path(kind),
        "title": kind,
        "description": "A CloudEvent. More fields may come; what a reader does not know, it skips.",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name != "subject"],
        "$defs": definitions,
    }


def _context(kind: str) -> dict[str, Any]:
    return {
        "specversion": {"const": SPECVERSION},
        "id": {"type": "string", "pattern": "^evt_[0-9]+_[0-9]+$"},
        "source": {"type": "string", "pattern": "^/v2/accounts/[0-9]+$"},
        "type": {"const": kind},
        "subject": {"type": "string", "minLength": 1},
        "time": TIME,
        "recordedat": TIME,
        "sequence": {"type": "integer", "minimum": 1},
        "datacontenttype": {"const": DATA_CONTENT_TYPE},
        "dataschema": {"const": schema_path(kind)},
    }


def _data_schema(data: type[Struct]) -> tuple[dict[str, Any], dict[str, Any]]:
    (schema,), found = msgspec.json.schema_components([data], ref_template=DEFINITIONS + "{name}")
    return schema, found
