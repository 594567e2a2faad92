"""A request before it is sent: everything that can be said of it without a network."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urlencode

from msgspec.json import Encoder

T = TypeVar("T")
Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]
Given: TypeAlias = Mapping[str, object]

_encoder = Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    method: Method
    path: str
    answer: type[T]
    query: str = ""
    # Personal data and the access key travel here, and a repr travels into logs.
    content: bytes | None = field(default=None, repr=False)


def get(answer: type[T], *segments: str | int, query: Given | None = None) -> Call[T]:
    return Call("GET", path_of(*segments), answer, query=query_of(query or {}))


def post(answer: type[T], *segments: str | int, body: object) -> Call[T]:
    return Call("POST", path_of(*segments), answer, content=content_of(body))


def put(answer: type[T], *segments: str | int, body: object) -> Call[T]:
    return Call("PUT", path_of(*segments), answer, content=content_of(body))


def delete(*segments: str | int) -> Call[None]:
    return Call("DELETE", path_of(*segments), type(None))


def path_of(*segments: str | int) -> str:
    return "/v2/" + "/".join(_segment(str(segment)) for segment in segments)


def _segment(text: str) -> str:
    if not text:
        # An empty name would reach the collection instead of the one thing meant.
        raise ValueError("an id, code or name in a path must not be empty")
    if text in (".", ".."):
        # Left as they are, these two would climb the path on their way.
        return text.replace(".", "%2E")
    return quote(text, safe="")


def query_of(given: Given) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        if isinstance(value, Mapping):
            pairs += [(f"{name}[{key}]", _text(part, name)) for key, part in value.items()]
        elif value is not None:
            pairs.append((name, _text(value, name)))
    return urlencode(pairs, quote_via=quote, safe="")


def content_of(body: object) -> bytes:
    _refuse_the_unclear(body, "body")
    return _encoder.encode(body)


def _text(value: object, name: str) -> str:
    _refuse_the_unclear(value, name)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _refuse_the_unclear(value: object, name: str) -> None:
    """Naive times, whose moment is a guess, and numbers that JSON would turn into null."""
    if isinstance(value, dt.datetime) and value.utcoffset() is None:
        raise ValueError(f"{name} is a datetime without a time zone: give it one, such as UTC")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name} is {value}, which is not a number in JSON")
    if isinstance(value, Mapping):
        for key, part in value.items():
            _refuse_the_unclear(part, str(key))
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_the_unclear(part, name)
