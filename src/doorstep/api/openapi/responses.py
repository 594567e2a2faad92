"""The answers of an operation: what it succeeds with, and every status it can refuse with."""

from http import HTTPStatus
from typing import Any, get_args, get_origin

from msgspec import Struct

from doorstep.api.event_stream import EVENT_STREAM
from doorstep.api.openapi import examples, texts
from doorstep.api.openapi.schemas import answer_schemas, reference
from doorstep.api.problems import PROBLEM_TYPE, RETRY_SECONDS
from doorstep.api.routes.route import Route, Text

JSON = "application/json"
REQUEST_ID = "X-Request-Id"
"""The one header of every answer."""


HEADER_SCHEMAS: dict[str, dict[str, Any]] = {
    "Location": {"type": "string", "format": "uri-reference"},
    "Link": {"type": "string"},
    "Idempotent-Replayed": {"const": "true"},
    "Retry-After": {"type": "integer", "minimum": 1},
    "WWW-Authenticate": {"const": "Bearer"},
    "Allow": {"type": "string"},
    REQUEST_ID: {"type": "string", "minLength": 1, "maxLength": 128},
}
ALWAYS = ("Location", "Retry-After", "WWW-Authenticate", "Allow", REQUEST_ID)

NAMES = {
    400: "Invalid",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    413: "TooLarge",
    429: "TooMany",
    500: "ServerError",
    503: "Unavailable",
}
"""What the document calls the refusal with a status."""


def headers() -> dict[str, Any]:
    return {
        name: {"description": texts.HEADERS[name], "required": name in ALWAYS, "schema": schema}
        for name, schema in HEADER_SCHEMAS.items()
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def refusals() -> dict[str, Any]:
    """Every refusal, by name, for operations to refer to."""
    return {name: _refusal(status) for status, name in NAMES.items()}


def _refusal(status: int) -> dict[str, Any]:
    found: dict[str, Any] = {"description": texts.REFUSALS[status]}
    names = [REQUEST_ID]
    if status == HTTPStatus.UNAUTHORIZED:
        names.append("WWW-Authenticate")
        schema, kind, example = "UnauthorizedAnswer", JSON, examples.UNAUTHORIZED
    else:
        schema, kind, example = "ProblemAnswer", PROBLEM_TYPE, examples.PROBLEMS[status]
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        names.append("Allow")
    if status in RETRY_SECONDS:
        names.append("Retry-After")
    found["headers"] = _headers(*names)
    return {**found, "content": {kind: {"schema": reference(schema), "example": example}}}


def refusal_statuses(route: Route, path: str) -> list[int]:
    """The statuses that a call of the route by this path can be refused with."""
    if route.scopes is None and route.body is None:
        return sorted(route.refusals)  # Most are answered from memory.
    found = {500, 503, *route.refusals}
    if route.scopes is not None:
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if route.body or route.filters or route.parameters or route.replays:
        found.add(400)
    if route.method != "GET":
        found.add(413)  # The body is read, also where it says nothing.
    return sorted(found)


def responses(route: Route, path: str) -> dict[str, Any]:
    found = {str(status): _success(route, status) for status in route.answers}
    for status in refusal_statuses(route, path):
        found[str(status)] = {"$ref": f"#/components/responses/{NAMES[status]}"}
    return found


def _success(route: Route, status: int) -> dict[str, Any]:
    answer = route.answers[status]
    text = texts.ANSWERS_OF.get((route.name, status), texts.ANSWERS[status])
    if route.method == "PUT" or not route.replays:
        text = text.split(", or there already")[0]
    found: dict[str, Any] = {"description": text if text.endswith(".") else f"{text}."}
    found["headers"] = _headers(*_header_names(route, status, answer))
    if answer is None:
        return found
    if isinstance(answer, Text):
        return {**found, "content": {answer.media_type: {"schema": {"type": "string"}}}}
    content = {"schema": answer_schemas([answer])[0][0], **_examples(answer)}
    found["content"] = {JSON: content}
    if route.streams:
        found["content"][EVENT_STREAM] = {"schema": {"type": "string"}}
    return found


def _header_names(route: Route, status: int, answer: Any) -> list[str]:
    names = [REQUEST_ID]
    if status == HTTPStatus.CREATED and "iri" in getattr(answer, "__struct_fields__", ()):
        names.append("Location")
    if route.filters or "limit" in route.parameters:
        names.append("Link")
    if route.replays:
        names.append("Idempotent-Replayed")
    return names


def _examples(answer: Any) -> dict[str, Any]:
    parts = get_args(answer) if _is_union(answer) else (answer,)
    found = {_name(part): _example(part) for part in parts if _struct(part)}
    if len(found) == 1:
        return {"example": next(iter(found.values()))}
    return {"examples": {name: {"value": value} for name, value in found.items()}} if found else {}


def _is_union(answer: Any) -> bool:
    return get_origin(answer) not in (None, list, dict)


def _struct(answer: Any) -> Any:
    """The struct that an answer is, or is a list of; None for any other."""
    part = get_args(answer)[0] if get_origin(answer) is list else answer
    return part if isinstance(part, type) and issubclass(part, Struct) else None


def _name(answer: Any) -> str:
    return "array" if get_origin(answer) is list else "object"


def _example(answer: Any) -> Any:
    example = examples.ANSWERS[_struct(answer).__name__]
    return [example] if get_origin(answer) is list else example
