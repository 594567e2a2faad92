"""The whole dashboard as somebody sees it who reads German."""

import re
from html import unescape

import pytest

from doorstep.service.languages import Catalogues
from doorstep.web.dashboard.dashboard import PAGES
from tests.catalogues import used
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

PACKAGE = "doorstep.web.dashboard"
GERMAN = {"Accept-Language": "de"}
PLAIN = re.compile(r"[^%({]{4,}")
ENGLISH_DAY = re.compile(r"\b[A-Z][a-z]{2} \d+, 20\d\d|\b20\d\d-\d\d-\d\d\b")


def said(page: str) -> set[str]:
    """The texts of a page, each as it stands between tags or is read out."""
    page = re.sub(r"<pre.*?</pre>|<code>.*?</code>", "", page, flags=re.DOTALL)
    texts = [*re.split(r"<[^>]*>", page), *re.findall(r'aria-label="([^"]*)"', page)]
    return {unescape(text).strip() for text in texts}


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_no_page_says_in_english_what_it_knows_in_german(api: Api) -> None:
    order = api.order(
        order_tags={"gift": "yes"}, order_items=[{"name": "Lampe", "quantity": 1234.5}]
    )
    api.shipment(tracking_code="T1", carrier={"name": "DHL"}, recipient_city="Wien")
    api.update(tracking_code="T1", status="delivered")
    endpoint = api.post("/v2/webhook_endpoints", {"url": "https://example.com/hooks"}).json()
    translate = Catalogues(PACKAGE).translate
    english = {
        text for text in used(PACKAGE) if PLAIN.fullmatch(text) and translate("de", text) != text
    }
    visitor = Visitor(api)
    numbers = {"order_number": order["id"], "endpoint_number": endpoint["id"]}
    paths = [page.path.format(**numbers) for page in PAGES if not page.path.endswith(".csv")]
    for path in [*paths, "/dashboard/orders/1"]:
        page = visitor.get(path, **GERMAN).text
        assert '<html lang="de">' in page, path
        found = said(page)
        assert found & english == set(), path
        assert not list(filter(ENGLISH_DAY.search, found)), path
        assert len(found) > 5, path
    assert "1.234,5 ×" in visitor.page(f"/dashboard/orders/{order['id']}", **GERMAN)
