"""Two applications on one port: the API for programs, the pages for people."""

from typing import Any

from doorstep.api.application import Application
from doorstep.web.pages import Pages


class Site:
    """The API answers whatever is below its paths, and what no page is at."""

    def __init__(self, api: Application, pages: Pages) -> None:
        self._api = api
        self._pages = pages
        self._beginnings = api.beginnings

    def end_waiting(self) -> None:
        self._api.end_waiting()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        beginning = scope["raw_path"].split(b"/", 2)[1:2]
        if (beginning and beginning[0] in self._beginnings) or not self._pages.serves(scope):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)
