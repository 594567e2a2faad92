"""A mail as it goes to the mail server."""

import re
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.promise import EPOCH
from doorstep.service.mails.content import Content

POLICY = SMTP.clone(cte_type="7bit")
"""Bytes that every mail server takes, whatever extensions it has."""

LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
DOMAIN = re.compile(
    r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
MOST_LOCAL_PART_LENGTH = 64
MOST_ADDRESS_LENGTH = 254
"""Both of RFC 5321."""


class UnusableAddress(ValueError):
    """An address that no mail can be sent to; it is not repeated in the error."""


class Mail(Struct, frozen=True):
    recipient: str
    message_id: str
    message: bytes


def usual_address(base_url: str) -> str:
    """Whom mails come from where nobody is named: doorstep at the public URL's host."""
    host = urlsplit(base_url).hostname or ""
    try:
        ip = ip_address(host)
    except ValueError:
        return f"doorstep@{host}"
    return f"doorstep@[{'IPv6:' if ip.version == 6 else ''}{ip}]"


def usable_address(given: str) -> str:
    """The one plain address that was given, its domain in ASCII. Raises UnusableAddress.

    Quoted forms and local parts beyond ASCII are not taken: hardly anybody has one, and not every
    server on the way takes it.
    """
    local, _, domain = given.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise UnusableAddress from None
    if not LOCAL_PART.fullmatch(local) or not DOMAIN.fullmatch(domain):
        raise UnusableAddress
    address = f"{local}@{domain}"
    if len(local) > MOST_LOCAL_PART_LENGTH or len(address) > MOST_ADDRESS_LENGTH:
        raise UnusableAddress
    return address


def mail_of(
    content: Content, *, sender: str, recipient: str, message_id: str, created_at: Instant
) -> Mail:
    """Raises UnusableAddress. The same for each attempt, its `Date` too."""
    address = usable_address(recipient)
    message = EmailMessage(POLICY)
    try:
        message["From"] = Address(content.shop, addr_spec=sender)
        message["To"] = Address(addr_spec=address)
    except (ValueError, MessageError):
        raise UnusableAddress from None
    message["Subject"] = content.subject
    message["Date"] = EPOCH + timedelta(microseconds=created_at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(content.text, cte="quoted-printable")
    message.add_alternative(content.html, subtype="html", cte="quoted-printable")
    # Set before, it would pass to the first of the two forms.
    message["Content-Language"] = content.language
    return Mail(address, message_id, message.as_bytes())
