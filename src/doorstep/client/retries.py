"""When a call is tried again. Every call may be: doorstep gives each a key that tells it apart."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Final

import httpx

from doorstep.client.errors import retry_after_seconds

# 502 and 504 are a gateway's words for a server that was just being restarted.
PASSING_STATUSES: Final = frozenset({429, 502, 503, 504})
PASSING_FAILURES: Final = (
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.RemoteProtocolError,
    httpx.ProxyError,
)
# These say that the request never left; after any other failure the answer may have been lost.
NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, slots=True)
class Retries:
    """The bounds of one call with all its tries. A `Retry-After` beyond them ends it at once.
    Fetching a token, where that is needed, is a call of its own."""

    attempts: int = 5
    within_seconds: float = 60.0
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 10.0


class Attempts:
    """The tries of one call: how long each may take, and how long to pause after it."""

    def __init__(self, retries: Retries, timeout_seconds: float) -> None:
        self._retries = retries
        self._timeout_seconds = timeout_seconds
        self._deadline = time.monotonic() + retries.within_seconds
        self._made = 0
        self.answer_lost = False

    def timeout_seconds(self) -> float:
        left = self._deadline - time.monotonic()
        # A pause may outlast what was left by a moment, and httpx takes no negative time.
        return max(0.001, min(self._timeout_seconds, left))

    def pause_after_failure(self, failure: httpx.RequestError) -> float | None:
        """None: give up."""
        self.answer_lost |= not isinstance(failure, NEVER_SENT)
        return self._pause() if isinstance(failure, PASSING_FAILURES) else None

    def pause_after_answer(self, response: httpx.Response) -> float | None:
        """None: this answer is the last word."""
        if response.status_code not in PASSING_STATUSES:
            return None
        # A gateway speaks so also of requests that the server behind it did carry out.
        self.answer_lost |= response.status_code != 429
        return self._pause(retry_after_seconds(response))

    def _pause(self, asked_seconds: float | None = None) -> float | None:
        self._made += 1
        if self._made >= self._retries.attempts:
            return None
        first = self._retries.first_pause_seconds
        longest = min(self._retries.longest_pause_seconds, first * 2 ** (self._made - 1))
        # Clients that failed together shall not come back together.
        pause = random.uniform(longest / 2, longest)
        if asked_seconds is not None:
            pause = max(pause, asked_seconds + random.uniform(0, first))
        return pause if time.monotonic() + pause < self._deadline else None
