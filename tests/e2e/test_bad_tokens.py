"""Tokens that the server did not sign, or that no longer hold, at every route."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from doorstep.api.openapi.examples import PATH, REQUESTS
from doorstep.api.routes.route import Route
from doorstep.service.access import TOKEN_SECONDS
from tests.e2e.fields import ROUTES
from tests.e2e.refusals import ORDER
from tests.e2e.shop import SIGNING_SECRET, Shop

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
NOT_FOUND, INVALID, EXPIRED = "JWT Token not found", "Invalid JWT Token", "Expired JWT Token"


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims_of(shop: Shop) -> dict[str, Any]:
    text = shop.tokens["full"].split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=="))
    return found


def signed(claims: Any, algorithm: str = "HS256", secret: str = SIGNING_SECRET) -> str:
    """A token in the server's own form, whatever its claims; of another algorithm with its name."""
    text = f"{part({'typ': 'JWT', 'alg': algorithm})}.{part(claims)}"
    made = hmac.digest(secret.encode(), text.encode(), HASHES.get(algorithm, hashlib.sha256))
    signature = base64.urlsafe_b64encode(made).decode().rstrip("=")
    return f"{text}." if algorithm.lower() == "none" else f"{text}.{signature}"


def bad_headers(shop: Shop) -> list[tuple[str | None, str]]:
    """Each with what it is refused with."""
    claims, good = claims_of(shop), shop.tokens["full"]
    head, body, signature = good.split(".")
    old = {**claims, "iat": claims["iat"] - TOKEN_SECONDS, "exp": int(time.time())}
    stolen = [
        *(signed(claims, name) for name in ("none", "None", "HS384", "HS512", "RS256", "ES256")),
        signed(claims, secret="another secret, just as long as a hash is"),
        signed({**claims, "key_id": shop.revoked}),
        signed({**claims, "scope": "read"}),
        signed({**claims, "account_id": claims["account_id"] + 1}),
        signed({**claims, "account_id": "1e400"}),
        signed({name: value for name, value in claims.items() if name != "exp"}),
        *(signed(claims) for claims in ([], "x", None)),
        f"{head}.{part({**claims, 'scope': 'carrier'})}.{signature}",
        *(f"{head}.{body}.", f"{head}.{body}", f"{head}.{body}.{signature[:-2]}", f"{good}.x"),
        *("x", "..", "a.b.c", "e30.e30.e30", "x" * 10_000),
    ]
    return [
        *((None, NOT_FOUND), ("", NOT_FOUND), (good, NOT_FOUND), (f"Basic {good}", NOT_FOUND)),
        *((f"Bearer {token}", INVALID) for token in stolen),
        *((f"Bearer {signed(one)}", EXPIRED) for one in (old, {**old, "exp": 0})),
    ]


SECURED = [route for route in ROUTES if route.scopes is not None]


@pytest.mark.parametrize("route", SECURED, ids=[route.name for route in SECURED])
def test_no_bad_token_opens_a_route(shop: Shop, route: Route) -> None:
    body = REQUESTS[route.body.name] if route.body else None
    with shop.watched() as has_stored:
        for path in route.paths:
            for header, message in bad_headers(shop):
                request = shop.http.build_request(route.method, path.format(**PATH), json=body)
                del request.headers["Authorization"]
                if header is not None:
                    request.headers["Authorization"] = header
                answer = shop.http.send(request)
                assert answer.status_code == 401, (path, header, answer.text)
                assert answer.json() == {"code": 401, "message": message}, header
                assert answer.headers["www-authenticate"] == "Bearer"
        assert not has_stored(), "something was stored"


def test_the_tokens_made_here_are_those_of_the_server_but_for_what_is_bad(shop: Shop) -> None:
    """Else all of the above would be refused for one reason only; and what is stored is seen."""
    shop.http.headers["Authorization"] = f"Bearer {signed(claims_of(shop))}"
    with shop.watched() as has_stored:
        assert shop.http.get("/v2/account").status_code == 200
        assert not has_stored()
        assert shop.http.post("/v2/order", json=ORDER).status_code == 201
        assert has_stored()
