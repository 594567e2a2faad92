"""Which pictures are to be fetched, and where our own pages show them."""

from hashlib import sha256

from doorstep.store import media as stored
from doorstep.store.database import Connection, Writer


def url_hash(url: str) -> str:
    return sha256(url.encode()).hexdigest()


def media_path(account_id: int, url: str) -> str:
    """Where our own pages show the picture that lies at the URL."""
    return f"/media/{account_id}-{url_hash(url)}"


async def kept_path(connection: Connection, account_id: int, url: str | None) -> str | None:
    """Where the picture of a URL is, None as long as there is none to show."""
    if url is None or not await stored.is_kept(connection, account_id, url_hash(url)):
        return None
    return media_path(account_id, url)


async def want_picture(writer: Writer, account_id: int, url: str) -> None:
    """Has the worker fetch a picture once; one that could not be fetched is tried anew."""
    await stored.want(writer, account_id, url_hash(url), url)
