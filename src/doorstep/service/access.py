"""Who may do what: access keys, the tokens they are exchanged for, and what a scope allows."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

import jwt
from msgspec import Struct

from doorstep.domain.order import SECOND, Instant
from doorstep.service.key_use import KeyUse
from doorstep.store import accounts as stored
from doorstep.store.accounts import AccessKey as AccessKey
from doorstep.store.database import Writer
from doorstep.store.store import Store

SCOPES = ("full", "carrier", "read")
TOKEN_SECONDS = 3600
SESSION_SECONDS = 12 * 3600
DASHBOARD = "dashboard"
"""The audience of a session: no session is a token of the API, no token a session."""

ALGORITHM = "HS256"
KEY_PREFIX = "ds"
SECRET_BYTES = 32
KEY_ID_BYTES = 5
SECONDS_UNTIL_REVOKED = 2.0
"""A revoked key's tokens stop at the latest after this (promised are five seconds)."""

MOST_TOKENS_KEPT = 10_000
SIGNING_SECRET = "signing_secret"


UNKNOWN_KEY = "Invalid credentials."
NO_DASHBOARD = "This key may only report carrier updates."
MAY_SEE = ("full", "read")
"""Scopes of keys that may see orders."""

NO_MORE: Mapping[str, str] = MappingProxyType({})


class AccessDenied(Exception):
    """The platform's own words for a refused token or key (API, section 3)."""


class Caller(Struct, frozen=True):
    """Whose token it is. `expires_at` in seconds since 1970."""

    account_id: int
    key_id: str
    scope: str
    expires_at: int


def hash_secret(secret: str) -> str:
    """Keys carry 256 random bits, so a plain SHA-256 cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_access_key(account_id: int, scope: str, now: Instant) -> tuple[AccessKey, str]:
    """A key that is nowhere yet, and its whole text: `ds_<account>_<key_id>_<secret>`."""
    key_id = secrets.token_hex(KEY_ID_BYTES)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    key = AccessKey(account_id, key_id, hash_secret(secret), scope, now, None)
    return key, f"{KEY_PREFIX}_{account_id}_{key_id}_{secret}"


async def create_access_key(
    store: Store, account_id: int, scope: str, now: Instant
) -> tuple[AccessKey, str]:
    """A new key and, this once, its whole text."""
    key, text = new_access_key(account_id, scope, now)
    await store.write(lambda connection: stored.insert_access_key(connection, key))
    return key, text


async def list_access_keys(store: Store, account_id: int) -> list[AccessKey]:
    """An account's keys, also those that were revoked, oldest first."""
    return await stored.load_access_keys_of(store.reader, account_id)


async def revoke_key(store: Store, account_id: int, key_id: str, now: Instant) -> Instant | None:
    """Since when the key is revoked, now if it was not; None where there is no such key."""
    key = await stored.load_access_key(store.reader, account_id, key_id)
    if key is None:
        return None
    if key.revoked_at is not None:
        return key.revoked_at
    await store.write(lambda c: stored.revoke_access_key(c, account_id, key_id, now))
    return now


async def signing_secret(store: Store, given: str | None) -> str:
    """The given secret, else the installation's own, which is made at the first start."""
    if given is not None:
        return given

    async def keep(connection: Writer) -> str:
        return await stored.installation_value(
            connection, SIGNING_SECRET, secrets.token_urlsafe(SECRET_BYTES)
        )

    return await store.write(keep)


class Access:
    """Issues and checks tokens. A small cache of checked ones saves most of the work."""

    def __init__(self, store: Store, secret: str) -> None:
        self._store = store
        self._secret = secret
        self._checked: OrderedDict[str, Caller] = OrderedDict()
        self._keys: dict[tuple[int, str], tuple[float, str | None]] = {}
        self.key_use = KeyUse(store)

    async def token_for(self, access_key: str, now: Instant) -> str:
        """A token for a key, valid 60 minutes. Raises AccessDenied for a wrong or revoked key."""
        return self._issue(await self._valid_key(access_key), now, TOKEN_SECONDS)

    async def session_for(self, access_key: str, now: Instant) -> str:
        """A session on the dashboard, valid 12 hours. Raises AccessDenied as `token_for` does, and
        for a carrier's key, which may see no order.
        """
        key = await self._valid_key(access_key)
        if key.scope not in MAY_SEE:
            raise AccessDenied(NO_DASHBOARD)
        return self._issue(key, now, SESSION_SECONDS, {"aud": DASHBOARD})

    async def _valid_key(self, access_key: str) -> AccessKey:
        key = await self._find(access_key)
        if key is None or key.revoked_at is not None:
            raise AccessDenied(UNKNOWN_KEY)
        return key

    def _issue(
        self, key: AccessKey, now: Instant, seconds: int, more: Mapping[str, str] = NO_MORE
    ) -> str:
        self.key_use.note(key, now)
        issued_at = now // SECOND
        claims = {
            **more,
            "iat": issued_at,
            "exp": issued_at + seconds,
            "account_id": key.account_id,
            "key_id": key.key_id,
            "scope": key.scope,
            # Two tokens of one second are two tokens.
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._secret, ALGORITHM)

    async def _find(self, access_key: str) -> AccessKey | None:
        parts = access_key.split("_", 3)
        if len(parts) != 4 or parts[0] != KEY_PREFIX or not access_key.isascii():
            return None
        _, account, key_id, secret = parts
        if not account.isdecimal() or len(account) > 15:
            return None
        key = await stored.load_access_key(self._store.reader, int(account), key_id)
        if key is None or not hmac.compare_digest(key.secret_hash, hash_secret(secret)):
            return None
        return key

    async def caller(self, token: str, now: Instant) -> Caller:
        """Whose token it is. Raises AccessDenied when it is forged, expired or its key revoked."""
        caller = self._checked.get(token)
        if caller is None:
            caller = self._check(token)
            self._checked[token] = caller
            if len(self._checked) > MOST_TOKENS_KEPT:
                self._checked.popitem(last=False)
        return await self._current(caller, now)

    async def session(self, session: str, now: Instant) -> Caller:
        """Who is signed in on the dashboard. Raises AccessDenied as `caller` does."""
        return await self._current(self._check(session, DASHBOARD), now)

    def form_token(self, session: str) -> str:
        """What a session's own forms carry, which no other page can know."""
        digest = hmac.digest(self._secret.encode(), b"form " + session.encode(), "sha256")
        return digest.hex()

    async def _current(self, caller: Caller, now: Instant) -> Caller:
        if now >= caller.expires_at * SECOND:
            raise AccessDenied("Expired JWT Token")
        kept = self._keys.get((caller.account_id, caller.key_id))
        if kept is None or kept[0] <= time.monotonic():
            kept = await self._look_up(caller.account_id, caller.key_id)
        if kept[1] != caller.scope:
            raise AccessDenied("Invalid JWT Token")
        return caller

    def _check(self, token: str, audience: str | None = None) -> Caller:
        try:
            # The expiry is held against our own clock, to the second and without leeway.
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                audience=audience,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp"]},
            )
            return Caller(
                int(claims["account_id"]),
                str(claims["key_id"]),
                str(claims["scope"]),
                int(claims["exp"]),
            )
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            raise AccessDenied("Invalid JWT Token") from None

    async def _look_up(self, account_id: int, key_id: str) -> tuple[float, str | None]:
        """Until when a key is not looked up again, and its scope, None once it was revoked."""
        key = await stored.load_access_key(self._store.reader, account_id, key_id)
        scope = key.scope if key is not None and key.revoked_at is None else None
        found = (time.monotonic() + SECONDS_UNTIL_REVOKED, scope)
        self._keys[account_id, key_id] = found
        return found
