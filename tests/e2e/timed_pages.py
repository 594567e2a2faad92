"""Asking a server for pages, and how long they took."""

import http.client
import json
import statistics
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.conftest import Server


class Http:
    """One connection to a server, with a token."""

    def __init__(self, server: Server, key: str) -> None:
        self.port = urlsplit(server.url).port
        self._http = http.client.HTTPConnection("127.0.0.1", self.port)
        body = json.dumps({"access_key": key})
        self.token = json.loads(self._ask("POST", "/v2/token", body, {})[2])["token"]
        self._headers = {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str) -> tuple[int, str | None, bytes]:
        """Status, the next page's path, and the body."""
        return self._ask("GET", path, None, self._headers)

    def _ask(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str | None, bytes]:
        self._http.request(method, path, body, headers)
        answer = self._http.getresponse()
        link = answer.headers.get("Link")
        following = link and "/v2/" + link.split("/v2/")[1].split(">")[0]
        return answer.status, following, answer.read()

    def close(self) -> None:
        self._http.close()


class Timed(NamedTuple):
    """What asking took in milliseconds, and how many were refused as too broad."""

    milliseconds: list[float]
    refused: int

    @property
    def p99(self) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]


def time_pages(web: Http, path: str, timed: Timed, pages: int = 2) -> Timed:
    """Asks for a page and the ones that it links to."""
    at: str | None = path
    for _ in range(pages):
        if at is None:
            break
        began = time.perf_counter()
        status, following, body = web.get(at)
        timed.milliseconds.append((time.perf_counter() - began) * 1_000)
        if status == 400:
            assert json.loads(body)["code"] == "listing_too_broad", body
            return Timed(timed.milliseconds, timed.refused + 1)
        assert status == 200, (path, body)
        at = following
    return timed


def report(title: str, timed: dict[str, Timed]) -> None:
    table = Table("listing", "asked", "p50 ms", "p99 ms", "worst ms", "refused", title=title)
    for name, one in timed.items():
        worst, middle = max(one.milliseconds), statistics.median(one.milliseconds)
        figures = (f"{middle:.1f}", f"{one.p99:.1f}", f"{worst:.1f}", f"{one.refused}")
        table.add_row(escape(name), f"{len(one.milliseconds)}", *figures)
    Console(width=120).print(table)
