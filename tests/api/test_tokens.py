"""API, section 3: access keys, tokens, and who is turned away with which words."""

import base64
import hashlib
import json
import time
import warnings
from typing import Any

import httpx
import jwt
import pytest

from doorstep.domain.order import SECOND
from doorstep.service import access
from doorstep.store import accounts as stored
from tests.conftest import START, Api
from tests.databases import BEFORE_THE_DATABASE, execute

PROTECTED = "/v2/orders"
NOT_FOUND = {"code": 401, "message": "JWT Token not found"}
INVALID = {"code": 401, "message": "Invalid JWT Token"}
EXPIRED = {"code": 401, "message": "Expired JWT Token"}
WRONG_KEY = {"code": 401, "message": "Invalid credentials."}


def ask(api: Api, token: str) -> Any:
    return api.raw("GET", PROTECTED, headers={"Authorization": f"Bearer {token}"})


def refused(answer: Any, body: dict[str, Any]) -> None:
    assert answer.status_code == 401
    assert answer.json() == body
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/json"


def claims(api: Api) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(api.token(), options={"verify_signature": False})
    return found


def secret(api: Api) -> str:
    found: str = api.services.access._secret
    return found


def test_a_key_gives_a_signed_token(api: Api) -> None:
    answer = api.raw("POST", "/v2/token", json={"access_key": api.key})
    assert answer.status_code == 200
    assert list(answer.json()) == ["token"]
    token = answer.json()["token"]
    assert jwt.get_unverified_header(token)["alg"] == "HS256"
    assert ask(api, token).status_code == 200


def test_a_token_needs_no_content_type_and_survives_a_byte_order_mark(api: Api) -> None:
    body = json.dumps({"access_key": api.key}).encode()
    assert api.raw("POST", "/v2/token", content=b"\xef\xbb\xbf" + body).status_code == 200


@pytest.mark.parametrize("moment", [0, 1, SECOND // 2, SECOND - 2])
def test_a_token_is_valid_sixty_minutes_to_the_second(api: Api, moment: int) -> None:
    api.clock.now = START + moment
    token = api.token()
    api.clock.now = START + 3_599 * SECOND
    assert ask(api, token).status_code == 200
    api.clock.now = START + 3_600 * SECOND - 2
    assert ask(api, token).status_code == 200
    api.clock.now = START + 3_600 * SECOND - 1  # the clock's next look is the full hour
    refused(ask(api, token), EXPIRED)


def test_an_expired_token_that_was_never_seen_is_expired_too(api: Api) -> None:
    token = api.token()
    api.clock.advance(minutes=60)
    refused(ask(api, token), EXPIRED)


def test_a_new_token_revokes_none(api: Api) -> None:
    tokens = []
    for _ in range(5):
        api.forget_tokens()
        tokens.append(api.token())
    assert len(set(tokens)) == 5
    for token in tokens:
        assert ask(api, token).status_code == 200


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"nope", b"[]", b'"key"', b"null", b"{}", b'{"access_key": null}'),
        *(b'{"access_key": ""}', b'{"access_key": 5}', b'{"access_key": ["a"]}', b"\xff\xfe{}"),
        *(b'{"key": "a"}', b'{"access_key": "\\u0000"}', b'{"access_key": "\\ud800"}'),
    ],
)
def test_a_missing_key_or_malformed_json_is_400(api: Api, body: bytes) -> None:
    answer = api.raw("POST", "/v2/token", content=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "your_apikey",
        lambda key: key + "x",
        lambda key: key[:-1],
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key.replace("ds_1_", "ds_2_"),
        lambda key: key.replace("ds_1_", "ds_²_"),
        lambda key: "ds_1_" + key,
        lambda key: key.upper(),
        lambda key: "ds_1__" + key,
        lambda key: "ds_" + "9" * 400 + "_a_b",
        lambda key: "ä",
    ],
)
def test_a_wrong_key_is_401_in_the_platforms_form(api: Api, spoil: Any) -> None:
    refused(api.raw("POST", "/v2/token", json={"access_key": spoil(api.key)}), WRONG_KEY)


def test_a_revoked_key_gives_no_token(api: Api) -> None:
    revoke(api, api.key)
    refused(api.raw("POST", "/v2/token", json={"access_key": api.key}), WRONG_KEY)


def test_without_a_token(api: Api) -> None:
    refused(api.raw("GET", PROTECTED), NOT_FOUND)


@pytest.mark.parametrize("header", ["", "Basic dXNlcjpwYXNz", "Token {token}", "{token}", "Bearer"])
def test_another_scheme_is_no_token(api: Api, header: str) -> None:
    given = header.format(token=api.token())
    refused(api.raw("GET", PROTECTED, headers={"Authorization": given}), NOT_FOUND)


def test_the_scheme_is_read_in_any_case(api: Api) -> None:
    for scheme in ("bearer", "BEARER", "Bearer"):
        header = {"Authorization": f"{scheme} {api.token()}"}
        assert api.raw("GET", PROTECTED, headers=header).status_code == 200


@pytest.mark.parametrize("token", ["x", "a.b.c", "your_token", "....", "e30.e30.", "\u00e4\u00e4"])
def test_what_is_no_jwt_is_invalid(api: Api, token: str) -> None:
    header = {"Authorization": f"Bearer {token}".encode("latin-1")}
    refused(api.raw("GET", PROTECTED, headers=header), INVALID)


def test_algorithm_none_is_invalid(api: Api) -> None:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    for algorithm in ("none", "None", "NONE", ""):
        head = part({"alg": algorithm, "typ": "JWT"})
        refused(ask(api, f"{head}.{part(claims(api))}."), INVALID)
        signature = api.token().rsplit(".", 1)[1]
        refused(ask(api, f"{head}.{part(claims(api))}.{signature}"), INVALID)


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_invalid_with_the_right_secret(api: Api, algorithm: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the secret is short for these
        token = jwt.encode(claims(api), secret(api), algorithm)
    refused(ask(api, token), INVALID)


def test_a_foreign_signature_is_invalid(api: Api) -> None:
    refused(ask(api, jwt.encode(claims(api), "z" * 43, "HS256")), INVALID)
    again = jwt.encode(claims(api), secret(api), "HS256")
    assert ask(api, again).status_code == 200, "the same claims, signed as they should be"


@pytest.mark.parametrize("name", ["account_id", "scope", "exp"])
def test_changed_claims_are_invalid(api: Api, name: str) -> None:
    head, _, signature = api.token().split(".")
    changed = {**claims(api), name: {"account_id": 2, "scope": "read", "exp": 9_999_999_999}[name]}
    body = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    refused(ask(api, f"{head}.{body}.{signature}"), INVALID)


@pytest.mark.parametrize("name", ["account_id", "key_id", "scope", "exp"])
def test_a_claim_that_is_missing_is_invalid(api: Api, name: str) -> None:
    less = {key: value for key, value in claims(api).items() if key != name}
    refused(ask(api, jwt.encode(less, secret(api), "HS256")), INVALID)


def test_a_key_cannot_be_widened_by_its_token(api: Api) -> None:
    key = api.access_key(scope="read")
    found = jwt.decode(api.token(key), options={"verify_signature": False})
    wider = jwt.encode({**found, "scope": "full"}, secret(api), "HS256")
    refused(ask(api, wider), INVALID)


def revoke(api: Api, key: str) -> None:
    account_id, key_id = key.split("_")[1:3]
    now = api.clock()
    api.run(
        api.services.store.write(
            lambda connection: stored.revoke_access_key(connection, int(account_id), key_id, now)
        )
    )


def test_a_revoked_keys_tokens_stop_within_five_seconds(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = api.access_key()
    old, kept = api.token(), api.token(other)
    assert ask(api, old).status_code == 200
    assert ask(api, kept).status_code == 200
    revoke(api, api.key)
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 5.0)
    refused(ask(api, old), INVALID)
    assert ask(api, kept).status_code == 200, "another key's token"


def test_a_revoked_keys_tokens_stop_at_once_without_the_cache(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "SECONDS_UNTIL_REVOKED", 0.0)
    token = api.token()
    assert ask(api, token).status_code == 200
    revoke(api, api.key)
    refused(ask(api, token), INVALID)


def test_keys_are_long_kept_as_a_hash_and_found_by_a_prefix(api: Api) -> None:
    prefix, account_id, key_id, text = api.key.split("_", 3)
    assert (prefix, account_id) == ("ds", "1")
    assert len(base64.urlsafe_b64decode(text + "=")) == 32
    assert api.access_key() != api.access_key()

    async def rows() -> Any:
        return await api.services.store.reader.rows("load_access_keys")

    (row,) = [row for row in api.run(rows()) if row[1] == key_id]
    assert row[2] == hashlib.sha256(text.encode()).hexdigest()
    assert text not in repr(row)


def exchange(api: Api, key: str) -> int:
    """The answer's status, once its use is written."""
    status: int = api.raw("POST", "/v2/token", json={"access_key": key}).status_code
    api.run(api.services.access.key_use.close())
    return status


def last_uses(api: Api, account_id: int = 1) -> dict[str, int | None]:
    """By key."""
    keys = api.run(access.list_access_keys(api.services.store, account_id))
    return {key.key_id: key.last_used_at for key in keys}


def test_the_last_use_of_a_key_is_noted_once_a_minute(api: Api) -> None:
    key, unused = api.access_key(), api.access_key().split("_")[2]
    key_id = key.split("_")[2]
    first = api.clock.now
    assert exchange(api, key) == 200
    noted = last_uses(api)[key_id]
    assert noted is not None
    assert first < noted <= api.clock.now
    api.clock.advance(seconds=59)
    assert exchange(api, key) == 200
    assert last_uses(api)[key_id] == noted
    api.clock.advance(seconds=2)
    assert exchange(api, key) == 200
    later = last_uses(api)[key_id]
    assert later is not None
    assert later > noted + 60 * SECOND
    # A clock that was set back takes no use away.
    api.clock.advance(days=-1)
    assert exchange(api, key) == 200
    assert exchange(api, key[:-1] + "-") == 401
    assert exchange(api, f"ds_1_{unused}_wrong") == 401
    assert last_uses(api) == {**last_uses(api), key_id: later, unused: None}


def test_keys_are_listed_and_revoked_within_their_account(api: Api) -> None:
    store, now = api.services.store, api.clock()
    other = api.account().split("_")[2]
    own = api.key.split("_")[2]
    assert (list(last_uses(api)), list(last_uses(api, 2))) == ([own], [other])
    assert api.run(access.revoke_key(store, 2, own, now)) is None
    assert exchange(api, api.key) == 200
    assert [api.run(access.revoke_key(store, 1, own, now + later)) for later in (0, 5)] == [now] * 2
    assert exchange(api, api.key) == 401
    (key,) = api.run(access.list_access_keys(store, 1))
    assert key.revoked_at == now


def test_a_database_that_takes_no_note_refuses_no_token(
    sqlite_api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    execute(
        sqlite_api.database,
        "CREATE TRIGGER full BEFORE UPDATE ON access_keys BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    assert [exchange(sqlite_api, sqlite_api.key) for _ in range(3)] == [200] * 3
    said = [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]
    assert said == ["the use of an access key was not noted"], "tried once a minute as well"


def fail(api: Api) -> Any:
    return api.raw("POST", "/v2/token", json={"access_key": "ds_1_wrong_wrong"})


def until_throttled(api: Api) -> Any:
    for _ in range(100):
        answer = fail(api)
        if answer.status_code != 401:
            return answer
        refused(answer, WRONG_KEY)
    raise AssertionError("never throttled")


def test_failed_requests_are_throttled(api: Api) -> None:
    answer = until_throttled(api)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "too_many_failures"
    assert 1 <= int(answer.headers["retry-after"]) <= 60


def test_a_correct_key_is_never_throttled(api: Api) -> None:
    until_throttled(api)
    for _ in range(30):
        api.forget_tokens()
        assert api.token()
    assert fail(api).status_code == 429, "and does not wipe out the failures"


def test_the_throttle_ends_after_the_time_it_names(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = int(until_throttled(api).headers["retry-after"])
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + seconds)
    refused(fail(api), WRONG_KEY)


def test_the_throttle_counts_by_address(api: Api) -> None:
    until_throttled(api)
    transport = httpx.ASGITransport(api.application, client=("192.0.2.9", 5000))
    elsewhere = httpx.AsyncClient(transport=transport, base_url="http://testserver")
    answer = api.run(elsewhere.post("/v2/token", json={"access_key": "wrong"}))
    refused(answer, WRONG_KEY)
    api.run(elsewhere.aclose())
