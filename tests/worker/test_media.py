"""The shop's logo is fetched once, by the worker, and kept for our own pages."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from ipaddress import ip_network
from typing import Any

import pytest
from PIL import Image

from doorstep import app
from doorstep.config import load
from doorstep.service.media import items
from doorstep.service.media.fetching import Fetcher
from doorstep.service.media.keeping import fetch_due, picture
from doorstep.service.media.wanted import media_path, url_hash
from doorstep.store.media import Picture
from tests.conftest import Api
from tests.databases import execute
from tests.service.webhooks.receiver import RawServer
from tests.web.test_tracking_page import page_of

LOOPBACK = (ip_network("127.0.0.0/8"),)
HOUR = 3_600


class Shop(RawServer):
    """Where a logo lies: answers with `content`, or 404 without."""

    def __init__(self) -> None:
        self.content: bytes | None = packed()

        def answer(connection: socket.socket) -> None:
            connection.recv(65_536)
            status = "404 Not Found" if self.content is None else "200 OK"
            body = self.content or b""
            head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)

        super().__init__(answer)


def packed() -> bytes:
    content = BytesIO()
    Image.new("RGB", (40, 20), (255, 0, 0)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as opened:
        yield opened


def choose_logo(api: Api, url: str) -> None:
    assert api.put("/v2/account", {"logo_url": url}).status_code == 200


def work(api: Api, allowed: object = LOOPBACK) -> None:
    async def once() -> None:
        fetcher = Fetcher(10, allowed)
        try:
            assert not await fetch_due(api.services, fetcher)
        finally:
            await fetcher.close()

    api.run(once())


def kept(api: Api, url: str, account_id: int = 1) -> Picture | None:
    found: Picture | None = api.run(picture(api.services, account_id, url_hash(url)))
    return found


def test_a_logo_is_fetched_once_and_drawn_anew(api: Api, shop: Shop) -> None:
    choose_logo(api, shop.url)
    assert kept(api, shop.url) is None
    work(api)
    found = kept(api, shop.url)
    assert found is not None
    assert found.media_type == "image/webp"
    assert Image.open(BytesIO(found.content)).size == (40, 20)
    choose_logo(api, shop.url)
    work(api)
    assert shop.connections == 1
    answer = api.raw("GET", media_path(1, shop.url))
    assert (answer.status_code, answer.content) == (200, found.content)
    assert answer.headers["Content-Type"] == "image/webp"


def test_another_account_does_not_get_it(api: Api, shop: Shop) -> None:
    api.account("Other")
    choose_logo(api, shop.url)
    work(api)
    assert kept(api, shop.url, account_id=1) is not None
    assert kept(api, shop.url, account_id=2) is None
    assert api.raw("GET", media_path(2, shop.url)).status_code == 404


def test_the_tracking_page_shows_the_logo_once_it_is_kept(api: Api, shop: Shop) -> None:
    order = api.order()
    choose_logo(api, shop.url)
    assert "<img" not in page_of(api, order)
    work(api)
    assert f'<img src="{media_path(1, shop.url)}"' in page_of(api, order)
    api.put("/v2/account", {"logo_url": None})
    assert "<img" not in page_of(api, order)


@pytest.mark.parametrize("name", ["1", "x-y", "1-", "-1", f"{'9' * 20}-{'a' * 64}", "1-%00", "²-a"])
def test_what_is_no_picture_is_not_found(api: Api, name: str) -> None:
    assert api.raw("GET", f"/media/{name}").status_code == 404


def test_what_fails_is_tried_three_times_and_anew_when_it_is_chosen_again(
    api: Api, shop: Shop
) -> None:
    shop.content = b"<svg onload='alert(1)'/>"
    choose_logo(api, shop.url)
    for tries, seconds in ((1, 0), (1, 59), (2, 1), (2, HOUR - 1), (3, 1), (3, 24 * HOUR)):
        api.clock.advance(seconds=seconds)
        work(api)
        assert shop.connections == tries
    assert execute(api.database, "SELECT status, tries FROM media") == [("failed", 3)]
    api.forget_tokens()
    shop.content = packed()
    choose_logo(api, shop.url)
    work(api)
    assert kept(api, shop.url) is not None


def test_a_logo_on_this_machine_is_asked_for_by_nobody(api: Api, shop: Shop) -> None:
    choose_logo(api, shop.url)
    work(api, allowed=())
    assert (shop.connections, kept(api, shop.url)) == (0, None)
    assert execute(api.database, "SELECT status, tries FROM media") == [("waiting", 1)]


def test_the_worker_has_the_task(sqlite_api: Api, shop: Shop) -> None:
    choose_logo(sqlite_api, shop.url)
    given = {"database": sqlite_api.database, "webhook_allow_networks": "127.0.0.0/8"}
    settings = load(given, environ={})
    task: Callable[..., object] = app.works(sqlite_api.services, settings, "https://x")["media"]

    async def until_kept() -> None:
        running = asyncio.create_task(task())
        try:
            async with asyncio.timeout(10):
                while await picture(sqlite_api.services, 1, url_hash(shop.url)) is None:
                    await asyncio.sleep(0)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    sqlite_api.run(until_kept())


def with_picture(api: Api, *urls: str) -> dict[str, Any]:
    order: dict[str, Any] = api.order(
        order_items=[{"name": f"Mug {number}", "image_url": url} for number, url in enumerate(urls)]
    )
    return order


def look(api: Api, order: dict[str, Any]) -> str:
    """The page, and what is to be written because of it is."""
    page = page_of(api, order)
    api.run(api.services.item_pictures.close())
    return page


def test_an_items_picture_is_fetched_once_somebody_looks(api: Api, shop: Shop) -> None:
    order = with_picture(api, shop.url, shop.url)
    work(api)
    assert shop.connections == 0
    assert "<img" not in look(api, order)
    work(api)
    assert look(api, order).count(f'<img src="{media_path(1, shop.url)}" alt=""') == 2
    assert shop.connections == 1


def test_what_is_no_address_of_a_picture_is_not_wanted(api: Api, shop: Shop) -> None:
    order = with_picture(api, "javascript:alert(1)", "/mug.png", "ftp://shop.example/mug.png")
    look(api, order)
    assert execute(api.database, "SELECT count(*) FROM media") == [(0,)]


def test_an_account_has_so_many_pictures_and_no_more(
    api: Api, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest go, but never the logo; those that were not fetched as yet go last."""
    monkeypatch.setattr(items, "MOST_OF_AN_ACCOUNT", 2)
    choose_logo(api, f"{shop.url}logo")
    older = with_picture(api, f"{shop.url}1")
    look(api, older)
    work(api)
    api.clock.advance(seconds=1)
    newer = api.order("N", order_items=[{"name": "Cup", "image_url": f"{shop.url}2"}])
    look(api, newer)
    work(api)
    assert "<img" in look(api, older)
    look(api, api.order("O", order_items=[{"name": "Pot", "image_url": f"{shop.url}3"}]))
    kept = execute(api.database, "SELECT url FROM media ORDER BY url")
    assert kept == [(f"{shop.url}{name}",) for name in ("2", "3", "logo")]


def test_one_that_failed_is_not_tried_whenever_somebody_looks(api: Api, shop: Shop) -> None:
    shop.content = None
    order = with_picture(api, shop.url)
    for seconds in (0, 60, HOUR, HOUR, HOUR):
        look(api, order)
        api.clock.advance(seconds=seconds)
        work(api)
    assert shop.connections == 3
