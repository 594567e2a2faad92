"""The tracking page, and the stream that tells it of changes."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from doorstep.domain.order import Order
from doorstep.service.accounts import AccountView
from doorstep.service.group import StoreUnavailable
from doorstep.service.languages import find_language, known_language
from doorstep.service.services import Services
from doorstep.service.tracking import find_tracked
from doorstep.web.answers import HEADERS, allowing, browser_languages, html, message, style_of
from doorstep.web.rendering import render, translate
from doorstep.web.together import Together
from doorstep.web.tracking import Shown, items_shown, show

HEARTBEAT_SECONDS = 15.0
"""Of silence at most; it also finds out that nobody listens any more."""

RETRY_MILLISECONDS = 2_000
HEARTBEAT = b":\n\n"
CHANGED = b"event: changed\ndata: \n\n"
MEDIA_TYPE = "text/event-stream"


class Changes(StreamingResponse):
    """Ends when the browser has ended its side, which our connections would outlive.

    Its place was taken before the answer began, or all who ask at one moment would find one.
    """

    def __init__(self, place: ExitStack, content: AsyncIterator[bytes], **more: Any) -> None:
        super().__init__(content, **more)
        self._place = place

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_ended = False

        async def noting(sent: Any) -> None:
            nonlocal is_ended
            await send(sent)
            is_ended = sent["type"] == "http.response.body" and not sent.get("more_body")

        with self._place:
            await super().__call__(scope, receive, noting)
        if not is_ended:
            # Who leaves breaks it off, and the server takes an answer without an end for a failure.
            await send({"type": "http.response.body", "body": b""})

    async def listen_for_disconnect(self, receive: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            if not message.get("more_body"):
                await receive()
                return


class OrderPages:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._digests: Together[str | None] = Together()

    async def page(self, request: Request) -> Response:
        token = request.path_params["token"]
        found = await find_tracked(self._services, token)
        if found is None:
            return message(request, 404)
        shown = await self._shown(_language(request), *found)
        changes_url = f"/order/{token}/changes?seen={_digest(shown)}"
        style = style_of(found[0].account.colour)
        text = render(
            "tracking.html",
            shown.language,
            shown=shown,
            changes_url=changes_url,
            style=style,
            logo=found[0].logo_path,
        )
        return html(text, headers=allowing(style))

    async def changes(self, request: Request) -> Response:
        """Server-sent events, one at each change of what the page shows; 204 ends a browser's
        asking.
        """
        watch = self._services.order_watch
        found = await find_tracked(self._services, request.path_params["token"])
        if found is None:
            return Response(status_code=204, headers=HEADERS)
        view, order = found
        if not watch.has_place(view.account_id, order.order_number):
            return message(request, 503, {"Retry-After": "60"})
        headers = {**HEADERS, "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(None, 200, headers, MEDIA_TYPE)
        place = ExitStack()
        changed = place.enter_context(watch.watch(view.account_id, order.order_number))
        told = self._tell(request, changed)
        return Changes(place, told, headers=headers, media_type=MEDIA_TYPE)

    async def _tell(self, request: Request, changed: asyncio.Event) -> AsyncIterator[bytes]:
        services, token = self._services, request.path_params["token"]
        seen, language = request.query_params.get("seen", ""), _language(request)
        digest = partial(self._digest, token, language)
        stopping = asyncio.create_task(services.event_streams.stopping.wait())
        try:
            yield b"retry: %d\n\n" % RETRY_MILLISECONDS
            while not stopping.done():
                # All who look are woken at once: what they see is made once for a language.
                now = await self._digests.get((token, language), digest)
                if now is None:
                    yield CHANGED
                    return
                yield CHANGED if now != seen else HEARTBEAT
                seen = now
                while not await _first_of(changed, stopping):
                    yield HEARTBEAT
                changed.clear()
        except StoreUnavailable:
            return
        finally:
            stopping.cancel()

    async def _digest(self, token: str, language: str | None) -> str | None:
        found = await find_tracked(self._services, token)
        return None if found is None else _digest(await self._shown(language, *found))

    async def _shown(self, wanted: str | None, view: AccountView, order: Order) -> Shown:
        """In the order's language, else the browser's, else the account's."""
        pictures = await self._services.item_pictures.paths(view.account_id, items_shown(order))
        language = find_language(order.language, wanted, view.account.language)
        return show(order, view, language, translate, pictures)


def _language(request: Request) -> str | None:
    """The browser's, as far as there are texts in it."""
    return next(filter(None, map(known_language, browser_languages(request))), None)


async def _first_of(changed: asyncio.Event, stopping: "asyncio.Task[Any]") -> bool:
    """Whether one of them came before the next heartbeat is due."""
    waiting: asyncio.Task[Any] = asyncio.create_task(changed.wait())
    try:
        done, _ = await asyncio.wait(
            {waiting, stopping}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        return bool(done)
    finally:
        waiting.cancel()


def _digest(shown: Shown) -> str:
    return hashlib.blake2b(msgspec.json.encode(shown), digest_size=12).hexdigest()
