"""What a mail says: all that comes from outside is text, whatever it holds."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from doorstep.domain.carriers import Carrier, carriers_of
from doorstep.domain.order import Order
from doorstep.service.accounts import MAIL_EVENTS, Account, AccountView
from doorstep.service.languages import LANGUAGES
from doorstep.service.mails.content import Content, content
from doorstep.service.mails.message import (
    UnusableAddress,
    mail_of,
    usable_address,
    usual_address,
)
from doorstep.service.mails.sample import sample_order, sample_subject
from tests.conftest import START

PUBLIC_URL = "https://orders.example.com"
ACCOUNT = Account(1, "Shop & Söhne", "shop", "Europe/Vienna", "de", None, START)
NASTY = '<script>alert("x")</script>\r\nBcc: evil@example.com\u202e%(order_id)s{{ 7 * 7 }}'


def view(**changes: object) -> AccountView:
    account = replace(ACCOUNT, **changes)
    return AccountView(account, ZoneInfo(account.time_zone), {}, carriers_of([]))


def shown(kind: str, language: str | None = None, **changes: object) -> Content:
    order = replace(sample_order(kind, language, START), **changes)
    return content(sample_subject(kind), order, view(), PUBLIC_URL)


def sent(said: Content, recipient: str = "anna@example.com") -> EmailMessage:
    mail = mail_of(
        said,
        sender="shop@example.com",
        recipient=recipient,
        message_id="<1@example.com>",
        created_at=START,
    )
    read = message_from_bytes(mail.message, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


class Elements(HTMLParser):
    """The elements of a page and what they point to; all must be closed but for void ones."""

    VOID = ("meta", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MAIL_EVENTS)
def test_every_kind_is_whole_in_every_language(kind: str, language: str) -> None:
    said = shown(kind, language)
    page = Elements(said.html)
    assert f'<html lang="{language}">' in said.html
    assert page.links[-1] == f"{PUBLIC_URL}/order/this-is-a-sample"
    assert all(link.startswith("https://") for link in page.links)
    assert page.links[-1] in said.text
    for text in (said.subject, said.html, said.text):
        assert "%(" not in text
        assert "2024-1001" in text
    assert "Shop &amp; Söhne" in said.html
    assert "Shop & Söhne" in said.text
    assert ("DHL" in said.text) == (kind not in ("paid", "in_production", "in_preparation"))


def test_dates_are_those_of_the_shop_s_time_zone() -> None:
    promised = 1_800_054_000_000_000  # 2027-01-15T23:00:00Z, in Vienna the next day
    assert "Samstag, 16. Januar 2027" in shown("shipped", promised_delivery_date=promised).text
    assert "Zugesagte" not in shown("shipped", promised_delivery_date=None).text
    assert "Zugesagte" not in shown("delivered", promised_delivery_date=promised).text


def test_what_comes_from_outside_is_text() -> None:
    order = sample_order("shipped", "de", START)
    parcel = replace(order.shipments[0], carrier_name=NASTY, tracking_code=NASTY)
    order = replace(order, order_id=NASTY, shipments=(parcel,))
    said = content(sample_subject("shipped"), order, view(name=NASTY), PUBLIC_URL)
    assert "script" not in Elements(said.html).names
    assert "&lt;script&gt;" in said.html
    assert "{{ 7 * 7 }}" in said.text
    for text in (said.html, said.text, said.subject):
        assert "\u202e" not in text
        assert "\nBcc:" not in text
    read = sent(said)
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["From"].addresses] == ["shop@example.com"]


@pytest.mark.parametrize("url", ["javascript:alert(1)//{tracking_code}", "data:{tracking_code}"])
def test_only_web_addresses_become_links(url: str) -> None:
    own = Carrier("dhl", "DHL", ("AT",), url)
    its_view = AccountView(ACCOUNT, ZoneInfo("UTC"), {}, carriers_of([own]))
    order = sample_order("shipped", None, START)
    said = content(sample_subject("shipped"), order, its_view, PUBLIC_URL)
    assert len(Elements(said.html).links) == 1
    assert order.shipments[0].tracking_code in said.text  # type: ignore[operator]


def test_a_mail_about_a_parcel_names_only_that_one() -> None:
    order: Order = sample_order("out_for_delivery", None, START)
    other = replace(order.shipments[0], shipment_number=7, tracking_code="OTHER")
    returned = replace(other, shipment_number=8, tracking_code="RETURN", return_parcel=True)
    order = replace(order, shipments=(*order.shipments, other, returned))
    one = content(sample_subject("out_for_delivery"), order, view(), PUBLIC_URL).text
    all_of_them = content(sample_subject("shipped"), order, view(), PUBLIC_URL).text
    assert "OTHER" not in one
    assert "OTHER" in all_of_them
    assert "RETURN" not in one + all_of_them


@given(name=st.text(min_size=1, max_size=300), order_id=st.text(min_size=1, max_size=255))
def test_no_name_makes_a_header_of_its_own(name: str, order_id: str) -> None:
    order = replace(sample_order("paid", "fr", START), order_id=order_id)
    plain = {key.lower() for key in sent(shown("paid"))}
    read = sent(content(sample_subject("paid"), order, view(name=name), PUBLIC_URL))
    assert {key.lower() for key in read} == plain
    (sender,) = read["From"].addresses
    assert sender.addr_spec == "shop@example.com"
    assert read["To"] == "anna@example.com"
    Elements(read.get_body(("html",)).get_content())  # type: ignore[union-attr]


def test_every_line_is_ascii_and_short() -> None:
    mail = mail_of(
        shown("delayed", "pl"),
        sender="shop@example.com",
        recipient="anna@example.com",
        message_id="<1@example.com>",
        created_at=START,
    )
    assert mail.message.isascii()
    assert max(len(line) for line in mail.message.split(b"\r\n")) <= 78


@pytest.mark.parametrize(
    ("given_address", "used"),
    [
        ("anna@example.com", "anna@example.com"),
        (" anna.b+c@mail.example.co.uk ", "anna.b+c@mail.example.co.uk"),
        ("anna@exämple.com", "anna@xn--exmple-cua.com"),
        ("o'neill@localhost", "o'neill@localhost"),
    ],
)
def test_an_address_is_taken(given_address: str, used: str) -> None:
    assert usable_address(given_address) == used
    assert sent(shown("paid"), given_address)["To"] == used


@pytest.mark.parametrize(
    "given_address",
    [
        *("", "anna", "@example.com", "anna@", "anna@@example.com", "a b@example.com"),
        *("a@example.com,b@example.com", "a@example.com b@example.com", "<a@example.com>"),
        *("Anna <a@example.com>", '"a"@example.com', "a..b@example.com", ".a@example.com"),
        *("a@example..com", "a@-example.com", "ännä@example.com", "a@exam\nple.com"),
        *("a@[127.0.0.1]", "a\x00@example.com", "a@" + "x" * 255),
        *("x" * 65 + "@example.com", "a@" + ("x" * 60 + ".") * 5 + "com"),
    ],
)
def test_an_address_is_not_taken(given_address: str) -> None:
    with pytest.raises(UnusableAddress) as raised:
        usable_address(given_address)
    assert str(raised.value) == ""


@pytest.mark.parametrize(
    ("base_url", "address"),
    [
        ("https://orders.example.com", "doorstep@orders.example.com"),
        ("http://127.0.0.1:8080", "doorstep@[127.0.0.1]"),
        ("http://[::1]:8080", "doorstep@[IPv6:::1]"),
    ],
)
def test_without_a_sender_it_is_doorstep(base_url: str, address: str) -> None:
    assert usual_address(base_url) == address
