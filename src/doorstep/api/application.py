"""From bytes to bytes: route, token, scope, handler, and whatever goes wrong on the way."""

import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.responses import Response

from doorstep.api.call import Call
from doorstep.api.documentation import Documentation
from doorstep.api.problems import Problem, Unauthorized, server_error
from doorstep.api.router import Router
from doorstep.api.routes import Route, table
from doorstep.api.tokens import Tokens
from doorstep.service.access import AccessDenied
from doorstep.service.group import StoreUnavailable
from doorstep.service.services import Services

log = logging.getLogger(__name__)

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

BEARER = "bearer "


class ClientGone(Exception):
    """The client left before its request was whole."""


class Application:
    """The ASGI application."""

    def __init__(self, services: Services, public_url: str) -> None:
        self._services = services
        self._public_url = public_url
        routes = table(Tokens().create)
        self.routes = Documentation(routes, services.limits, public_url).routes
        self._router = Router(self.routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        try:
            response = await self._answer(scope, receive)
        except (Problem, Unauthorized) as refusal:
            response = refusal.response()
        except ClientGone:
            return
        except StoreUnavailable as error:
            log.warning("unavailable: %s", error)
            response = Problem(
                503, "unavailable", "The database cannot take this now; try again shortly."
            ).response()
        except Exception:
            request_id = uuid.uuid4().hex
            log.exception("request %s failed", request_id)
            response = server_error(request_id)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        method = scope["method"]
        found = self._router.find(scope["raw_path"])
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
        path = dict(zip(node.names[method], values, strict=True))
        call = Call(self._services, self._public_url, scope, path, b"")
        if route.scopes is not None:
            await self._admit(call, route)
        if method in ("POST", "PUT"):
            call.body = await self._body(call, receive)
        return await route.handler(call)

    async def _admit(self, call: Call, route: Route) -> None:
        """Checks the token and its key's scope, and makes the call its account's."""
        header = call.header(b"authorization")
        if header is None or header[: len(BEARER)].lower() != BEARER:
            raise Unauthorized("JWT Token not found")
        token = header[len(BEARER) :].strip()
        try:
            caller = await self._services.access.caller(token, self._services.clock())
        except AccessDenied as denied:
            raise Unauthorized(str(denied)) from None
        if caller.scope not in (route.scopes or ()):
            raise Problem(
                403,
                "scope_not_allowed",
                f"A key with the scope {caller.scope} cannot do this.",
            )
        call.act_for(await self._services.accounts.view(caller.account_id))

    async def _body(self, call: Call, receive: Receive) -> bytes:
        """The whole body, no longer than allowed, whatever length was announced."""
        most = self._services.limits.max_body_bytes
        announced = call.header(b"content-length")
        if announced is not None and announced.isdecimal() and int(announced) > most:
            raise _too_large(most)
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                raise _too_large(most)
            parts.append(part)
            if not message.get("more_body"):
                return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(most: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {most} bytes.")
