"""Bad input over a real connection: a 4xx that names the field, and nothing stored."""

import json
from collections.abc import Iterator

import httpx
import pytest

from doorstep.api.openapi.schemas import BODIES
from doorstep.service.forms import forms
from tests.e2e.fields import WRONG, Place, fields, places
from tests.e2e.refusals import settle, stock
from tests.e2e.shop import Shop
from tests.e2e.wire import exchange

TWO_MIB = 2 * 1024 * 1024
DEEP = 100_000
UNFIT = ['"a\\u0000b"', '"\\ud800"', '"\\udc00x"', '["\\u0000"]', '{"x": "\\ud800"}']
ROUTES = [place for place in places() if not place.keys]
ROUTE_NAMES = [f"{place.method} {place.path}" for place in ROUTES]


@pytest.fixture(scope="module")
def names(shop: Shop) -> dict[str, str]:
    """What stands in the paths of the requests."""
    return stock(shop)


class Refusing:
    """Sends what must be refused, and sees that nothing was stored."""

    def __init__(self, shop: Shop, names: dict[str, str]) -> None:
        self.shop = shop
        self.names = names

    def __call__(self, place: Place, body: bytes | Iterator[bytes]) -> httpx.Response:
        path = place.path.format(**self.names)
        with self.shop.watched() as has_stored:
            answer = self.shop.http.request(place.method, path, content=body)
            assert 400 <= answer.status_code < 500, (place, body, answer.text)
            assert not has_stored(), f"stored: {place} {body!r}"
        return answer

    def field(self, place: Place, key: str, text: str) -> None:
        """Refused, with violations of the field and of no other."""
        answer = self(place, place.request(key, text))
        assert answer.status_code == 400, (place, key, text[:100])
        found = [line["propertyPath"] for line in answer.json().get("violations", ())]
        path = place.property_path(key)
        assert found, (place, key, text[:100], answer.text)
        assert all(one == path or one.startswith((f"{path}.", f"{path}[")) for one in found), found

    def malformed(self, place: Place, body: bytes) -> None:
        answer = self(place, body)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json"), body[:100]


@pytest.fixture
def refusing(shop: Shop, names: dict[str, str]) -> Refusing:
    return Refusing(shop, names)


def test_every_field_of_every_body_is_in_the_tables() -> None:
    """Else those below would be shorter than they say."""
    assert {place.body.name for place in places()} == set(BODIES)
    assert all(WRONG[field.form] or field.form is forms.IGNORED for _, _, field in fields())


def test_wrong_values_of_every_field(refusing: Refusing) -> None:
    for place, name, field in fields():
        for text in WRONG[field.form]:
            refusing.field(place, name, text)


def test_nul_and_half_surrogates_in_every_field(refusing: Refusing) -> None:
    for place, name, _ in fields():
        for text in UNFIT:
            refusing.field(place, name, text)


def test_nul_and_half_surrogates_in_every_key(refusing: Refusing) -> None:
    for place in places():
        for key in ("\0", "a\0", "\ud800", "x\udc00"):
            answer = refusing(place, place.request(key, "1"))
            (fault,) = answer.json()["violations"]
            assert fault["propertyPath"].startswith(place.property_path("")), answer.text


def test_bytes_that_are_no_utf8_in_every_field(refusing: Refusing) -> None:
    for place, name, _ in fields():
        for spoilt in (b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xe4"):
            body = place.request(name, '"x@x"').replace(b"x@x", spoilt)
            refusing.malformed(place, body)


def test_numbers_that_json_does_not_have_in_every_field(refusing: Refusing) -> None:
    for place, name, _ in fields():
        for text in ("NaN", "-Infinity", "1e400", "-1e400", "01", "0x10", "+1", ".5"):
            refusing.malformed(place, place.request(name, text))


def test_every_required_field_is_missed(refusing: Refusing) -> None:
    for place, name, field in fields():
        if field.required:
            for nothing in ("null", '""'):
                refusing.field(place, name, nothing)


MAY_BE_EMPTY = ("/v2/webhook_endpoints/{webhook_endpoint_id}/rotate_secret",)
"""Paths whose POST needs no body."""

BROKEN = {
    "empty": b"",
    "not closed": b'{"order_id": "A"',
    "single quotes": b"{'order_id': 'A'}",
    "two values": b'{"order_id": "A"} {}',
    "a comma too many": b'{"order_id": "A",}',
    "a bare word": b"nul",
    "utf-16": '{"order_id": "A"}'.encode("utf-16"),
    "deep lists": b"[" * DEEP,
    "deep lists, closed": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep objects, closed": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep in an escape": b'{"\\u0041":' + b"[" * DEEP + b"]" * DEEP + b"}",
}


@pytest.mark.parametrize("place", ROUTES, ids=ROUTE_NAMES)
def test_what_is_no_json(refusing: Refusing, place: Place) -> None:
    for name, body in BROKEN.items():
        if not (name == "empty" and place.path in MAY_BE_EMPTY):
            refusing.malformed(place, body)
    for body in (b"1", b'"x"', b"null", b"true", b"1.5"):
        assert refusing(place, body).status_code == 400


@pytest.mark.parametrize("place", ROUTES, ids=ROUTE_NAMES)
def test_deep_nesting_in_every_field(refusing: Refusing, place: Place) -> None:
    for name in place.body.fields:
        refusing.malformed(place, place.request(name, "[" * DEEP + "]" * DEEP))


@pytest.mark.parametrize("place", ROUTES, ids=ROUTE_NAMES)
def test_two_mib_with_and_without_a_length(refusing: Refusing, place: Place) -> None:
    valid = json.dumps({"x": "y" * TWO_MIB}).encode()
    for body in (valid, iter([valid[:TWO_MIB], valid[TWO_MIB:]]), b"[" * TWO_MIB):
        answer = refusing(place, body)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_request_that_is_cut_off_does_nothing(shop: Shop, names: dict[str, str]) -> None:
    """Also one whose body would not have said anything."""
    with shop.watched() as has_stored:
        for target in (f"orders/{names['id']}", f"shipments/{names['shipment_id']}"):
            head = (
                f"DELETE /v2/{target} HTTP/1.1\r\nAuthorization: Bearer {shop.tokens['full']}\r\n"
            )
            _, answers = exchange(shop.address, f"{head}Content-Length: 2\r\n\r\n{{".encode())
            assert answers == []
        settle(shop)
        assert not has_stored()
