"""Which mail server takes the mails, and who we are to it."""

from typing import NamedTuple
from urllib.parse import unquote, urlsplit

PLAIN_PORT, SUBMISSION_PORT, TLS_PORT = 25, 587, 465


class MailServer(NamedTuple):
    host: str
    port: int
    is_tls: bool
    username: str | None
    password: str | None


def read_smtp_url(text: str) -> MailServer:
    """`smtp` is port 587 with a user, else 25; `smtps` is 465."""
    url = urlsplit(text)
    is_tls = url.scheme == "smtps"
    usual = TLS_PORT if is_tls else SUBMISSION_PORT if url.username else PLAIN_PORT
    username, password = (
        None if part is None else unquote(part) for part in (url.username, url.password)
    )
    return MailServer(url.hostname or "", url.port or usual, is_tls, username or None, password)
