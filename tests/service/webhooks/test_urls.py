"""The URLs that an endpoint may have."""

from ipaddress import ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from doorstep.service.webhooks.urls import NOT_HTTP, read_url, url_fault
from tests.service.webhooks.test_sending import send


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/webhooks",
        "http://shop.example:8080",
        "HTTPS://Shop.Example./a%20b?c=d&e=%2F",
        "https://my_shop.example/",
        "https://xn--mbel-5qa.example/",
        "https://8.8.8.8/",
        "https://[2606:4700:4700::1111]:8443/x",
        "https://user.example/a@b:c",
        "https://shop/",
        "https://10.example/",
    ],
)
def test_what_is_taken(url: str) -> None:
    assert url_fault(url, ()) is None


ASCII = "must be in ASCII without spaces; a name beyond ASCII begins with xn--."
HOST = "must name a host."


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("shop.example/webhooks", NOT_HTTP),
        ("//shop.example/webhooks", NOT_HTTP),
        ("ftp://shop.example/", NOT_HTTP),
        ("file:///etc/passwd", NOT_HTTP),
        ("javascript:alert(1)", NOT_HTTP),
        ("http://", NOT_HTTP),
        ("http:///path", NOT_HTTP),
        ("http:shop.example", NOT_HTTP),
        ("http://[::1", NOT_HTTP),
        ("http://[shop.example]/", NOT_HTTP),
        ("http://shop.example:65536/", NOT_HTTP),
        ("http://shop.example:x/", NOT_HTTP),
        ("http://shop.example:0/", "must have a port from 1 to 65535, or none."),
        ("http://user@shop.example/", "must not hold a user or a password."),
        ("http://:secret@shop.example/", "must not hold a user or a password."),
        ("http://user:secret@shop.example/", "must not hold a user or a password."),
        ("http://shop.example/#part", "must not hold a fragment (#)."),
        ("http://shop.example/#", "must not hold a fragment (#)."),
        ("http://möbel.example/", ASCII),
        ("http://①②⑦.0.0.1/", ASCII),
        ("http://shop.example/a b", ASCII),
        ("http://shop.example/\r\nHost: x", ASCII),
        ("http://127.0.0.1\\@shop.example/", ASCII),
        ("http://./", HOST),
        ("http://shop..example/", HOST),
        ("http://" + "a" * 64 + ".example/", HOST),
        ("http://" + "a." * 130 + "example/", HOST),
        ("http://shop!.example/", HOST),
        ("http://[::g]/", HOST),
        ("http://[fe80::1%25eth0]/", HOST),
    ],
)
def test_what_is_not_taken(url: str, fault: str) -> None:
    assert url_fault(url, ()) == fault


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("169.254.169.254", "169.254.169.254"),
        ("[::1]", "::1"),
        ("[::ffff:10.0.0.1]", "::ffff:a00:1"),
        ("[fd00:ec2::254]", "fd00:ec2::254"),
    ],
)
def test_an_address_shows_without_asking(host: str, address: str) -> None:
    fault = f"leads to {address}, which is neither a public address nor in an allowed network."
    assert url_fault(f"http://{host}:8080/", ()) == fault


def test_an_allowed_address_is_given_in_full() -> None:
    loopback = [ip_network("127.0.0.0/8")]
    assert url_fault("http://127.0.0.1/", loopback) is None
    assert url_fault("http://127.1/", loopback) == "must give the address in full: 127.0.0.1."
    assert url_fault("http://134744072/", ()) == "must give the address in full: 8.8.8.8."


urls = st.one_of(
    st.text(max_size=40),
    st.builds(
        "{}:{}{}".format,
        st.sampled_from(["http", "https", "HTTP"]),
        st.sampled_from(["//", "//[", "/", "//@", "//127.0.0.1:"]),
        st.text(st.sampled_from("abz019.:-_[]%25@/?#\\ \0äx"), max_size=20),
    ),
)


@given(urls)
@example("http://[::ffff:1.2.3.4%25]/")
@example("http://[v1.a]/")
def test_any_text_is_a_url_or_has_a_fault(text: str) -> None:
    """And to what is none nothing is sent, without raising anything."""
    fault = url_fault(text, ())
    assert fault is None or fault.endswith(".")
    try:
        read_url(text)
    except ValueError:
        assert fault is not None
        assert send(text).error == "url_not_usable"
