"""The link that a shop builds itself: it asks for the zip code and leads to the tracking page."""

import asyncio
from collections import Counter

import httpx
import pytest

from doorstep.web.order_links import MOST_FAILURES
from tests.conftest import Api
from tests.web.test_tracking_page import path_of

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LINK = "/shop/ORD-1"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def ask(api: Api, path: str = LINK) -> httpx.Response:
    return api.raw("GET", path, headers=BROWSER)


def enter(api: Api, zip_code: str, path: str = LINK) -> httpx.Response:
    return api.raw("POST", path, data={"zip_code": zip_code}, headers=BROWSER)


def send(api: Api, zip_code: str, path: str = LINK) -> tuple[int, str]:
    answer = enter(api, zip_code, path)
    return answer.status_code, answer.headers.get("Location", answer.text)


@pytest.mark.parametrize("spelled", ["SW1A 1AA", "sw1a1aa", " sw1a-1aa "])
def test_the_zip_code_leads_to_the_page(api: Api, spelled: str) -> None:
    order = api.order(recipient={"zip_code": "SW1A 1AA", "country": "GB"})
    asked = ask(api)
    assert asked.status_code == 200
    assert 'name="zip_code"' in asked.text
    assert path_of(order) not in asked.text
    assert send(api, spelled) == (303, path_of(order))


def test_a_parcels_zip_code_does_as_well(api: Api) -> None:
    order = api.order("A/1 ä")
    api.shipment("A/1 ä", tracking_code="T", recipient_zip="1010")
    assert send(api, "1010", "/shop/A%2F1%20%C3%A4") == (303, path_of(order))


def test_an_unknown_order_answers_like_a_known_one(api: Api) -> None:
    api.order("KNOWN", recipient={"zip_code": "1010"})
    api.order("NOZIP")
    for look in (
        lambda order_id: ask(api, f"/shop/{order_id}"),
        lambda order_id: enter(api, "9999", f"/shop/{order_id}"),
        lambda order_id: enter(api, " - ", f"/shop/{order_id}"),
    ):
        answers = [(look(name), name) for name in ("KNOWN", "NOZIP", "OTHER")]
        assert len({answer.status_code for answer, _ in answers}) == 1
        assert len({answer.text.replace(name, "") for answer, name in answers}) == 1


def test_guessing_ends_also_for_the_right_zip_code(api: Api) -> None:
    order = api.order(recipient={"zip_code": "1010"})
    api.order("ORD-2", recipient={"zip_code": "1010"})
    for guess in range(MOST_FAILURES):
        assert send(api, str(2000 + guess))[0] == 422
    answer = enter(api, "1010")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert send(api, "1010", "/shop/ORD-2")[0] == 303
    assert api.raw("GET", path_of(order)).status_code == 200


def test_guesses_at_the_same_moment_are_counted_too(api: Api) -> None:
    api.order(recipient={"zip_code": "1010"})

    async def guess_all() -> list[httpx.Response]:
        guesses = ({"zip_code": str(2000 + number)} for number in range(6 * MOST_FAILURES))
        return await asyncio.gather(
            *(api.http.post(LINK, data=guess, headers=BROWSER) for guess in guesses)
        )

    statuses = Counter(answer.status_code for answer in api.run(guess_all()))
    assert statuses == {422: MOST_FAILURES, 429: 5 * MOST_FAILURES}


def test_right_zip_codes_are_no_failures(api: Api) -> None:
    order = api.order(recipient={"zip_code": "1010"})
    for _ in range(5 * MOST_FAILURES):
        assert send(api, "1010") == (303, path_of(order))


def test_an_address_cannot_go_over_many_orders(api: Api) -> None:
    api.order(recipient={"zip_code": "1010"})
    statuses = [send(api, "1", f"/shop/GUESSED-{count}")[0] for count in range(4 * MOST_FAILURES)]
    assert set(statuses) == {422}
    assert send(api, "1010")[0] == 429


def test_a_network_of_its_own_is_one_client(api: Api) -> None:
    async def guess(number: int) -> int:
        transport = httpx.ASGITransport(api.site, client=(f"2001:db8::{number:x}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
            path = f"/shop/GUESSED-{number}"
            return (await http.post(path, data={"zip_code": "1"}, headers=BROWSER)).status_code

    statuses = [api.run(guess(number)) for number in range(4 * MOST_FAILURES + 1)]
    assert (statuses.count(422), statuses[-1]) == (4 * MOST_FAILURES, 429)


def test_an_account_opens_its_links_or_switches_them_off(api: Api) -> None:
    order = api.order(recipient={"zip_code": "1010"})
    api.put("/v2/account", {"order_link": "open"})
    answer = ask(api)
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(order))
    assert ask(api, "/shop/OTHER").status_code == 404
    api.put("/v2/account", {"order_link": "off"})
    assert ask(api).status_code == 404
    assert send(api, "1010")[0] == 404


def test_another_accounts_orders_are_not_there(api: Api) -> None:
    key = api.account("Second")
    other = api.post("/v2/order", {"order_id": "X", "recipient": {"zip_code": "1"}}, key=key).json()
    assert send(api, "1", "/shop/X")[0] == 422
    assert send(api, "1", "/second/X") == (303, path_of(other))
    assert ask(api, "/nobody/X").status_code == 404


@pytest.mark.parametrize("order_link", ["ask", "open"])
def test_no_name_has_a_nul(api: Api, order_link: str) -> None:
    api.put("/v2/account", {"order_link": order_link})
    assert ask(api, "/sh%00op/ORD-1").status_code == 404
    assert ask(api, "/shop/ORD%00").status_code == (200 if order_link == "ask" else 404)


@pytest.mark.parametrize(
    "body", [b"zip_code=" + b"1" * 5_000, b"\xff\xfe", b"zip_code=%ff", b"", b"a=1", b"&" * 50]
)
def test_what_is_no_form_is_refused(api: Api, body: bytes) -> None:
    api.order()
    assert api.raw("POST", LINK, content=body, headers={**BROWSER, **FORM}).status_code == 400


@pytest.mark.parametrize("slug", ["order", "v2", "static", "docs", "dashboard"])
def test_a_slug_does_not_hide_another_page(api: Api, slug: str) -> None:
    assert api.put("/v2/account", {"slug": slug}).status_code == 400
    api.account(slug)
    assert ask(api, f"/{slug}-2/X").status_code == 200


def test_whoever_leaves_before_the_form_is_whole_is_no_failure_of_ours(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[object] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": LINK,
        "raw_path": LINK.encode(),
        "headers": [(b"accept", b"text/html")],
        "query_string": b"",
    }
    api.run(api.site(scope, receive, send))
    assert (sent, caplog.records) == ([], [])
