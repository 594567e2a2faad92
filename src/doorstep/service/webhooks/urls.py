"""The URLs that webhooks are sent to."""

import re
import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

from yarl import URL

from doorstep.service.webhooks.guard import Address, Network, may_be_sent_to

PRINTABLE = re.compile(r"[!-\[\]-~]+")
"""ASCII without spaces, and without the backslash that programs read in different ways."""

HOST_NAME = re.compile(r"(?=.{1,253}\.?$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
NOT_HTTP = "must be an http or https URL such as https://shop.example/webhooks."


def read_url(text: str) -> URL:
    """The URL as it is sent to. ValueError, with a sentence for the user, for what cannot be."""
    if not text:
        raise ValueError(NOT_HTTP)
    if not PRINTABLE.fullmatch(text):
        raise ValueError("must be in ASCII without spaces; a name beyond ASCII begins with xn--.")
    try:
        url = URL(text)
        port = url.explicit_port
    except ValueError:
        raise ValueError(NOT_HTTP) from None
    host = url.raw_host
    if url.scheme not in ("http", "https") or not host:
        raise ValueError(NOT_HTTP)
    if url.raw_user is not None or url.raw_password is not None:
        raise ValueError("must not hold a user or a password.")
    if "#" in text:
        raise ValueError("must not hold a fragment (#).")
    if port == 0:
        raise ValueError("must have a port from 1 to 65535, or none.")
    if not (_is_ipv6(host) if ":" in host else HOST_NAME.fullmatch(host)):
        raise ValueError("must name a host.")
    return url


def _is_ipv6(host: str) -> bool:
    """Without a zone: that would be an interface of this machine."""
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def url_fault(text: str, allowed: Sequence[Network]) -> str | None:
    """Why webhooks cannot go there, as far as it shows without asking for the name's address."""
    try:
        host = read_url(text).raw_host or ""
    except ValueError as error:
        return str(error)
    address = _address_in(host)
    if address is None:
        return None
    if not may_be_sent_to(address, allowed):
        return f"leads to {address}, which is neither a public address nor in an allowed network."
    if isinstance(address, IPv4Address) and host != str(address):
        return f"must give the address in full: {address}."
    return None


def _address_in(host: str) -> Address | None:
    """The address that a host is, in any way of writing that the system takes for one."""
    if ":" in host:
        return IPv6Address(host)
    try:
        return IPv4Address(socket.inet_aton(host.rstrip(".")))
    except OSError:
        return None
