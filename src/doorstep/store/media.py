"""Pictures that are to be fetched from others, and those that were."""

from base64 import b64decode, b64encode

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection, Writer


class DueMedia(Struct, frozen=True):
    """`url_hash` is the SHA-256 of the URL in hexadecimal digits; `tries` how often it failed."""

    account_id: int
    url_hash: str
    url: str
    tries: int


class Picture(Struct, frozen=True):
    media_type: str
    content: bytes


async def want(writer: Writer, account_id: int, url_hash: str, url: str) -> None:
    """Has the worker fetch a picture, unless it is kept or waits already."""
    await writer.run("want_media", account_id=account_id, url_hash=url_hash, url=url)


async def want_new(
    writer: Writer, account_id: int, wanted: list[tuple[str, str]], most: int
) -> None:
    """Of (url_hash, url) those that nobody has wanted before; the account's oldest pictures beyond
    `most` go.
    """
    for url_hash, url in wanted:
        await writer.run("want_new_media", account_id=account_id, url_hash=url_hash, url=url)
    await writer.run("forget_oldest_media", account_id=account_id, most=most)


async def load_statuses(
    connection: Connection, account_id: int, url_hashes: list[str]
) -> dict[str, str]:
    """One of waiting, kept and failed, by `url_hash`; unknown ones are left out."""
    rows = await connection.rows("media_statuses", account_id=account_id, url_hashes=url_hashes)
    return dict(rows)


async def load_due(connection: Connection, now: Instant, most: int) -> list[DueMedia]:
    """Of all accounts, the longest due first."""
    return [DueMedia(*row) for row in await connection.rows("due_media", now=now, most=most)]


async def keep(writer: Writer, due: DueMedia, picture: Picture, now: Instant) -> None:
    await writer.run(
        "update_media",
        account_id=due.account_id,
        url_hash=due.url_hash,
        status="kept",
        tries=due.tries,
        next_at=None,
        fetched_at=now,
        media_type=picture.media_type,
        content=b64encode(picture.content).decode(),
    )


async def put_off(writer: Writer, due: DueMedia, next_at: Instant | None) -> None:
    """Counts a try that failed; it was the last where `next_at` is None."""
    await writer.run(
        "update_media",
        account_id=due.account_id,
        url_hash=due.url_hash,
        status="failed" if next_at is None else "waiting",
        tries=due.tries + 1,
        next_at=next_at,
        fetched_at=None,
        media_type=None,
        content=None,
    )


async def is_kept(connection: Connection, account_id: int, url_hash: str) -> bool:
    row = await connection.one("is_media_kept", account_id=account_id, url_hash=url_hash)
    return row is not None


async def load_picture(connection: Connection, account_id: int, url_hash: str) -> Picture | None:
    row = await connection.one("kept_media", account_id=account_id, url_hash=url_hash)
    return Picture(row[0], b64decode(row[1])) if row else None
