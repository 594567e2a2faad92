"""Two applications on one port: the API for programs, the pages for people."""

from collections.abc import MutableMapping
from typing import Any, Protocol, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]


class Served(Protocol):
    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None: ...


class Api(Served, Protocol):
    @property
    def beginnings(self) -> frozenset[bytes]:
        """The first segments of its paths."""
        ...

    def end_waiting(self) -> None: ...


class Web(Served, Protocol):
    def serves(self, scope: Scope) -> bool: ...


class Site:
    """The API answers whatever is below its paths, and what no page is at."""

    def __init__(self, api: Api, pages: Web) -> None:
        self._api = api
        self._pages = pages
        self._beginnings = api.beginnings

    def end_waiting(self) -> None:
        self._api.end_waiting()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        beginning = scope["raw_path"].split(b"/", 2)[1:2]
        if (beginning and beginning[0] in self._beginnings) or not self._pages.serves(scope):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)
