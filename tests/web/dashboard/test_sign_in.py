"""Who gets in, for how long, and whose forms are taken."""

import asyncio

import pytest

from doorstep.domain.order import SECOND
from doorstep.service.access import SESSION_SECONDS
from doorstep.store.accounts import revoke_access_key
from doorstep.web.dashboard.dashboard import PAGES
from doorstep.web.dashboard.sign_in import MOST_FAILURES
from tests.conftest import Api
from tests.web.dashboard.visitor import SESSION, SIGN_IN, Visitor

WRONG = "This key is not known here, or was revoked."


pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def location(api: Api, path: str, **headers: str) -> str | None:
    encoded = {name: text.encode() for name, text in headers.items()}
    answer = api.raw("GET", path, headers=encoded)
    assert answer.status_code == 303
    to: str = answer.headers["Location"]
    return to


def revoke(api: Api, key: str) -> None:
    _, account_id, key_id, _ = key.split("_", 3)

    async def change(writer: object) -> None:
        await revoke_access_key(writer, int(account_id), key_id, api.clock())  # type: ignore[arg-type]

    api.run(api.services.store.write(change))


def test_a_key_signs_in(api: Api) -> None:
    assert location(api, "/") == SIGN_IN
    page = api.raw("GET", SIGN_IN)
    assert 'name="access_key" type="password"' in page.text
    answer = api.raw("POST", SIGN_IN, data={"access_key": f" {api.key} "})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=lax", "Path=/", f"Max-Age={SESSION_SECONDS}"):
        assert part in cookie
    assert "Secure" not in cookie
    assert api.key not in cookie
    assert "Overview" in Visitor(api).page("/")


def test_the_cookie_is_for_https_alone_where_that_is_spoken(api: Api) -> None:
    answer = api.raw("POST", f"https://testserver{SIGN_IN}", data={"access_key": api.key})
    assert "; Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "key", ["", "x", "ds_1_a_b", "ds_9_0123456789_x", "ds_1_\u00e9_x", "ds_1_" + "9" * 9000]
)
def test_a_wrong_key_does_not(api: Api, key: str) -> None:
    answer = api.raw("POST", SIGN_IN, data={"access_key": key})
    assert answer.status_code == 422
    assert WRONG in answer.text
    assert SESSION not in answer.headers.get("Set-Cookie", "")


def test_a_carriers_key_sees_no_order(api: Api) -> None:
    answer = api.raw("POST", SIGN_IN, data={"access_key": api.access_key(scope="carrier")})
    assert answer.status_code == 422
    assert "may only report carrier updates" in answer.text


def test_trying_ends(api: Api) -> None:
    """Also at one moment; who has the right key is let in all the same."""

    async def burst() -> list[int]:
        tries = (
            api.http.post(SIGN_IN, data={"access_key": f"ds_1_{number:010}_x"})
            for number in range(MOST_FAILURES + 5)
        )
        return [answer.status_code for answer in await asyncio.gather(*tries)]

    answers = api.run(burst())
    assert (answers.count(422), answers.count(429)) == (MOST_FAILURES, 5)
    refused = api.raw("POST", SIGN_IN, data={"access_key": "x"})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    Visitor(api)


def test_a_session_ends_with_its_time(api: Api) -> None:
    visitor = Visitor(api)
    api.clock.now += (SESSION_SECONDS - 1) * SECOND
    assert visitor.get("/").status_code == 200
    api.clock.now += SECOND
    assert visitor.get("/").status_code == 303


def test_a_session_ends_with_its_key(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorstep.service.access.SECONDS_UNTIL_REVOKED", 0.0)
    key = api.access_key()
    visitor = Visitor(api, key)
    assert visitor.get("/").status_code == 200
    revoke(api, key)
    assert visitor.get("/").status_code == 303
    assert WRONG in api.raw("POST", SIGN_IN, data={"access_key": key}).text


def test_no_token_is_a_session_and_no_session_a_token(api: Api) -> None:
    token, visitor = api.token(), Visitor(api)
    assert location(api, "/", Cookie=f"{SESSION}={token}") == SIGN_IN
    as_token = {"Authorization": f"Bearer {visitor.session}"}
    assert api.raw("GET", "/v2/account", headers=as_token).status_code == 401


@pytest.mark.parametrize("session", ["", "x", "a.b.c", "\u00e9", "x" * 4000])
def test_a_forged_session_is_none(api: Api, session: str) -> None:
    assert location(api, "/", Cookie=f"{SESSION}={session}") == SIGN_IN
    head, body, signature = Visitor(api).session.split(".")
    swapped = "A" if signature[0] != "A" else "B"
    assert location(api, "/", Cookie=f"{SESSION}={head}.{body}.{swapped}{signature[1:]}")


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/dashboard/orders?state=shipped", "/dashboard/orders?state=shipped"),
        ("/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/dashboard/\\x", "/"),
        ("/dashboard/x\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("/order/x", "/"),
    ],
)
def test_signing_in_leads_on_to_pages_of_ours_alone(api: Api, wanted: str, led_to: str) -> None:
    fields = {"access_key": api.key, "next": wanted}
    assert api.raw("POST", SIGN_IN, data=fields).headers["Location"] == led_to


def test_signing_out_ends_it_here(api: Api) -> None:
    answer = Visitor(api).raw("POST", "/dashboard/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, SIGN_IN)
    assert f'{SESSION}="";' in answer.headers["Set-Cookie"]


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://["},
    ],
)
@pytest.mark.parametrize("path", [SIGN_IN, "/dashboard/sign-out"])
def test_a_form_of_another_site_is_refused(api: Api, said: dict[str, str], path: str) -> None:
    answer = Visitor(api).raw("POST", path, data={"access_key": api.key}, headers=said)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.change])
def test_each_form_needs_its_own_sessions_token(api: Api, path: str) -> None:
    visitor, other = Visitor(api), Visitor(api)
    path = path.replace("{order_number}", "1")
    other_token = api.services.access.form_token(other.session)
    for token in ({}, {"form_token": ""}, {"form_token": other_token}, {"form_token": "\u00e9"}):
        assert visitor.raw("POST", path, data=token).status_code == 403


@pytest.mark.parametrize("path", [page.path for page in PAGES if page.change])
def test_a_reading_key_changes_nothing(api: Api, path: str) -> None:
    visitor = Visitor(api, api.access_key(scope="read"))
    token = {"form_token": api.services.access.form_token(visitor.session)}
    assert visitor.raw("POST", path.replace("{order_number}", "1"), data=token).status_code == 403


def test_pages_keep_to_themselves(api: Api) -> None:
    for answer in (api.raw("GET", SIGN_IN), Visitor(api).get("/")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"


def test_it_speaks_the_browsers_language_as_far_as_it_can(api: Api) -> None:
    for tag, language in (
        ("de-AT,en;q=0.5", "de"),
        ("fr", "en"),
        ("pl,de;q=0.5", "de"),
        ("", "en"),
    ):
        page = api.raw("GET", SIGN_IN, headers={"Accept-Language": tag})
        assert f'<html lang="{language}">' in page.text
