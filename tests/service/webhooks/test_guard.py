"""The address guard, as a table, and against a server that nobody may reach."""

import socket
from ipaddress import ip_address, ip_network

import pytest

from doorstep.service.webhooks import guarded, sending
from doorstep.service.webhooks.guard import may_be_sent_to, read_networks
from tests.service.webhooks.names import resolve_to
from tests.service.webhooks.receiver import Answer, Receiver
from tests.service.webhooks.test_sending import BODY, endpoint, secret, send, with_sender

PUBLIC = (
    *("1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
    *("172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0"),
    *("223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:82a::200e"),
    # What they lead to is public.
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
)

NOT_PUBLIC = {
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "loopback": ("127.0.0.1", "127.0.0.53", "127.255.255.255", "::1"),
    "private": ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fdff::1"),
    "link-local": ("169.254.0.1", "fe80::1", "febf::1", "fe80::1%eth0", "fec0::1"),
    "shared": ("100.64.0.1", "100.127.255.255"),
    "metadata": (
        *("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "100.100.100.200"),
        *("192.0.0.192", "168.63.129.16", "fd20:ce::254"),
    ),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"),
    "reserved": ("240.0.0.1", "255.255.255.255", "192.88.99.1", "198.18.0.1", "4000::1", "5f00::1"),
    "documentation": ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"),
    "IPv4-mapped": ("::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe"),
    "IPv4-compatible": ("::127.0.0.1", "::7f00:1", "::8.8.8.8"),
    "IPv4-translated": ("::ffff:0:127.0.0.1",),
    "6to4": ("2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:808:808::1"),
    "Teredo": ("2001:0:7f00:1::", "2001:0:808:808:0:0:80ff:fffe"),
    "NAT64": ("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8"),
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert may_be_sent_to(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(each, id=f"{kind} {each}")
        for kind, addresses in NOT_PUBLIC.items()
        for each in addresses
    ],
)
def test_all_others(address: str) -> None:
    assert not may_be_sent_to(ip_address(address), ())


@pytest.mark.parametrize(
    ("address", "networks", "allowed"),
    [
        ("127.0.0.1", "127.0.0.0/8", True),
        ("::ffff:127.0.0.1", "127.0.0.0/8", True),
        ("64:ff9b::127.0.0.1", "127.0.0.0/8", True),
        ("2002:7f00:1::", "127.0.0.0/8", False),
        ("::127.0.0.1", "127.0.0.0/8", False),
        ("10.1.2.3", "127.0.0.0/8, 10.1.0.0/16", True),
        ("10.2.0.1", "127.0.0.0/8, 10.1.0.0/16", False),
        ("169.254.169.254", "10.0.0.0/8", False),
        ("::1", "127.0.0.0/8", False),
        ("::1", "::1/128", True),
        ("::ffff:10.0.0.1", "::ffff:0:0/96", True),
        ("fd12::1", "fd00::/8", True),
        ("8.8.8.8", "10.0.0.0/8", True),
    ],
)
def test_named_networks(address: str, networks: str, allowed: bool) -> None:
    assert may_be_sent_to(ip_address(address), read_networks(networks)) is allowed


LOOPBACK_IN_DISGUISE = (
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "017700000001", "0x7f000001", "0x7F.1"),
    *("0177.0.0.1", "0x7f.0.0.1", "127.0.0.1.", "0", "0.0.0.0", "①②⑦.⓪.⓪.①", "127。0。0。1"),
    *("localhost", "LOCALHOST", "localhost.", "localhost..", "ip6-localhost"),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"),
    *("[fe80::1%25lo]", "127%2e0.0.1", "%31%32%37.0.0.1"),
)  # fmt: skip


@pytest.mark.parametrize("host", LOOPBACK_IN_DISGUISE)
def test_no_spelling_of_loopback_is_connected_to(host: str) -> None:
    with Receiver() as receiver:
        sent = send(f"http://{host}:{receiver.port}/", allowed=())
    assert receiver.connections == 0
    assert not sent.is_delivered
    assert sent.error in ("address_not_allowed", "url_not_usable", "name_not_found")


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200"])
def test_metadata_stays_closed_where_loopback_is_opened(host: str) -> None:
    assert send(f"http://{host}/latest/meta-data/").error == "address_not_allowed"


def test_a_redirect_is_not_followed() -> None:
    with Receiver() as inner:
        target = (("Location", f"http://127.0.0.1:{inner.port}/secret"),)
        for status in (301, 302, 303, 307, 308):
            with Receiver(lambda received, s=status: Answer(s, headers=target)) as outer:
                sent = send(outer.url)
            assert (sent.http_status, sent.is_delivered, sent.error) == (status, False, None)
    assert inner.connections == 0


def test_a_name_that_leads_elsewhere_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address that is checked is the one that is connected to: a name is asked for once."""
    monkeypatch.setattr(guarded, "NAMES_KEPT_SECONDS", 0)
    monkeypatch.setattr(guarded, "IDLE_SECONDS", 0)
    asked = resolve_to(monkeypatch, ["127.0.0.1"], ["127.0.0.2"], ["127.0.0.1"])
    with Receiver() as receiver, socket.create_server(("127.0.0.2", receiver.port)) as inner:
        inner.setblocking(False)

        async def work(sender: sending.Sender) -> list[sending.Sent]:
            url = f"http://rebinding.example:{receiver.port}/"
            return [await sender.send(endpoint(url), [secret()], "evt_1_7", BODY) for _ in range(3)]

        first, second, third = with_sender(work, allowed=[ip_network("127.0.0.1/32")])
        with pytest.raises(BlockingIOError):
            inner.accept()
    assert (first.http_status, second.error, third.http_status) == (204, "address_not_allowed", 204)
    assert len(asked) == 3
    assert len(receiver.received) == 2


def test_of_a_name_with_many_addresses_only_allowed_ones_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolve_to(monkeypatch, ["127.0.0.2", "::1", "10.0.0.1", "127.0.0.1"])
    with Receiver() as receiver:
        url = f"http://many.example:{receiver.port}/"
        assert send(url, allowed=[ip_network("127.0.0.1/32")]).http_status == 204
        assert send(url, allowed=[]).error == "address_not_allowed"
    assert receiver.connections == 1
