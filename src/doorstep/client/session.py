"""Calls become answers: the token, the tries, the reading."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Final, Generic, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Meta, Struct

from doorstep.client.answers import Created
from doorstep.client.calls import Call, post
from doorstep.client.errors import ConnectionFailed, UnexpectedAnswer, refusal
from doorstep.client.retries import Attempts, Retries
from doorstep.client.tokens import Tokens
from doorstep.client.wires import Wire

T = TypeVar("T")

TOKEN_REFUSALS: Final = frozenset({"Expired JWT Token", "Invalid JWT Token"})

MOST_WAIT_SECONDS: Final = 60
"""What doorstep waits at most for the next event."""


class _TokenAnswer(Struct):
    # What no header can hold would be repeated in the error of the HTTP library.
    token: Annotated[str, Meta(pattern=r"^[\x21-\x7E]+\Z")]


class Session:
    def __init__(
        self, wire: Wire, base_url: str, access_key: str, timeout_seconds: float, retries: Retries
    ) -> None:
        self._wire = wire
        self._root = _root(base_url)
        self._access_key = access_key
        self._timeout_seconds = timeout_seconds
        self.wait_seconds = max(1, min(MOST_WAIT_SECONDS, int(timeout_seconds // 2)))
        self._retries = retries
        self._tokens = Tokens(self._fetch_token, wire.renewal)

    async def perform(self, call: Call[T]) -> T:
        return _read(call, await self.send(call))

    async def send(self, call: Call[T]) -> httpx.Response:
        """The successful answer; every other is raised."""
        headers = {"Idempotency-Key": str(uuid.uuid4())} if call.method == "POST" else {}
        attempts = Attempts(self._retries, self._timeout_seconds)
        token = await self._tokens.current()
        response = await self._attempt(call, attempts, headers | _bearer(token))
        if response.status_code == 401 and refusal(response).detail in TOKEN_REFUSALS:
            token = await self._tokens.current(refused=token)
            response = await self._attempt(call, attempts, headers | _bearer(token))
        if call.method == "DELETE" and response.status_code == 404 and attempts.answer_lost:
            # The first try did delete it; only its answer never arrived.
            return httpx.Response(204)
        if not response.is_success:
            raise refusal(response)
        return response

    async def close(self) -> None:
        await self._wire.close()

    async def _fetch_token(self) -> str:
        # Without an Idempotency-Key: any number of tokens may exist, none should be stored.
        call = post(_TokenAnswer, "token", body={"access_key": self._access_key})
        attempts = Attempts(self._retries, self._timeout_seconds)
        response = await self._attempt(call, attempts, {})
        if not response.is_success:
            raise refusal(response)
        return _read(call, response).token

    async def _attempt(
        self, call: Call[T], attempts: Attempts, headers: dict[str, str]
    ) -> httpx.Response:
        url = f"{self._root}{call.path}?{call.query}" if call.query else self._root + call.path
        headers = {"Accept": "application/json", "User-Agent": "doorstep-python"} | headers
        if call.content is not None:
            headers["Content-Type"] = "application/json"
        while True:
            timeout = httpx.Timeout(attempts.timeout_seconds()).as_dict()
            request = httpx.Request(
                call.method,
                url,
                headers=headers,
                content=call.content,
                extensions={"timeout": timeout},
            )
            try:
                response = await self._wire.send(request)
            except httpx.RequestError as failure:
                pause = attempts.pause_after_failure(failure)
                if pause is None:
                    reason = f"{type(failure).__name__} {failure}".strip()
                    raise ConnectionFailed(f"{call.method} {call.path}: {reason}") from failure
            else:
                pause = attempts.pause_after_answer(response)
                if pause is None:
                    return response
            await self._wire.pause(pause)


class Pages(Generic[T]):
    """All of a listing, fetched page by page as it is iterated.

    An empty page that leads to itself is the last, but for an `endless` listing.
    """

    def __init__(self, session: Session, first: Call[list[T]], *, endless: bool = False) -> None:
        self._session = session
        self._next: Call[list[T]] | None = first
        self._endless = endless

    async def next_page(self) -> list[T] | None:
        """None after the last."""
        if self._next is None:
            return None
        sent = self._next
        response = await self._session.send(sent)
        page = _read(sent, response)
        following = response.links.get("next", {}).get("url")
        # Only its query is taken: the server may know itself by another address than we do, and
        # the token goes to no address but ours.
        self._next = replace(sent, query=urlsplit(following).query) if following else None
        if not page and self._next == sent and not self._endless:
            self._next = None
        return page

    async def __aiter__(self) -> AsyncIterator[T]:
        while (page := await self.next_page()) is not None:
            for each in page:
                yield each


def _read(call: Call[T], response: httpx.Response) -> T:
    try:
        answer = msgspec.json.decode(response.content or b"null", type=call.answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as failure:
        raise UnexpectedAnswer(f"{call.method} {call.path}: {failure}") from failure
    if isinstance(answer, Created) and call.method == "POST":
        # A carrier update that is known already says so by 200 instead of 201.
        known = response.status_code == 200
        replayed = known or response.headers.get("Idempotent-Replayed") == "true"
        return msgspec.structs.replace(answer, replayed=replayed)
    return answer


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _root(base_url: str) -> str:
    """The address before /v2, which `base_url` may end with or not."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("base_url must begin with http:// or https:// and name a host")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("base_url must hold no user name, query or fragment")
    return base_url.rstrip("/").removesuffix("/v2").rstrip("/")
