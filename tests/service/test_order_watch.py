"""How many may look at orders at once."""

from contextlib import ExitStack

import pytest

from doorstep.service import order_watch
from doorstep.service.order_watch import MOST_OF_AN_ORDER
from tests.conftest import Api

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def test_one_order_takes_the_places_of_no_other(api: Api) -> None:
    watch = api.services.order_watch

    async def look() -> list[bool]:
        with ExitStack() as looking:
            for _ in range(MOST_OF_AN_ORDER):
                assert watch.has_place(1, 1)
                looking.enter_context(watch.watch(1, 1))
            found = [watch.has_place(1, 1), watch.has_place(1, 2), watch.has_place(2, 1)]
        return [*found, watch.has_place(1, 1)]

    assert api.run(look()) == [False, True, True, True]


def test_a_process_has_so_many_places_and_no_more(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_WATCHED", 3)
    watch = api.services.order_watch

    async def look() -> bool:
        with ExitStack() as looking:
            for number in range(3):
                looking.enter_context(watch.watch(1, number))
            return watch.has_place(1, 9)

    assert not api.run(look())


def test_who_finds_no_place_is_told_to_come_later(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_watch, "MOST_OF_AN_ORDER", 0)
    page = api.order()["tracking_page_url"].removeprefix("http://127.0.0.1:8080")
    answer = api.raw("GET", f"{page}/changes")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
