"""One route as an operation: its parameters, its body, its answers."""

import re
from typing import Any

from doorstep.api.call import MOST_KEY_LENGTH
from doorstep.api.openapi import examples, texts
from doorstep.api.openapi.responses import responses
from doorstep.api.openapi.schemas import reference
from doorstep.api.paging import COMPARISONS, MOST_DIGITS, PAGE_NUMBERS, Filters
from doorstep.api.routes.route import Route
from doorstep.domain.limits import Limits
from doorstep.service.forms.bodies import CARRIER_UPDATE

NAME_IN_PATH = re.compile(r"\{(\w+)\}")
CONTENT_TYPES = ("application/json", "*/*")
"""A body is read as JSON whatever its Content-Type."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key with the same body within 24 hours gets the first answer again; "
    "with another body 409.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": MOST_KEY_LENGTH,
        "pattern": "^[ -~]*$",
    },
}

LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "Where a stream goes on: after this `id`, whatever `after` says.",
    "schema": {"type": "string", "pattern": f"^[0-9]{{1,{MOST_DIGITS}}}$"},
}


def tag(route: Route) -> str:
    """The name of the resource: its handlers are in a module of their own."""
    return texts.TAGS[route.handler.__module__.rpartition(".")[2]][0]


def operation(route: Route, path: str, limits: Limits) -> dict[str, Any]:
    """The operation at one of the route's paths; those after the first are aliases."""
    first = route.paths[0]
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": texts.OPERATIONS[route.name],
        "tags": [tag(route)],
    }
    if path != first:
        found["operationId"] += "Alias"
        found["description"] = f"An alias of `{route.method} {first}`. {found['description']}"
        found["x-alias-of"] = first
    parameters = _parameters(route, path, limits)
    if parameters:
        found["parameters"] = parameters
    if route.body:
        found["requestBody"] = _request_body(route, limits)
    found["responses"] = responses(route, path)
    found["security"] = [] if route.scopes is None else [{"bearer": list(route.scopes)}]
    return found


def _parameters(route: Route, path: str, limits: Limits) -> list[dict[str, Any]]:
    found = [
        {
            **_parameter(name, {"type": "string"}, "path"),
            "required": True,
            "example": examples.PATH[name],
        }
        for name in NAME_IN_PATH.findall(path)
    ]
    found += [_parameter(name, form.schema(limits)) for name, form in route.parameters.items()]
    if route.streams:
        found.append(LAST_EVENT_ID)
    if route.filters:
        found += _filters(route.filters, limits) + _sorting(route.filters) + _paging()
    return [*found, IDEMPOTENCY_KEY] if route.replays else found


def _parameter(name: str, schema: dict[str, Any], place: str = "query") -> dict[str, Any]:
    found = {"name": name, "in": place, "schema": schema}
    if name in texts.PARAMETERS:
        found["description"] = texts.PARAMETERS[name]
    return found


def _filters(filters: Filters, limits: Limits) -> list[dict[str, Any]]:
    found = [_parameter(name, form.schema(limits)) for name, form in filters.plain.items()]
    for name in filters.maps:
        tags = {"type": "object", "additionalProperties": {"type": "string"}}
        found.append(
            {
                **_parameter(name, tags),
                "style": "deepObject",
                "description": f"By a key and its value: `{name}[key]=value`.",
            }
        )
    for name in filters.times:
        found += [
            {
                **_parameter(f"{name}[{comparison}]", {"type": "string"}),
                "description": texts.COMPARISONS[comparison],
            }
            for comparison in COMPARISONS
        ]
    return found


def _sorting(filters: Filters) -> list[dict[str, Any]]:
    fields = "|".join(filters.listing.sorts)
    pattern = f"^(-({fields})|({fields})([ :,](asc|desc))?)$"
    by = {**_parameter("order_by", {"type": "string", "pattern": pattern}), "example": "-id"}
    direction = {"type": "string", "enum": ["asc", "desc"]}
    return [by] + [
        {**_parameter(f"order[{name}]", direction), "description": f"Sort by `{name}`."}
        for name in filters.listing.sorts
    ]


def _paging() -> list[dict[str, Any]]:
    numbers = [
        _parameter(name, {"type": "integer", "minimum": least, "maximum": most})
        for name, (least, most) in PAGE_NUMBERS.items()
    ]
    return [*numbers, _parameter("cursor", {"type": "string"})]


def _request_body(route: Route, limits: Limits) -> dict[str, Any]:
    assert route.body is not None
    name = route.body.name
    schema: dict[str, Any] = reference(name)
    content = {"schema": schema, "example": examples.REQUESTS[name]}
    description = f"At most {limits.max_body_bytes:,} bytes of JSON, of whatever Content-Type."
    if route.body is CARRIER_UPDATE:
        most = limits.max_updates_per_request
        several = {"type": "array", "maxItems": most, "items": schema}
        content["schema"] = {"anyOf": [schema, several]}
        description = f"An update, or a list of at most {most:,} of them. {description}"
    return {
        "description": description,
        "required": True,
        "content": dict.fromkeys(CONTENT_TYPES, content),
    }
