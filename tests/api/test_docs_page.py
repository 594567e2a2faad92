"""The page at /docs: all that the document says, in one file that needs nothing else."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from doorstep.api.openapi.page import marked, page, paragraphs
from doorstep.api.openapi.reference import default_document
from tests.conftest import Api

DOCUMENT = default_document()
LOADS = {"src", "srcset", "href", "action", "data", "poster", "formaction"}
MAY_STAY_OPEN = {"meta", "link"}


class Reader(HTMLParser):
    """Notes what the page would load, where it leads, and what it says."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.loads: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in MAY_STAY_OPEN:
            self.open.append(tag)
        for name, value in attrs:
            if tag == "a" and name == "href":
                self.links.append(value or "")
            elif name in LOADS:
                self.loads.append((tag, value or ""))
            elif name == "id":
                self.ids.append(value or "")
            elif name.startswith("on") or name == "style":
                self.handlers.append(name)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def html() -> str:
    return page(DOCUMENT)


@pytest.fixture(scope="module")
def reader(html: str) -> Reader:
    return Reader(html)


def test_it_is_served_without_a_token_under_a_strict_policy(api: Api) -> None:
    answer = api.raw("GET", "/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    style = answer.text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert api.raw("HEAD", "/docs").status_code == 200
    assert api.raw("GET", "/docs/").content == answer.content


def test_it_loads_and_runs_nothing(html: str, reader: Reader) -> None:
    assert reader.loads == [("link", "data:,")]
    assert not reader.tags & {"script", "img", "iframe", "object", "embed", "form", "base"}
    assert reader.handlers == []
    style = html.split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert reader.open == []


def test_its_links_lead_to_places_on_it(reader: Reader) -> None:
    assert len(set(reader.ids)) == len(reader.ids)
    elsewhere = {link for link in reader.links if not link.startswith("#")}
    assert elsewhere == {"/v2/openapi.json"}
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)


def test_every_operation_is_on_it(reader: Reader) -> None:
    for path, methods in DOCUMENT["paths"].items():
        assert path in reader.text
        for operation in methods.values():
            name = operation["operationId"].removesuffix("Alias")
            assert name.lower() in reader.ids
            assert operation["summary"] in reader.text
            for parameter in operation.get("parameters", ()):
                assert parameter["name"] in reader.text
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field in schema.get("properties", ()):
            assert name.lower() in reader.ids
            assert field in reader.text


def test_every_curl_line_can_be_pasted(reader: Reader) -> None:
    bodies = re.findall(r"-d '([^']*)'", reader.text)
    assert len(bodies) == reader.text.count("-d '") > 10
    for body in bodies:
        json.loads(body)


def test_texts_are_escaped() -> None:
    hostile = "</style><script>alert(1)</script>"
    document = default_document()
    document["info"]["title"] = document["info"]["description"] = hostile
    document["servers"][0]["url"] = f"http://a.at/{hostile}"
    document["paths"]["/v2/order"]["post"]["summary"] = hostile
    assert "<script" not in page(document)
    assert marked("a `<b>` & [Order](#order)") == (
        'a <code>&lt;b&gt;</code> &amp; <a href="#order">Order</a>'
    )
    assert paragraphs("One\n\n* two\n* three") == "<p>One</p>\n<ul><li>two</li><li>three</li></ul>"
