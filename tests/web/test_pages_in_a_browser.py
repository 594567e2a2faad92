"""The tracking page and the others in a real browser: to look at, by keyboard, without script."""

import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.judging import DESKTOP, PHONE, Visit, sideways
from tests.web.keyboard import stops
from tests.web.shop import HOSTILE, Shop

SECONDS_TO_CHANGE = 1.0

ALIKE = ".group ~ .group, article ~ article, nav li ~ li"
SMALLEST = 320
"""The width at which WCAG still wants a page to be read without scrolling sideways."""


def shipped(shop: Shop, order_id: str, **fields: Any) -> str:
    """An order with two parcels under way and all that a page may show."""
    url = shop.order(
        order_id,
        promised_delivery_date="2020-01-15",
        order_items=[{"name": "Wolldecke", "quantity": 2}, {"sku": "LAMP-BRASS"}],
        recipient={"zip_code": "1070", "country": "AT"},
        **fields,
    )
    for carrier in ("DHL", "GLS"):
        code = f"{order_id}-{carrier}"
        shop.parcel(order_id, code, carrier)
        shop.update(code, "pickup", location="Wien", description="Picked up")
    shop.update(f"{order_id}-DHL", "hub_scan", location="Wien")
    return url


@pytest.fixture(scope="module")
def shown(shop: Shop) -> str:
    """The address of a tracking page that no test changes."""
    return shipped(shop, "SHOWN", language="de")


@pytest.mark.parametrize(
    ("width", "scheme", "script"),
    [
        (PHONE, "light", True),
        (DESKTOP, "dark", True),
        (PHONE, "dark", False),
        (DESKTOP, "light", False),
    ],
)
def test_a_tracking_page_is_as_it_should_be(
    visit: Visit, shown: str, width: int, scheme: str, script: bool
) -> None:
    with visit(shown, width=width, scheme=scheme, script=script) as page:
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ihre Bestellung ist unterwegs")
        expect(page.get_by_role("article")).to_have_count(2)
        expect(page.locator(".delayed")).to_be_visible()
        expect(page.get_by_role("listitem").filter(has_text="Wolldecke")).to_contain_text("2 ×")


def test_it_changes_by_itself_within_a_second(visit: Visit, shop: Shop) -> None:
    url = shop.order("CHANGING")
    shop.parcel("CHANGING", "C-1")
    taken = []
    with visit(url, width=PHONE) as page:
        heading, live = page.get_by_role("heading", level=1), page.get_by_role("status")
        expect(live).to_be_empty()
        for status, text in (
            ("out_for_delivery", "Your parcel is out for delivery"),
            ("delivered", "Your order has been delivered"),
        ):
            shop.update("C-1", status)
            told_at = time.monotonic()
            heading.get_by_text(text).wait_for()
            taken.append(time.monotonic() - told_at)
        expect(live).not_to_be_empty()
        assert page.title().startswith("Your order has been delivered")
    # The first may also wait for the page's stream to open, either for the machine's other tests.
    assert min(taken) < SECONDS_TO_CHANGE


def test_every_link_of_a_tracking_page_is_reached_by_keyboard(visit: Visit, shown: str) -> None:
    with visit(shown, width=PHONE) as page:
        texts = page.get_by_role("link").all_inner_texts()
        assert len(texts) == 2
        assert stops(page) == texts


def test_what_comes_from_outside_does_nothing(visit: Visit, shop: Shop) -> None:
    """A visit fails by itself on a dialog, an error or a request to elsewhere."""
    carrier = {"name": "Evil", "countries": ["AT"], "tracking_url": "javascript:{tracking_code}"}
    assert shop.http.put("/v2/carriers/evil", json=carrier).status_code == 400
    shop.change("/v2/carriers/evil", {**carrier, "tracking_url": "https://x.at/{tracking_code}"})
    text = " ".join(HOSTILE)
    url = shop.order("EVIL", order_items=[{"name": evil, "quantity": 1} for evil in HOSTILE])
    for number, evil in enumerate(HOSTILE):
        shop.parcel("EVIL", f"{evil[:100]}{number}", "Evil" if number % 2 else evil)
        shop.update(f"{evil[:100]}{number}", "pickup", location=text, description=text)
    name = shop.http.get("/v2/account").json()["name"]
    shop.change("/v2/account", {"name": HOSTILE[0]})
    try:
        with visit(url, width=PHONE) as page:
            assert page.locator(".shop").inner_text().strip() == HOSTILE[0]
            expect(page.get_by_text("<svg onload=alert(1)>")).not_to_have_count(0)
            assert page.locator("main :is(script, img, svg, style)").count() == 0
            links = page.locator("a").evaluate_all("links => links.map(link => link.href)")
            assert len(links) == len(HOSTILE) // 2
            assert all(link.startswith("https://x.at/") for link in links)
    finally:
        shop.change("/v2/account", {"name": name})


def test_an_order_link_leads_to_the_page_by_keyboard_alone(
    visit: Visit, shop: Shop, shown: str
) -> None:
    slug = shop.http.get("/v2/account").json()["slug"]
    with visit(f"{shop.url}/{slug}/SHOWN", width=PHONE, refusals=[422]) as page:
        assert stops(page) == ["zip_code", "Show my order"]
        field = page.get_by_label("Zip code")
        page.keyboard.press("Tab")
        expect(field).to_be_focused()
        page.keyboard.type("9999")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(field).to_have_attribute("aria-invalid", "true")
        page.keyboard.press("Tab")
        page.keyboard.type("1070")
        page.keyboard.press("Enter")
        page.wait_for_url(shown)
        expect(page.get_by_role("article")).to_have_count(2)


def test_a_page_that_is_not_there_says_so(visit: Visit, shop: Shop) -> None:
    url = f"{shop.url}/order/{'A' * 22}"
    with visit(url, scheme="dark", language="fr", refusals=[404]) as page:
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_reference_is_read_on_a_phone(visit: Visit, shop: Shop) -> None:
    with visit(f"{shop.url}/docs", width=PHONE) as page:
        page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
        for width in (PHONE, SMALLEST):
            page.set_viewport_size({"width": width, "height": 600})
            assert sideways(page, width) == []
        # To judge all of it takes many seconds, and its parts are all alike.
        page.locator(ALIKE).evaluate_all("all => all.forEach(each => each.remove())")
