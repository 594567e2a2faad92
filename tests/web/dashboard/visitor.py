"""Somebody who looks at the dashboard without a browser and sends its forms as they stand."""

import re
from html import unescape
from typing import Any

import httpx

from tests.conftest import Api

FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
SESSION = "doorstep_session"
SIGN_IN = "/dashboard/sign-in"


class Visitor:
    """Signed in with a key; a visitor of its own keeps a cookie of its own."""

    def __init__(self, api: Api, key: str | None = None) -> None:
        self.api = api
        answer = api.raw("POST", SIGN_IN, data={"access_key": key or api.key})
        assert answer.status_code == 303, answer.text
        self.session = answer.cookies[SESSION]
        # The cookies of the shared client stay out of it.
        api.http.cookies.clear()

    def raw(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Cookie": f"{SESSION}={self.session}", **options.pop("headers", {})}
        return self.api.raw(method, path, headers=headers, **options)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.raw("GET", path, headers={"Accept": "text/html", **headers})

    def page(self, path: str, **headers: str) -> str:
        answer = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    def send(self, path: str, fields: dict[str, Any], on: str | None = None) -> httpx.Response:
        """Sends a form of the page at `on` (or the path itself), with that page's token."""
        token = FORM_TOKEN.search(self.page(on or path))
        assert token, f"no form on {on or path}"
        return self.raw("POST", path, data={"form_token": unescape(token[1]), **fields})

    def confirmed(self, path: str, fields: dict[str, Any], on: str | None = None) -> httpx.Response:
        """Sends a form and says yes to the question that it is answered with."""
        asked = self.send(path, fields, on)
        assert asked.status_code == 200, asked.text
        assert 'name="confirmed" value="yes"' in asked.text
        return self.send(path, {**fields, "confirmed": "yes"}, on)
