"""The URL of a database: which ones there can be, and how one is shown without its password."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote

SQLITE = "sqlite:///"
POSTGRES = ("postgresql://", "postgres://")
SECRET_OPTIONS = ("password", "sslpassword")


def read_database_url(text: str) -> str:
    """Raises ValueError for what names neither a file of SQLite nor a PostgreSQL database."""
    if text.startswith(POSTGRES):
        return _read_postgres(text)
    path = unquote(text.removeprefix(SQLITE), errors="strict")
    # A "?" or "#" would begin options; orders kept in memory would not survive a restart.
    if not text.startswith(SQLITE) or re.search("[?#]", text):
        raise ValueError
    if path in ("", ":memory:") or "\0" in path:
        raise ValueError
    return text


def _read_postgres(text: str) -> str:
    """What it says is for libpq to judge: several hosts, options, a socket's directory.

    But where the password ends must be beyond doubt, so that it is never taken for something else.
    """
    if not re.fullmatch("[!-~]+", text) or re.search("#|%00|%(?![0-9A-Fa-f]{2})", text):
        raise ValueError
    user, _, _ = text.partition("://")[2].rpartition("@")
    if re.search("[@/?]", user):
        raise ValueError
    query = text.partition("?")[2]
    if query:
        parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    return text


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database, relative to the working directory unless it is absolute."""
    return Path(unquote(url.removeprefix(SQLITE))) if url.startswith(SQLITE) else None


def without_password(url: str) -> str:
    """The URL as anybody may read it."""
    if url.startswith(SQLITE):
        # It names a file and has no place for a password.
        return url
    scheme, place = url.split("://", 1)
    place, mark, query = place.partition("?")
    netloc, slash, name = place.partition("/")
    user, at, where = netloc.rpartition("@")
    hidden = f"{user.partition(':')[0]}:***" if ":" in user else user
    options = [option.partition("=") for option in query.split("&")]
    shown = "&".join(
        option + sign + ("***" if unquote(option) in SECRET_OPTIONS else value)
        for option, sign, value in options
    )
    return f"{scheme}://{hidden}{at}{where}{slash}{name}{mark}{shown}"
