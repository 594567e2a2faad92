"""Answering with a listing: one page with its link, or everything as a stream."""

from collections.abc import AsyncIterator, Callable, Iterable

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from doorstep.api.call import Call, Reply, stream
from doorstep.api.paging import Filters, Wanted, next_link, read_query
from doorstep.api.problems import Problem
from doorstep.service.deadlines import record_assumed_deliveries
from doorstep.service.listings import Listed, Page, list_all, list_page, too_many

Render = Callable[[Call, Listed], list[msgspec.Struct]]


async def answer_listing(call: Call, filters: Filters, path: str, render: Render) -> Response:
    query = call.query()
    wanted = read_query(filters, query, call.services.limits, call.view.time_zone)
    await record_assumed_deliveries(call.services, call.view, wanted.filters)
    if wanted.page is None:
        return await _all(call, filters, wanted, render)
    page = wanted.page
    one_more = replace(page, limit=page.limit + 1)
    listed = await list_page(call.services, call.view, filters.listing, wanted.filters, one_more)
    headers = {}
    if len(listed.found) > page.limit:
        listed = replace(listed, found=listed.found[: page.limit])
        base = f"{call.public_url}{path}"
        headers["Link"] = next_link(base, query, page, listed.found[-1])
    return Reply(200, render(call, listed), headers).response()


async def _all(call: Call, filters: Filters, wanted: Wanted, render: Render) -> Response:
    """Everything that matches, up to the ceiling: some clients never page."""
    most = call.services.limits.max_listed
    if await too_many(call.services, call.view, filters.listing, wanted.filters):
        raise Problem(
            400,
            "too_many_matches",
            f"More than {most} entries match. Narrow the filters, or page: with limit (up to 1000) "
            "and offset, or itemsPerPage and page, and on by the Link header with rel=next.",
        )
    parts = list_all(call.services, call.view, filters.listing, wanted.filters, _whole(wanted))
    # The first part is read before the answer begins, while an error can still be told.
    first = await anext(parts)
    return await stream(call, _chunks(call, first, parts, render))


def _whole(wanted: Wanted) -> Page:
    return Page(wanted.sort, wanted.descending, limit=0)


async def _chunks(
    call: Call, first: Listed, rest: AsyncIterator[Listed], render: Render
) -> AsyncIterator[bytes]:
    text = _entries(render(call, first))
    yield b"[" + text
    begun = bool(text)
    async for part in rest:
        text = _entries(render(call, part))
        if text:
            yield b"," + text if begun else text
            begun = True
    yield b"]"


def _entries(answers: Iterable[msgspec.Struct]) -> bytes:
    return b",".join(msgspec.json.encode(answer) for answer in answers)
