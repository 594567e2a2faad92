"""The API's description over HTTP: a document for programs, a page for people."""

import base64
import hashlib
from functools import cached_property

import msgspec
from starlette.responses import Response

from doorstep.api.call import JSON, Call
from doorstep.api.openapi.document import document
from doorstep.api.openapi.page import STYLE, page
from doorstep.api.routes.route import Route, Text
from doorstep.api.routes.table import table
from doorstep.api.tokens import Tokens
from doorstep.domain.limits import Limits

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

PAGE_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Nothing is loaded and nothing runs: the page's one style is named by its hash."""


def every_route(tokens: Tokens, limits: Limits, public_url: str) -> tuple[Route, ...]:
    """All that is served, this reference included."""
    return Documentation(table(tokens.create), limits, public_url).routes


class Documentation:
    """Serves what describes `routes`, itself included; made and encoded at the first request."""

    def __init__(self, routes: tuple[Route, ...], limits: Limits, public_url: str) -> None:
        self._limits = limits
        self._public_url = public_url
        self.routes = (
            *routes,
            Route(
                "GET",
                ("/v2/openapi.json",),
                "getDocument",
                "This reference for programs",
                self.document,
                {200: dict[str, msgspec.Raw]},
                scopes=None,
            ),
            Route(
                "GET",
                ("/docs",),
                "getReference",
                "This reference for people",
                self.page,
                {200: Text("text/html")},
                scopes=None,
            ),
        )

    async def document(self, call: Call) -> Response:
        return Response(self._document, media_type=JSON)

    async def page(self, call: Call) -> Response:
        return Response(self._page, headers=PAGE_HEADERS, media_type="text/html")

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(document(self.routes, self._limits, self._public_url))

    @cached_property
    def _page(self) -> bytes:
        return page(document(self.routes, self._limits, self._public_url)).encode()
