"""Sending one webhook: a signed request, and what came of it."""

import logging
import ssl
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import aiohttp
from msgspec import Struct

from doorstep import __version__
from doorstep.domain.order import SECOND, Instant
from doorstep.service.webhooks.guard import Network
from doorstep.service.webhooks.guarded import AddressNotAllowed, certificates, open_session
from doorstep.service.webhooks.retry_after import retry_after_seconds
from doorstep.service.webhooks.signing import sign
from doorstep.service.webhooks.urls import read_url, url_fault
from doorstep.store.webhooks import WebhookEndpoint, WebhookSecret

log = logging.getLogger(__name__)

MOST_ANSWER_BYTES = 64 * 1024
"""What an answer is read of; a longer one costs its connection."""

MOST_ANSWER_LENGTH = 1024
"""Characters of an answer that are kept."""

HEADERS = {
    "Content-Type": "application/cloudevents+json; charset=utf-8",
    "User-Agent": f"doorstep/{__version__}",
    # A packed answer could be a thousand times as large.
    "Accept-Encoding": "identity",
}


class Sent(Struct, frozen=True):
    """What came of one attempt.

    `error` is a stable word where there was no answer at all, None else; `answer` is the start of
    the answer's text. `retry_after_seconds`: as the answer asked, a day at most.
    """

    attempted_at: Instant
    milliseconds: int
    http_status: int | None = None
    answer: str | None = None
    error: str | None = None
    retry_after_seconds: int | None = None

    @property
    def is_delivered(self) -> bool:
        return self.http_status is not None and 200 <= self.http_status < 300


class Sender:
    """Sends webhooks to addresses that the guard lets through, and follows no redirect.

    It bounds the time of each, not how many are sent at once: that is for whoever knows which of
    them belong to the same endpoint. Made and closed inside a running event loop.
    """

    def __init__(
        self, clock: Callable[[], Instant], seconds: float, allowed: Sequence[Network] = ()
    ) -> None:
        self._clock = clock
        self._allowed = allowed
        self._session = open_session(seconds, allowed, HEADERS)

    async def close(self) -> None:
        await self._session.close()

    def url_fault(self, url: str) -> str | None:
        """Why nothing could be sent to a URL, as far as it shows without asking for a name."""
        return url_fault(url, self._allowed)

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        # Read when first needed, as it takes longer than opening all the rest.
        return certificates()

    async def send(
        self,
        endpoint: WebhookEndpoint,
        secrets: Sequence[WebhookSecret],
        webhook_id: str,
        body: bytes,
    ) -> Sent:
        """One attempt, signed with each of the secrets. Raises nothing, whatever goes wrong.

        An attempt that came to nothing is one that failed: it is counted, and tried again later.
        """
        attempted_at = self._clock()
        try:
            return await self._attempt(endpoint, secrets, webhook_id, body, attempted_at)
        except Exception:
            log.exception("a webhook could not be sent", extra={"webhook_id": webhook_id})
            return Sent(attempted_at, 0, error="not_sent")

    async def _attempt(
        self,
        endpoint: WebhookEndpoint,
        secrets: Sequence[WebhookSecret],
        webhook_id: str,
        body: bytes,
        attempted_at: Instant,
    ) -> Sent:
        seconds = attempted_at // SECOND
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(seconds),
            "webhook-signature": sign((s.secret for s in secrets), webhook_id, seconds, body),
        }
        began = time.perf_counter()

        def sent(**what: Any) -> Sent:
            return Sent(attempted_at, round((time.perf_counter() - began) * 1000), **what)

        try:
            url = read_url(endpoint.url)
        except ValueError:
            return sent(error="url_not_usable")
        try:
            async with self._session.post(
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                ssl=self._certificates,
            ) as response:
                answer = await _start_of(response)
                wait = retry_after_seconds(response.headers.get("Retry-After"), self._clock())
                return sent(http_status=response.status, answer=answer, retry_after_seconds=wait)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            return sent(error=_word_for(error))


async def _start_of(response: aiohttp.ClientResponse) -> str | None:
    """Reads an answer as far as it is read; what breaks off counts as far as it came."""
    read = bytearray()
    try:
        async for part in response.content.iter_any():
            read += part
            if len(read) > MOST_ANSWER_BYTES:
                response.close()
                break
    except (aiohttp.ClientError, OSError, TimeoutError):
        response.close()
    text = bytes(read[: 4 * MOST_ANSWER_LENGTH]).decode(errors="replace")
    # PostgreSQL keeps no NUL.
    return text[:MOST_ANSWER_LENGTH].replace("\0", "\ufffd") or None


def _word_for(error: Exception) -> str:
    """What went wrong, in one word that does not change."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    match error:
        case _ if isinstance(cause, AddressNotAllowed):
            return "address_not_allowed"
        case aiohttp.ClientConnectorDNSError():
            return "name_not_found"
        case aiohttp.ClientConnectorCertificateError():
            return "certificate_refused"
        case aiohttp.ClientSSLError():
            return "tls_failed"
        case TimeoutError():
            return "timed_out"
        case aiohttp.ClientConnectorError():
            return "not_connected"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "url_not_usable"
        case aiohttp.ClientResponseError():
            return "answer_not_http"
    return "connection_lost"
