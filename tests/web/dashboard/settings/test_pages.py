"""All pages of the settings: what holds for each."""

import re

import pytest

from tests.api.test_webhook_attempts import attempt
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

SETTINGS = "/dashboard/settings"
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
IN_A_PATH = "%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E%3Cimg%20src=x%20onerror=alert%281%29%3E"


@pytest.fixture
def paths(api: Api) -> list[str]:
    """The pages of an account all of whose texts are hostile."""
    api.put("/v2/account", {"name": HOSTILE})
    api.put(f"/v2/warehouses/{IN_A_PATH}", {"address": HOSTILE})
    tracking_url = f"https://courier.example/{{tracking_code}}{HOSTILE}"
    own = {"name": HOSTILE, "countries": ["AT"], "tracking_url": tracking_url}
    assert api.put("/v2/carriers/own", own).status_code == 201
    endpoint = {"url": 'https://receiver.example/"><script>', "description": HOSTILE}
    number = api.post("/v2/webhook_endpoints", endpoint).json()["id"]
    attempt(api, number, 1, None, answer=HOSTILE)
    sections = ("mails", "warehouses", "carriers", "access-keys", "webhook-endpoints")
    return [
        SETTINGS,
        *(f"{SETTINGS}/{name}" for name in sections),
        f"{SETTINGS}/webhook-endpoints/{number}",
        f"{SETTINGS}/webhook-endpoints/{number}/deliveries",
    ]


def test_hostile_texts_are_texts(api: Api, paths: list[str]) -> None:
    visitor = Visitor(api)
    for path in (*paths, f"{SETTINGS}?done={IN_A_PATH}"):
        page = visitor.page(path)
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert "<img" not in page
        hrefs = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(href.startswith(("/", "#")) for href in hrefs), hrefs


def test_hostile_names_are_asked_about_as_texts(api: Api, paths: list[str]) -> None:
    visitor = Visitor(api)
    for path, name in (("warehouses", {"name": HOSTILE}), ("carriers", {"code": "own"})):
        asked = visitor.send(f"{SETTINGS}/{path}", {"action": "delete", **name})
        assert asked.status_code == 200
        assert "<script" not in asked.text
        assert "<img" not in asked.text


def test_a_reading_key_sees_no_form(api: Api, paths: list[str]) -> None:
    """But the one to sign out, on each page."""
    visitor = Visitor(api, api.access_key(scope="read"))
    for path in paths:
        page = visitor.page(path)
        assert re.findall(r"<form[^>]*>", page) == [
            '<form method="post" action="/dashboard/sign-out">'
        ]
        assert page.count("<button") == 1


def test_each_section_leads_to_all(api: Api, paths: list[str]) -> None:
    visitor = Visitor(api)
    for path in paths:
        page = visitor.page(path)
        current = re.findall(r'<a href="([^"]+)" aria-current="page">', page)
        section = "/".join(path.split("/")[:4])
        assert section in current
        assert len(re.findall("<h1", page)) == 1
        labelled = set(re.findall(r'<label for="([^"]+)"', page))
        ids = re.findall(r' id="([^"]+)"', page)
        assert labelled <= set(ids)
        assert len(ids) == len(set(ids))
