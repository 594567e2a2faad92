"""The log over HTTP: an account's feed, an order's events, the schemas of both."""

from contextlib import ExitStack
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from doorstep.api.call import JSON, Call, not_found
from doorstep.api.event_parameters import FEED, OF_ORDER, read_last_event_id
from doorstep.api.event_stream import EVENT_STREAM, HEARTBEAT_SECONDS, EventStream, beginning
from doorstep.api.paging import PER_PAGE, read_parameters
from doorstep.api.problems import Problem
from doorstep.api.waiting import wait_for
from doorstep.service.events.cloud_events import encode_event, schema_of_path
from doorstep.service.events.log import Page, Wanted
from doorstep.service.events.schemas import event_schema
from doorstep.service.events.streams import TooManyStreams

RETRY_SECONDS = "5"
"""After which another request of the account may have ended."""


class Asked(NamedTuple):
    """`after` a sequence; `seconds` to wait for the first event."""

    wanted: Wanted
    after: int
    limit: int
    seconds: int


async def feed(call: Call) -> Response:
    given = read_parameters(FEED, call.query(), call.services.limits)
    last_id = call.header(b"last-event-id")
    if last_id is not None:
        given["after"] = read_last_event_id(last_id)
    asked = await _asked(call, given, given.get("order_id"))
    if EVENT_STREAM in (call.header(b"accept") or ""):
        return await _stream(call, asked)
    return _answer(call, "/v2/events", await _page(call, asked))


async def of_order(call: Call) -> Response:
    given = read_parameters(OF_ORDER, call.query(), call.services.limits)
    name = call.path["id"]
    asked = await _asked(call, given, name)
    return _answer(call, f"/v2/orders/{quote(name, safe='')}/events", await _page(call, asked))


async def schema(call: Call) -> Response:
    kind = schema_of_path(call.path["schema"])
    if kind is None:
        raise not_found("schema", call.path["schema"])
    return Response(msgspec.json.encode(event_schema(kind)), media_type=JSON)


async def _asked(call: Call, given: dict[str, Any], order: str | None) -> Asked:
    """Raises Problem where there never was such an order."""
    streams = call.services.event_streams
    if order is not None and not await streams.knows(call.account_id, order):
        raise not_found("order", order)
    after = given.get("after", 0)
    if after is None:
        after = await streams.newest(call.account_id)
    wanted = Wanted(given.get("types"), order)
    return Asked(wanted, after, given.get("limit", PER_PAGE), given.get("wait", 0))


async def _page(call: Call, asked: Asked) -> Page:
    streams, account_id = call.services.event_streams, call.account_id
    wanted, after, limit, seconds = asked
    if not seconds:
        return await streams.read(account_id, wanted, after, limit)
    with _place(call):
        page = await wait_for(call, streams.first(account_id, wanted, after, limit, seconds))
    return page or Page([], after, False)


async def _stream(call: Call, asked: Asked) -> Response:
    """The feed as server-sent events."""
    if call.scope["method"] == "HEAD":
        return Response(media_type=EVENT_STREAM)
    streams, account_id = call.services.event_streams, call.account_id
    with _place(call) as place:
        first = await streams.read(account_id, asked.wanted, asked.after, PER_PAGE)
        if call.scope["http_version"] == "1.0":
            # Too old to read what has no end; it comes back for the rest.
            return Response(beginning(first), media_type=EVENT_STREAM)
        following = streams.follow(account_id, asked.wanted, first.position, HEARTBEAT_SECONDS)
        return EventStream(call, first, following, place.pop_all())


def _place(call: Call) -> ExitStack:
    """Raises Problem where too many requests of the account wait already."""
    with ExitStack() as stack:
        try:
            stack.enter_context(call.services.event_streams.place(call.account_id))
        except TooManyStreams:
            most = call.services.limits.max_event_streams
            raise Problem(
                429,
                "too_many_event_streams",
                f"{most} requests of this account wait for events already.",
                headers={"Retry-After": RETRY_SECONDS},
            ) from None
        call.waits = True
        return stack.pop_all()


def _answer(call: Call, path: str, page: Page) -> Response:
    body = b"[" + b",".join(encode_event(event) for event in page.events) + b"]"
    kept = [(name, text) for name, text in call.query() if name != "after"]
    pairs = [*kept, ("after", str(page.position))]
    query = "&".join(f"{quote(name, safe='')}={quote(text, safe='')}" for name, text in pairs)
    return Response(body, headers={"Link": f'<{path}?{query}>; rel="next"'}, media_type=JSON)
