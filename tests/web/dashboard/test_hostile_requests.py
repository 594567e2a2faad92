"""Whatever is sent to whichever page: it is answered, as text, and never with a 500."""

import re
from html import unescape
from itertools import product
from typing import Any

import httpx
import pytest

from doorstep.web.dashboard.dashboard import PAGES
from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.sign_in import OWN_PAGE
from doorstep.web.dashboard.visit import Visit
from doorstep.web.pages import Pages
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

# It takes less than SQLite: no NUL, and no number beyond a column's size.
pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)

TAG = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
SHORT = (
    TAG,
    "javascript:%s%(x)s{{7*7}}//\u202e\U0001f4a9\u2028\x85\ufeff",
    "9" * 18,
    "9" * 5_000,
    "0000-00-00T00:00",
    "9999-12-31T23:59:59.999999",
)
LONG = (
    *SHORT,
    "-" + "9" * 15,
    "99999",
    "1970-01-01",
    "2100-12-31",
    "1969-12-31T23:59:59-23:59",
    "10000001",
    "W251bGwsdHJ1ZSwxZTk5OTksMV0",
    "..",
    "\ufffe\uffff\x1b\x7f",
    "",
)
FORM = re.compile(r'<form[^>]*method="post"[^>]*>(.*?)</form>', re.DOTALL)
NAMED = re.compile(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"[^>]*>')
VALUE = re.compile(r'\bvalue="([^"]*)"')
LINK = re.compile(r'\b(?:href|src|action)="([^"]*)"')


@pytest.fixture
def numbers(api: Api) -> dict[str, str]:
    """What stands in paths, of an account that has something on each page."""
    order = api.order(
        TAG,
        recipient={"first_name": TAG, "email": "a@example.org", "zip_code": "1010"},
        order_items=[{"sku": TAG, "name": TAG, "shop_product_url": "javascript:alert(1)"}],
        order_url="javascript:alert(1)",
    )
    api.shipment(TAG, tracking_code=TAG, carrier={"name": TAG})
    endpoint = {"url": "https://receiver.example/", "description": TAG}
    made = api.post("/v2/webhook_endpoints", endpoint).json()
    api.put("/v2/warehouses/here", {"address": TAG})
    api.put("/v2/carriers/own", {"name": TAG, "countries": ["AT"]})
    api.access_key()
    return {"order_number": str(order["id"]), "endpoint_number": str(made["id"])}


class Asked:
    """Which fields pages have looked for since: so that none is left out of what is tried."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        asked = Visit.asked

        def noting(visit: Visit, name: str) -> str:
            self.names.add(name)
            return asked(visit, name)

        monkeypatch.setattr(Visit, "asked", noting)


def forms_of(page: str) -> dict[frozenset[str], dict[str, str]]:
    """Each kind of form as a browser would send it, once for each of its buttons."""
    forms = {}
    for inside in FORM.findall(page):
        fields: dict[str, str] = {}
        buttons: list[dict[str, str]] = []
        for found in NAMED.finditer(inside):
            value = VALUE.search(found[0])
            text = unescape(value[1]) if value else ""
            if found[0].startswith("<button"):
                buttons.append({found[1]: text})
            else:
                fields.setdefault(found[1], text)
        for button in buttons or [{}]:
            form = {**fields, **button}
            if "form_token" in form:
                forms[frozenset({*form, f"action {form.get('action')}"})] = form
    return forms


def check(answer: httpx.Response, sent: Any) -> None:
    assert answer.status_code < 500, (answer.request.url, sent)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert OWN_PAGE.fullmatch(answer.headers.get("Location", "/")), sent
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        assert "<script>alert" not in answer.text, (answer.request.url, sent)
        assert "<img src=x" not in answer.text, (answer.request.url, sent)
        for link in LINK.findall(answer.text):
            assert link.startswith(("/", "?", "#", "http://", "https://")), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)
def test_no_query_is_too_much(
    api: Api, numbers: dict[str, str], page: Page, monkeypatch: pytest.MonkeyPatch, long: bool
) -> None:
    asked, visitor = Asked(monkeypatch), Visitor(api)
    path = page.path.format_map(numbers)
    check(visitor.get(path), None)
    for name in sorted({*asked.names, "x[]"}):
        for text in (*(LONG if long else SHORT), "\0"):
            check(visitor.get(str(httpx.URL(path, params=[(name, "x"), (name, text)]))), name)
    for query in ("%ff=%ff&%00", "&".join(f"{name}=%ff%ed%a0%80" for name in asked.names), "=&&;="):
        check(visitor.get(f"{path}?{query}"), query)
    for number in numbers.values():
        for text in ("0", "9" * 8, "9" * 40, "%00", "%EF%BC%91" * 8, "%ff", "-1"):
            if number in path:
                answer = visitor.get(path.replace(number, text))
                check(answer, text)
                assert answer.status_code == 404


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.change], ids=lambda page: page.path
)
def test_no_form_is_too_much(api: Api, numbers: dict[str, str], page: Page, long: bool) -> None:
    visitor = Visitor(api)
    path = page.path.format_map(numbers)
    forms = forms_of(visitor.page(path)).values()
    assert forms
    for form in forms:
        for name in [name for name in form if name != "form_token"]:
            for text in LONG if long else SHORT:
                # The question before it is carried out has these texts, too.
                said = {"confirmed": "yes"} if text != TAG else {}
                fields = {**form, name: text, **said}
                check(visitor.raw("POST", path, data=fields), fields)
        token = f"form_token={form['form_token']}"
        twice = "&".join(f"{name}=1&{name}[]=2" for name in form)
        for body in (
            f"{token}&{twice}",
            f"{token}&a=%ff",
            f"{token}&a=%00",
            f"{token}{'&a' * 300}",
        ):
            check(visitor.raw("POST", path, content=body), body)
    check(visitor.get(path), "all of these")


IN_PATHS = (
    "%00",
    "%ff",
    "%ed%a0%80",
    "%0d%0aA:b",
    "%EF%BC%91",
    "9" * 40,
    "..%2f",
    "%22%3E%3Cscript%3E",
)


@pytest.mark.parametrize("order_link", ["ask", "open"])
def test_no_address_is_too_much(api: Api, order_link: str) -> None:
    """Also those of pages for everybody."""
    api.put("/v2/account", {"order_link": order_link})
    for route in Pages(api.services).routes:
        plain = route.path.replace(":path", "")
        named = re.findall(r"{(\w+)}", plain)
        for wrong, text in product(named, IN_PATHS):
            path = plain.format_map({**dict.fromkeys(named, "shop"), wrong: text})
            for method in ("GET", "HEAD", "POST", "DELETE"):
                check(api.raw(method, path, headers={"Accept": "text/html"}), (method, path))


def test_no_page_and_no_form_reaches_another_account(api: Api, numbers: dict[str, str]) -> None:
    """Sent is every form of an account's pages, by somebody who has everything but its session."""
    owner, other = Visitor(api), Visitor(api, api.account("Other"))
    paths = [page.path.format_map(numbers) for page in PAGES]
    before = {path: lasting(owner, path) for path in paths}
    token = {"form_token": api.services.access.form_token(other.session), "confirmed": "yes"}
    for page, path in zip(PAGES, paths, strict=True):
        if path != page.path:
            assert other.get(path).status_code == 404
        for form in forms_of(owner.page(path)).values():
            # What names nothing of the owner's makes something of the other's own.
            answer = other.raw("POST", path, data={**form, **token})
            check(answer, form)
            assert path == page.path or answer.status_code == 404, form
    assert {path: lasting(owner, path) for path in paths} == before


def lasting(visitor: Visitor, path: str) -> str:
    """A page without what is new each time it is made."""
    page = re.sub(r'name="once" value="[^"]+"', "", visitor.get(path).text)
    return re.sub(r"<time[^>]*>[^<]*</time>", "", page)
