"""The pages over HTTP: what serves which path, and what every answer carries."""

import asyncio
import logging
import time
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from doorstep.service.group import StoreUnavailable
from doorstep.service.services import Services
from doorstep.web.answers import message, static_file
from doorstep.web.dashboard.dashboard import Dashboard
from doorstep.web.media import MediaPages
from doorstep.web.order_links import OrderLinks
from doorstep.web.orders import OrderPages

log = logging.getLogger(__name__)

NO_ROUTE = "none"
ORDER_LINK = "/{slug}/{order_id:path}"


class Pages:
    """The ASGI application of what people look at."""

    def __init__(
        self, services: Services, *, is_secure: bool = False, access_log: bool = False
    ) -> None:
        """`is_secure` where all reach it by HTTPS, so that cookies need not go another way."""
        self._services = services
        self._access_log = access_log
        self._turn = asyncio.Lock()
        orders, links = OrderPages(services), OrderLinks(services)
        self.routes = (
            *Dashboard(services, is_secure=is_secure).routes,
            Route("/order/{token}", orders.page, methods=["GET"]),
            Route("/order/{token}/changes", orders.changes, methods=["GET"]),
            Route("/media/{name}", MediaPages(services).page, methods=["GET"]),
            Route("/static/{name}", static_file, methods=["GET"]),
            Route(ORDER_LINK, links.page, methods=["GET", "POST"]),
        )

    def serves(self, scope: MutableMapping[str, Any]) -> bool:
        """Whether the path is a page's, or whoever asks for it wants to see a page.

        The links that shops build could be any path: they are for browsers alone.
        """
        own = (route for route in self.routes if route.path != ORDER_LINK)
        if any(route.matches(scope)[0] is not Match.NONE for route in own):
            return True
        return b"text/html" in dict(scope["headers"]).get(b"accept", b"")

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        began = time.perf_counter()
        request = Request(scope, receive)
        path, method = NO_ROUTE, NO_ROUTE
        try:
            for route in self.routes:
                match, found = route.matches(scope)
                if match is Match.PARTIAL:
                    allowed = ", ".join(sorted(route.methods or ()))
                    response = message(request, 405, {"Allow": allowed})
                    break
                if match is Match.FULL:
                    path, method = route.path, scope["method"]
                    scope.update(found)
                    await self._step_back()
                    response = await route.endpoint(request)
                    break
            else:
                response = message(request, 404)
        except ClientDisconnect:
            return
        except StoreUnavailable as error:
            self._services.metrics.rejected(error.reason)
            response = message(request, 503, {"Retry-After": "5"})
        except Exception:
            log.exception("a page failed", extra={"route": path})
            response = message(request, 500)
        try:
            await response(scope, receive, send)
        finally:
            self._note(method, path, response, time.perf_counter() - began)

    async def _step_back(self) -> None:
        """While writes are on their way, pages go on one at a turn of the event loop.

        A page takes as long as several reads of the API, and a commit takes some turns: with as
        many pages in each as are asked for at once, writers would wait for all of them each time.
        """
        if self._services.group.is_busy:
            async with self._turn:
                await asyncio.sleep(0)

    def _note(self, method: str, path: str, response: Response, seconds: float) -> None:
        streams = not hasattr(response, "body")
        taken = None if streams else seconds
        self._services.metrics.answered(method, path, response.status_code, taken)
        if self._access_log:
            # Not the path itself: a tracking page's is all that is needed to see it.
            fields = {
                "method": method,
                "path": path,
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 3),
            }
            log.info("page", extra=fields)
