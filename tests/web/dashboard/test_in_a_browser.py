"""The dashboard in a real browser: to work with, by keyboard, without script, whatever is in it."""

import time
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from doorstep.web.dashboard.settings.section import ACCESS_KEYS, MAILS
from doorstep.web.dashboard.sign_in import SIGN_IN
from tests.web.dashboard.walking import (
    NEW_KEY,
    NO_ORDER,
    address,
    furnish,
    sign_in,
    walk,
    write_tracking_url,
)
from tests.web.judging import DESKTOP, PHONE, Visit, faults_of, sideways
from tests.web.keyboard import tab_to
from tests.web.shop import HOSTILE, Shop, open_account

SECONDS_TO_CHANGE = 1.0
LONG = "Österreichische Ledermöbelmanufaktur"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

WITHOUT_TEXT = (SIGN_IN, MAILS, ACCESS_KEYS, NEW_KEY, NO_ORDER)
SHOWN = """() => document.querySelector("main").innerText
    + [...document.querySelectorAll("main input, main textarea")].map(field => field.value)"""
LIVE = "main :is(script, style, img, iframe, svg[onload]), [onerror], [onload]"
"""What hostile texts would make of a page, were they more than text."""


def parcel(shop: Shop, order_id: str) -> tuple[str, str]:
    """Of a new order: the address of its tracking page, and the parcel's code."""
    url, code = shop.order(order_id), f"PARCEL-{order_id}"
    shop.parcel(order_id, code)
    return url, code


def record(page: Page, status: str) -> None:
    """A carrier update, up to the question about it."""
    page.get_by_text("A carrier update").click()
    page.get_by_label("Status").select_option(status)
    page.locator("form:has(select[name=status]) button").click()


@pytest.mark.parametrize("script", [True, False])
def test_what_is_recorded_here_changes_the_customers_page(
    visit: Visit, shop: Shop, script: bool
) -> None:
    url, code = parcel(shop, f"RECORDED-{script}")
    taken = []
    with (
        visit(url, width=PHONE, script=script) as customers,
        visit(address(shop, "/"), script=script) as page,
    ):
        sign_in(page, shop)
        page.get_by_role("link", name="Orders", exact=True).click()
        page.get_by_role("searchbox").fill(code)
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(f"RECORDED-{script}")
        for status, text in (
            ("out_for_delivery", "Your parcel is out for delivery"),
            ("delivered", "Your order has been delivered"),
        ):
            record(page, status)
            expect(page.get_by_role("heading", level=1)).to_contain_text(code)
            told_at = time.monotonic()
            page.get_by_role("button", name="Record the update").click()
            if not script:
                expect(page.get_by_role("status")).to_be_visible()
                customers.reload()
            customers.get_by_role("heading", level=1).get_by_text(text).wait_for()
            taken.append(time.monotonic() - told_at)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Completed")
    # As on the tracking page, one of them may wait for the machine's other tests.
    assert not script or min(taken) < SECONDS_TO_CHANGE


@pytest.mark.parametrize(("number", "width", "language"), [(0, PHONE, "de"), (1, DESKTOP, "en")])
def test_every_page_is_as_it_should_be(
    visit: Visit, shop: Shop, number: int, width: int, language: str
) -> None:
    """Each in both widths and both schemes, but not in each scheme at each width."""
    faults: list[str] = []
    with (
        open_account(shop.server) as own,
        visit(address(own, "/"), width=width, language=language, refusals=[404]) as page,
    ):
        for turn, path in enumerate(walk(page, own, furnish(own, "A-1", LONG, "North"))):
            page.emulate_media(color_scheme=SCHEMES[(turn + number) % 2])
            expect(page.locator("html")).to_have_attribute("lang", language)
            faults += [f"{path}: {fault}" for fault in faults_of(page, width)]
    assert not faults, "\n".join(faults)


def test_by_keyboard_alone(visit: Visit, shop: Shop) -> None:
    _, code = parcel(shop, "BY-KEYBOARD")
    with visit(address(shop, "/dashboard/orders"), width=PHONE) as page:
        keyboard = page.keyboard
        expect(page.locator("[name=access_key]")).to_be_focused()
        keyboard.type(shop.key)
        keyboard.press("Enter")
        page.wait_for_url(f"{shop.url}/dashboard/orders")
        tab_to(page, "search")
        keyboard.type(code)
        keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("BY-KEYBOARD")
        tab_to(page, "A carrier update")
        keyboard.press("Enter")
        tab_to(page, "status")
        keyboard.type("Delivered")
        tab_to(page, "Go on")
        keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Delivered")
        tab_to(page, "Record the update")
        keyboard.press("Enter")
        expect(page.get_by_role("status")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Completed")


def test_what_comes_from_outside_does_nothing(visit: Visit, shop: Shop) -> None:
    """A visit fails by itself on a dialog, an error or a request to elsewhere."""
    text = " ".join(HOSTILE)
    with (
        open_account(shop.server) as own,
        visit(address(own, "/"), width=PHONE, refusals=[404]) as page,
    ):
        numbers = furnish(own, HOSTILE[1], text, HOSTILE[1])
        write_tracking_url(own, "javascript:alert('{tracking_code}')")
        for path in walk(page, own, numbers):
            look_at_hostile_texts(page, path)
            assert path in WITHOUT_TEXT or HOSTILE[1] in page.evaluate(SHOWN), path
        page.goto(numbers["tracking_page"])
        look_at_hostile_texts(page, "tracking page")
        assert HOSTILE[1] in page.evaluate(SHOWN)


def look_at_hostile_texts(page: Page, path: str) -> None:
    assert sideways(page, PHONE) == [], path
    assert page.locator(LIVE).count() == 0, path
    links = page.locator("[href]").evaluate_all("all => all.map(each => each.href)")
    assert [link for link in links if not link.startswith(("http:", "https:"))] == [], path
