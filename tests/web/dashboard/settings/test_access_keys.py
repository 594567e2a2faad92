"""Access keys: made once, shown once, revoked."""

import re

import httpx
import pytest

from tests.conftest import Api
from tests.web.dashboard.visitor import SESSION, SIGN_IN, Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

KEYS = "/dashboard/settings/access-keys"


def key_in(answer: httpx.Response) -> str:
    return re.findall(r"<code>(ds_[^<]+)</code>", answer.text)[0]


def key_ids(visitor: Visitor) -> list[str]:
    return re.findall(r"<p><code>([0-9a-f]{10})</code>", visitor.page(KEYS))


def may_sign_in(api: Api, key: str) -> bool:
    return api.raw("POST", "/v2/token", json={"access_key": key}).status_code == 200


def test_a_key_is_shown_on_one_answer_alone(api: Api) -> None:
    visitor = Visitor(api)
    once = re.findall(r'name="once" value="([^"]+)"', visitor.page(KEYS))[0]
    fields = {"action": "make", "scope": "carrier", "once": once}
    assert "with the scope carrier?" in visitor.send(KEYS, fields).text
    assert len(key_ids(visitor)) == 1
    made = visitor.confirmed(KEYS, fields)
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    key = key_in(made)
    assert may_sign_in(api, key)
    assert key.split("_")[2] in key_ids(visitor)
    secret = key.split("_", 3)[3]
    assert secret not in visitor.page(KEYS)
    again = visitor.confirmed(KEYS, fields)
    assert (again.status_code, "has already made a key" in again.text) == (409, True)
    assert secret not in again.text
    assert len(key_ids(visitor)) == 2
    other = visitor.confirmed(KEYS, {**fields, "scope": "full"})
    assert other.status_code == 409
    assert len(key_ids(visitor)) == 2


def test_no_key_is_made_of_half_a_form(api: Api) -> None:
    visitor, make = Visitor(api), {"action": "make", "scope": "full", "confirmed": "yes"}
    for fields in (
        {**make, "scope": "root", "once": "x"},
        make,
        {**make, "once": "x" * 65},
        {**make, "once": "\u00e9"},
        {"action": "other"},
        {},
    ):
        assert visitor.send(KEYS, fields).status_code == 400, fields
    assert len(key_ids(visitor)) == 1


def test_a_key_is_revoked(api: Api) -> None:
    visitor, key = Visitor(api), api.access_key(scope="read")
    fields = {"action": "revoke", "key_id": key.split("_")[2]}
    assert "is refused from then on" in visitor.send(KEYS, fields).text
    assert may_sign_in(api, key)
    assert visitor.confirmed(KEYS, fields).headers["Location"] == f"{KEYS}?done=revoked"
    assert not may_sign_in(api, key)
    api.run(api.services.access.key_use.close())
    assert visitor.page(KEYS).count("last used <time") == 2
    assert visitor.page(KEYS).count(", revoked <time") == 1


def test_ones_own_key_ends_the_session(api: Api) -> None:
    visitor = Visitor(api)
    fields = {"action": "revoke", "key_id": api.key.split("_")[2]}
    asked = visitor.send(KEYS, fields).text
    assert "You are signed in with it yourself" in asked
    assert "only the command line can make another" in asked
    answer = visitor.confirmed(KEYS, fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
    assert f'{SESSION}="";' in answer.headers["Set-Cookie"]
    assert not may_sign_in(api, api.key)


def test_keys_of_others_are_not_there(api: Api) -> None:
    visitor, other = Visitor(api), api.account()
    assert other.split("_")[2] not in visitor.page(KEYS)
    for key_id in (other.split("_")[2], "", "<script>"):
        fields = {"action": "revoke", "key_id": key_id, "confirmed": "yes"}
        assert visitor.send(KEYS, fields).status_code == 404
    assert may_sign_in(api, other)
