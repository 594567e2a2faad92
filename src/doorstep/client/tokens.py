"""The bearer token: fetched when first needed, kept, renewed by one for all."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final

from doorstep.client.errors import DoorstepError

VALID_SECONDS: Final = 60 * 60
# Enough for a slow request to arrive while its token is still valid.
RENEWED_BEFORE_SECONDS: Final = 2 * 60


@dataclass(frozen=True, slots=True)
class Token:
    text: str = field(repr=False)
    renew_at: float


class Tokens:
    def __init__(
        self,
        fetch: Callable[[], Awaitable[str]],
        renewal: AbstractAsyncContextManager[Any],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._renewal = renewal
        self._clock = clock
        self._renewals = 0
        self._latest: Token | DoorstepError | None = None

    async def current(self, refused: str | None = None) -> str:
        """A token to use now; never the one that the server `refused`."""
        renewals, latest = self._renewals, self._latest
        if isinstance(latest, Token) and self._serves(latest, refused):
            return latest.text
        async with self._renewal:
            # Who waited here takes what the one before brought, its failure too: else a server
            # that is down would be asked by all of them, one patient caller after the other.
            if self._renewals == renewals:
                await self._renew()
            if isinstance(self._latest, Token):
                return self._latest.text
            assert self._latest is not None
            raise self._latest

    def _serves(self, token: Token, refused: str | None) -> bool:
        return token.text != refused and self._clock() < token.renew_at

    async def _renew(self) -> None:
        asked_at = self._clock()
        try:
            text = await self._fetch()
        except DoorstepError as failure:
            self._latest = failure
        else:
            self._latest = Token(text, asked_at + VALID_SECONDS - RENEWED_BEFORE_SECONDS)
        self._renewals += 1
