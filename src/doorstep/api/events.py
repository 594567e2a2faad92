"""The log over HTTP: an account's feed, an order's events, the schemas of both."""

from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec.structs import replace
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
from doorstep.service.events.streams import STREAMED_BYTES, STREAMED_TOGETHER, TooManyStreams

RETRY_SECONDS = "5"
"""After which another request of the account may have ended."""


async def feed(call: Call) -> Response:
    given = read_parameters(FEED, call.query(), call.services.limits)
    last_id = call.header(b"last-event-id")
    if last_id is not None:
        given["after"] = read_last_event_id(last_id)
    wanted, after = await _asked(call, given, given.get("order_id"))
    if EVENT_STREAM in (call.header(b"accept") or ""):
        return await _stream(call, wanted, after)
    page = await _page(call, wanted, after, given.get("wait", 0))
    return _answer(call, "/v2/events", page)


async def of_order(call: Call) -> Response:
    given = read_parameters(OF_ORDER, call.query(), call.services.limits)
    name = call.path["id"]
    wanted, after = await _asked(call, given, name)
    page = await call.services.event_streams.read(wanted, after)
    return _answer(call, f"/v2/orders/{quote(name, safe='')}/events", page)


async def schema(call: Call) -> Response:
    kind = schema_of_path(call.path["schema"])
    if kind is None:
        raise not_found("schema", call.path["schema"])
    return Response(msgspec.json.encode(event_schema(kind)), media_type=JSON)


async def _asked(call: Call, given: dict[str, Any], order: str | None) -> tuple[Wanted, int]:
    """What is wanted, and the sequence to begin after. Raises Problem for an unknown order."""
    streams, account_id = call.services.event_streams, call.account_id
    if order is not None and not await streams.knows(account_id, order):
        raise not_found("order", order)
    after = given.get("after", 0)
    if after is None:
        after = await streams.newest(account_id)
    limit = given.get("limit", PER_PAGE)
    return Wanted(account_id=account_id, types=given.get("types"), order=order, limit=limit), after


async def _page(call: Call, wanted: Wanted, after: int, seconds: int) -> Page:
    streams = call.services.event_streams
    if not seconds:
        return await streams.read(wanted, after)
    with _place(call):
        page = await wait_for(call, streams.first(wanted, after, seconds))
    return page or Page([], after, False)


async def _stream(call: Call, wanted: Wanted, after: int) -> Response:
    """The feed as server-sent events."""
    if call.scope["method"] == "HEAD":
        return Response(media_type=EVENT_STREAM)
    streams = call.services.event_streams
    wanted = replace(wanted, limit=STREAMED_TOGETHER, most_bytes=STREAMED_BYTES)
    with _place(call) as place:
        first = await streams.read(wanted, after)
        if call.scope["http_version"] == "1.0":
            # Too old to read what has no end; it comes back for the rest.
            return Response(beginning(first), media_type=EVENT_STREAM)
        following = streams.follow(wanted, first.position, HEARTBEAT_SECONDS)
        return EventStream(call, beginning(first), following, place.pop_all())


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
