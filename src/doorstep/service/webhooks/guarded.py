"""Connections to addresses that somebody else chose: only to those that the guard lets through."""

import socket
import ssl
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import Any

import aiohttp
import certifi

from doorstep.service.webhooks.guard import Network, may_be_sent_to
from doorstep.service.webhooks.resolving import Resolver

MOST_HEADERS = 100
MOST_HEADER_BYTES = 8_190

CONNECT_SECONDS = 5.0
"""For each address of a name, within the time for all."""

NAMES_KEPT_SECONDS = 30
IDLE_SECONDS = 1.5
"""Shorter than any usual server keeps a silent connection, so that no request meets its end."""


class AddressNotAllowed(OSError):
    """The address is not public, and in no network that was named."""


def open_session(
    seconds: float, allowed: Sequence[Network], headers: Mapping[str, str]
) -> aiohttp.ClientSession:
    """Made and closed inside a running event loop; `seconds` bounds each request as a whole."""

    def open_socket(info: Any) -> socket.socket:
        """Called for every address right before connecting to it, the only place that knows it."""
        family, kind, protocol, _, address = info
        if not may_be_sent_to(ip_address(address[0]), allowed):
            raise AddressNotAllowed("the address is not allowed")
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=Resolver(),
        socket_factory=open_socket,
        ttl_dns_cache=NAMES_KEPT_SECONDS,
        keepalive_timeout=IDLE_SECONDS,
        # A limit for all could be used up by slow endpoints.
        limit=0,
    )
    return aiohttp.ClientSession(
        connector=connector,
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS),
        auto_decompress=False,
        trust_env=False,
        max_line_size=MOST_HEADER_BYTES,
        max_field_size=MOST_HEADER_BYTES,
        max_headers=MOST_HEADERS,
    )


def certificates() -> ssl.SSLContext:
    """The authorities of certifi, of the system, and of the file that SSL_CERT_FILE names."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_default_verify_paths()
    return context
