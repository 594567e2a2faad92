"""What is said of a route: what serves it, and what the OpenAPI document tells of it."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from starlette.responses import Response

from doorstep.api.call import Call
from doorstep.api.paging import FilterForm, Filters
from doorstep.service.forms.forms import Body

Handler: TypeAlias = Callable[[Call], Awaitable[Response]]


class Text(NamedTuple):
    """An answer that is text of some media type."""

    media_type: str


class Route(NamedTuple):
    """`scopes` are those of a key that may call it, None for no token at all.

    `answers` has the type of each successful answer by status: None for an empty one, Text for
    one that is no JSON. `refusals` are the statuses that the handler refuses with beyond what
    every call with such a path, body, filters and scopes can be refused for. `streams` where it
    answers with server-sent events as well.
    """

    method: str
    paths: tuple[str, ...]
    name: str
    summary: str
    handler: Handler
    answers: dict[int, Any]
    body: Body | None = None
    scopes: tuple[str, ...] | None = ("full",)
    filters: Filters | None = None
    replays: bool = False
    parameters: Mapping[str, FilterForm] = MappingProxyType({})
    streams: bool = False
    refusals: tuple[int, ...] = ()


READ = ("full", "read")
CARRIER = ("full", "carrier")
