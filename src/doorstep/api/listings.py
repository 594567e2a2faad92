"""Answering with a listing: one page with its link, or everything as a stream."""

from collections.abc import AsyncIterator, Callable

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from doorstep.api.call import JSON, Call, stream
from doorstep.api.paging import Filters, Wanted, next_link, read_query
from doorstep.api.problems import Problem
from doorstep.service.listing_moment import NotUpToDate
from doorstep.service.listings import (
    Filter,
    Found,
    Listed,
    Page,
    TooBroad,
    TooManyMatches,
    find_all,
    list_all,
    list_page,
)

Render = Callable[[Call, Listed], list[msgspec.Struct]]


async def answer_listing(call: Call, filters: Filters, path: str, render: Render) -> Response:
    wanted = read_query(filters, call.query(), call.services.limits, call.view.time_zone)
    try:
        if wanted.page is None:
            return await _all(call, filters, wanted, render)
        return await _page(call, filters, wanted.filters, wanted.page, path, render)
    except TooBroad:
        raise _too_broad(wanted) from None
    except TooManyMatches:
        raise _too_many(call.services.limits.max_listed) from None
    except NotUpToDate:
        raise Problem(
            503,
            "not_up_to_date",
            "Many deliveries that nobody scans have come due and are being recorded; try again "
            "shortly.",
        ) from None


async def _page(
    call: Call, filters: Filters, asked: list[Filter], page: Page, path: str, render: Render
) -> Response:
    def show(listed: Listed) -> tuple[bytes, Found | None]:
        """The body, and its last row where there is more beyond it."""
        more = len(listed.found) > page.limit
        listed = replace(listed, found=listed.found[: page.limit])
        return msgspec.json.encode(render(call, listed)), listed.found[-1] if more else None

    one_more = replace(page, limit=page.limit + 1)
    listing = filters.listing
    body, last = await list_page(call.services, call.view, listing, asked, one_more, show)
    headers = {}
    if last is not None:
        headers["Link"] = next_link(f"{call.public_url}{path}", call.query(), page, last)
    return Response(body, 200, headers, JSON)


async def _all(call: Call, filters: Filters, wanted: Wanted, render: Render) -> Response:
    """Everything that matches, up to the ceiling: some clients never page."""

    def show(listed: Listed) -> bytes:
        return b",".join(msgspec.json.encode(answer) for answer in render(call, listed))

    services, view, listing = call.services, call.view, filters.listing
    everything = Page(wanted.sort, wanted.descending, services.limits.max_listed)
    numbers = await find_all(services, view, listing, wanted.filters, everything)
    parts = list_all(services, view, listing, wanted.filters, numbers, show)
    # The first part is read before the answer begins, while an error can still be told.
    first = await anext(parts, b"")
    return await stream(call, _chunks(first, parts))


async def _chunks(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield b"[" + first
    begun = bool(first)
    async for text in rest:
        if text:
            yield b"," + text if begun else text
            begun = True
    yield b"]"


def _too_many(most: int) -> Problem:
    return Problem(
        400,
        "too_many_matches",
        f"More than {most} entries match. Narrow the filters, or page: with limit (up to 1000) "
        "and offset, or itemsPerPage and page, and on by the Link header with rel=next.",
    )


def _too_broad(wanted: Wanted) -> Problem:
    """Tells which filters leave too much to look through, and what would leave less."""
    names = ", ".join(dict.fromkeys(each.field for each in wanted.filters))
    return Problem(
        400,
        "listing_too_broad",
        f"Each of these filters alone matches very many entries, and all of them together too few "
        f"to be found quickly: {names}. Give one of them a narrower value (a shorter span of time, "
        "for instance), add another filter, sort by the time that is filtered "
        "(order_by=order_date), or page with a smaller limit.",
    )
