"""From bytes to bytes: route, token, scope, handler, and whatever goes wrong on the way."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias

from starlette.responses import Response

from doorstep import logs
from doorstep.api.call import Call
from doorstep.api.documentation import every_route
from doorstep.api.held_bytes import HeldBytes
from doorstep.api.problems import Problem, Unauthorized, server_error
from doorstep.api.request_ids import REQUEST_ID, RequestIds
from doorstep.api.router import Router
from doorstep.api.routes.health import health_routes
from doorstep.api.routes.route import Route
from doorstep.api.tokens import Tokens
from doorstep.service.access import AccessDenied
from doorstep.service.group import StoreUnavailable, TextTooLong
from doorstep.service.services import Services

log = logging.getLogger(__name__)

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEARER = "bearer "
NO_ROUTE = "none"
"""In metrics: of a path or a method that is not served."""

SECONDS_BETWEEN_WARNINGS = 1.0
CHANGING = ("POST", "PUT", "DELETE")
"""What these do waits until the request is whole, though a DELETE's body says nothing."""


class ClientGone(Exception):
    """The client left before its request was whole."""


class Application:
    """The ASGI application; `only_health`: for a process that serves nobody but its operators."""

    def __init__(
        self,
        services: Services,
        public_url: str,
        *,
        access_log: bool = False,
        only_health: bool = False,
    ) -> None:
        self._services = services
        self._public_url = public_url
        self._access_log = access_log
        self.routes = (
            health_routes() if only_health else every_route(Tokens(), services.limits, public_url)
        )
        self._router = Router(self.routes)
        self._request_ids = RequestIds()
        self._held_bodies = HeldBytes()
        # Whoever has no token takes no room from those who have one.
        self._held_without_token = HeldBytes()
        self._held_answers = HeldBytes()
        self._warned_at = -SECONDS_BETWEEN_WARNINGS

    @property
    def beginnings(self) -> frozenset[bytes]:
        """The first segments of all paths; below them nothing else is served."""
        paths = (path for route in self.routes for path in route.paths)
        return frozenset(path.split("/")[1].encode() for path in paths)

    def end_waiting(self) -> None:
        """The server is to stop: whoever waits for events is not kept until there are some."""
        self._services.event_streams.stopping.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        began = time.perf_counter()
        call = Call(self._services, self._public_url, scope, receive)
        call.request_id = self._request_ids.of(call.header(REQUEST_ID))
        logs.request_id.set(call.request_id)
        try:
            response = await self._respond(call)
        except ClientGone:
            return
        finally:
            if call.received_bytes:
                call.held_in.release(call.received_bytes)
        # A long page stays in memory until its reader has taken it. A stream is no such thing.
        size = len(getattr(response, "body", b""))
        try:
            self._held_answers.grow(size, size)
        except StoreUnavailable as error:
            response = self._unavailable(error)
        response.raw_headers.append((REQUEST_ID, call.request_id.encode()))
        try:
            await response(scope, receive, send)
        finally:
            self._held_answers.release(size)
            self._note(call, response.status_code, time.perf_counter() - began)

    def _note(self, call: Call, status: int, seconds: float) -> None:
        method = call.scope["method"]
        # Of what is not served a caller may make up any number of names.
        served = method if call.route_path else NO_ROUTE
        taken = None if call.waits else seconds
        self._services.metrics.answered(served, call.route_path or NO_ROUTE, status, taken)
        if self._access_log:
            fields = {
                "method": method,
                "path": call.scope["raw_path"].decode("latin-1"),
                "status": status,
                "milliseconds": round(seconds * 1000, 3),
            }
            log.info("request", extra=fields)

    async def _respond(self, call: Call) -> Response:
        """The answer, whatever goes wrong. Raises ClientGone."""
        try:
            return await self._answer(call)
        except Problem as problem:
            if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
                self._services.metrics.rejected(problem.code)
            return problem.response()
        except Unauthorized as refusal:
            return refusal.response()
        except StoreUnavailable as error:
            return self._unavailable(error)
        except TextTooLong as error:
            return Problem(400, error.code, error.detail).response()
        except ClientGone:
            raise
        except Exception:
            log.exception("request %s failed", call.request_id)
            return server_error(call.request_id)

    def _unavailable(self, error: StoreUnavailable) -> Response:
        self._services.metrics.rejected(error.reason)
        now = time.monotonic()
        # They come by the thousands; the metrics count them all.
        if now - self._warned_at >= SECONDS_BETWEEN_WARNINGS:
            self._warned_at = now
            log.warning("unavailable: %s", error)
        return Problem(503, "unavailable", error.detail).response()

    async def _answer(self, call: Call) -> Response:
        method = call.scope["method"]
        found = self._router.find(call.scope["raw_path"])
        if found is None:
            raise Problem(404, "path_not_found", "There is nothing at this path.")
        node, values = found
        route = node.methods.get(method)
        if route is None:
            raise Problem(
                405,
                "method_not_allowed",
                f"{method} is not possible here.",
                headers={"Allow": ", ".join(sorted(node.methods))},
            )
        call.route_path = route.paths[0]
        call.path = dict(zip(node.names[method], values, strict=True))
        if route.scopes is not None:
            await self._admit(call, route)
        if method in CHANGING:
            call.body = await self._body(call, route)
        elif route.scopes is not None and self._services.group.is_busy:
            # Many wait for one commit, which takes some turns of the event loop to be through.
            # With as many readers as writers each turn would be as long as all their reads, so a
            # read steps back one turn.
            await asyncio.sleep(0)
        return await route.handler(call)

    async def _admit(self, call: Call, route: Route) -> None:
        """Checks the token and its key's scope, and makes the call its account's."""
        header = call.header(b"authorization")
        if header is None or header[: len(BEARER)].lower() != BEARER:
            raise Unauthorized("JWT Token not found")
        call.token = header[len(BEARER) :].strip()
        try:
            caller = await self._services.access.caller(call.token, self._services.clock())
        except AccessDenied as denied:
            raise Unauthorized(str(denied)) from None
        if caller.scope not in (route.scopes or ()):
            raise Problem(
                403,
                "scope_not_allowed",
                f"A key with the scope {caller.scope} cannot do this.",
            )
        call.act_for(await self._services.accounts.view(caller.account_id))

    async def _body(self, call: Call, route: Route) -> bytes:
        """The whole body, no longer than allowed, whatever length was announced."""
        most = self._services.limits.max_body_bytes
        announced = call.header(b"content-length")
        if announced is not None and announced.isdecimal() and int(announced) > most:
            raise _too_large(most)
        call.held_in = self._held_without_token if route.scopes is None else self._held_bodies
        parts = []
        while True:
            message = await call.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            call.received_bytes += len(part)
            call.held_in.grow(call.received_bytes, len(part))
            if call.received_bytes > most:
                raise _too_large(most)
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(most: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {most} bytes.")
