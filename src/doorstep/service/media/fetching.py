"""Fetching a picture from an address that somebody else chose."""

import ssl
from collections.abc import Sequence
from functools import cached_property

import aiohttp

from doorstep import __version__
from doorstep.service.webhooks.guard import Network
from doorstep.service.webhooks.guarded import certificates, open_session
from doorstep.service.webhooks.urls import read_url

MOST_PICTURE_BYTES = 200_000
HEADERS = {
    "Accept": "image/webp, image/png, image/jpeg, image/gif",
    "User-Agent": f"doorstep/{__version__}",
    # A packed answer could be a thousand times as large.
    "Accept-Encoding": "identity",
}


class NotFetched(Exception):
    """Why there is no picture, in a few words; it names no address."""


class Fetcher:
    """Asks only addresses that the guard lets through, and follows no redirect.

    Made and closed inside a running event loop.
    """

    def __init__(self, seconds: float, allowed: Sequence[Network] = ()) -> None:
        self._session = open_session(seconds, allowed, HEADERS)

    async def close(self) -> None:
        await self._session.close()

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return certificates()

    async def fetch(self, url: str) -> bytes:
        """What lies there, MOST_PICTURE_BYTES at most. Raises NotFetched."""
        try:
            async with self._session.get(
                read_url(url), allow_redirects=False, ssl=self._certificates
            ) as response:
                if response.status != 200:
                    raise NotFetched(f"status {response.status}")
                return await _content(response)
        except ValueError:
            raise NotFetched("no usable URL") from None
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NotFetched(type(error).__name__) from error


async def _content(response: aiohttp.ClientResponse) -> bytes:
    read = bytearray()
    async for part in response.content.iter_any():
        read += part
        if len(read) > MOST_PICTURE_BYTES:
            response.close()
            raise NotFetched(f"more than {MOST_PICTURE_BYTES} bytes")
    return bytes(read)
