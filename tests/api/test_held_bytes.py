"""The memory that large bodies and pages share."""

import pytest

from doorstep.api.application import SECONDS_BETWEEN_WARNINGS
from doorstep.api.held_bytes import FREE_BYTES, MOST_HELD_BYTES, HeldBytes, MemoryFull
from tests.conftest import Api


def test_what_is_alone_is_never_too_large_and_what_is_small_never_refused() -> None:
    held = HeldBytes()
    held.grow(2 * MOST_HELD_BYTES, 2 * MOST_HELD_BYTES)
    held.grow(FREE_BYTES, FREE_BYTES)
    with pytest.raises(MemoryFull):
        held.grow(FREE_BYTES + 1, FREE_BYTES + 1)
    held.release(2 * MOST_HELD_BYTES)
    held.release(FREE_BYTES + 1)
    held.grow(FREE_BYTES + 1, FREE_BYTES + 1)


def test_a_long_page_is_refused_while_others_are_being_read(api: Api) -> None:
    for number in range(20):
        api.order(f"A-{number}", order_tags={str(tag): "x" * 100 for tag in range(20)})
    api.application._held_answers.grow(MOST_HELD_BYTES, MOST_HELD_BYTES)
    answer = api.get("/v2/orders")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "held for other requests" in answer.json()["detail"]
    assert api.get("/v2/orders?limit=1").status_code == 200
    api.application._held_answers.release(MOST_HELD_BYTES)
    assert len(api.get("/v2/orders").json()) == 20
    assert api.application._held_answers._held == 0


def test_who_has_no_token_takes_no_room_from_those_who_have(api: Api) -> None:
    api.token()
    large = b" " * (2 * FREE_BYTES)
    api.application._held_without_token.grow(MOST_HELD_BYTES, MOST_HELD_BYTES)
    assert api.raw("POST", "/v2/token", content=b'{"access_key": "x"}' + large).status_code == 503
    assert api.call("POST", "/v2/order", content=b'{"order_id": "A"}' + large).status_code == 201
    api.application._held_without_token.release(MOST_HELD_BYTES)
    api.application._held_bodies.grow(MOST_HELD_BYTES, MOST_HELD_BYTES)
    assert api.call("POST", "/v2/order", content=b'{"order_id": "B"}' + large).status_code == 503
    assert api.raw("POST", "/v2/token", content=b'{"access_key": "x"}' + large).status_code == 401
    assert api.application._held_without_token._held == 0


def test_the_log_of_refusals_by_the_thousand_is_a_line_a_second(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(1000):
        api.application._unavailable(MemoryFull("full"))
    api.application._warned_at -= SECONDS_BETWEEN_WARNINGS
    api.application._unavailable(MemoryFull("full"))
    assert [line.message for line in caplog.records] == ["unavailable: full"] * 2
