"""Which addresses webhooks may go to: public ones, and those of networks that were named."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
GLOBAL_UNICAST = IPv6Network("2000::/3")

NOT_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "192.0.0.0/24",
        "192.88.99.0/24",
        # Reached from inside a cloud's machines only, and tells and sets what concerns them.
        "168.63.129.16/32",
        # Tunnels, which end at whatever IPv4 address is written in the address.
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
)
"""Refused beside what `ipaddress` knows not to be public: its older versions know less."""


def read_networks(text: str | None) -> tuple[Network, ...]:
    """Networks separated by commas; ValueError for what is none."""
    return tuple(ip_network(each.strip()) for each in text.split(",")) if text else ()


def may_be_sent_to(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether the address is public or in an allowed network."""
    meant = _meant(address)
    return any(each in network for network in allowed for each in (address, meant)) or _is_public(
        meant
    )


def _meant(address: Address) -> Address:
    """The IPv4 address that connecting to an IPv6 address leads to, where it does."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return IPv4Address(address.packed[-4:])
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    if any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
