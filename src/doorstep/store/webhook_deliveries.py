"""What the worker keeps of webhooks: how far each cursor is, what waits, what was attempted."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import asdict

from doorstep.domain.order import Instant
from doorstep.store.database import Connection, Writer
from doorstep.store.rows import Rows
from doorstep.store.webhooks import WebhookSecret


class WebhookCursor(Struct, frozen=True):
    """How far an endpoint is in the log; `last_sequence` None: it goes on without end."""

    account_id: int
    endpoint_number: int
    cursor_number: int
    position: int
    last_sequence: int | None


class WebhookDelivery(Struct, frozen=True):
    """An event that its cursor has passed: it waits until `next_at`, or was given up."""

    account_id: int
    endpoint_number: int
    cursor_number: int
    sequence: int
    order_number: int
    tries: int
    next_at: Instant | None
    given_up_at: Instant | None


class WebhookAttempt(Struct, frozen=True):
    """`next_at` None: delivered, given up, or a test, which has no `sequence`."""

    account_id: int
    endpoint_number: int
    attempt_number: int
    sequence: int | None
    webhook_id: str
    type: str
    attempted_at: Instant
    milliseconds: int
    http_status: int | None
    answer: str | None
    error: str | None
    next_at: Instant | None


class WebhookPosition(Struct, frozen=True):
    """How far an endpoint's own cursor is; `oldest_waiting` is a sequence, of all its cursors."""

    endpoint_number: int
    is_paused: bool
    position: int
    oldest_waiting: int | None
    waiting: int


class HeldEndpoint(Struct, frozen=True):
    url: str
    is_paused: bool


async def all_webhook_cursors(connection: Connection) -> list[WebhookCursor]:
    """Those of all accounts, paused endpoints' too."""
    return [WebhookCursor(*row) for row in await connection.rows("all_webhook_cursors")]


async def all_webhook_secrets(connection: Connection, at: Instant) -> list[WebhookSecret]:
    """Those of all accounts that sign at that moment, each endpoint's newest first."""
    return [WebhookSecret(*row) for row in await connection.rows("all_webhook_secrets", at=at)]


async def waiting_webhook_deliveries(
    connection: Connection, cursor: WebhookCursor, until: Instant, most: int
) -> list[tuple[int, int, Instant, int]]:
    """(sequence, order_number, next_at, tries) of what is due until then, in the log's order."""
    rows = await connection.rows(
        "waiting_webhook_deliveries",
        account_id=cursor.account_id,
        endpoint_number=cursor.endpoint_number,
        cursor_number=cursor.cursor_number,
        until=until,
        most=most,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def webhook_positions(connection: Connection, account_id: int) -> list[WebhookPosition]:
    """Of an account's endpoints, paused ones too."""
    rows = await connection.rows("webhook_positions", account_id=account_id)
    return [WebhookPosition(number, at is not None, *rest) for number, at, *rest in rows]


async def hold_webhook_endpoints(
    writer: Writer, account_id: int, endpoint_numbers: list[int]
) -> dict[int, HeldEndpoint]:
    """Those that are still there; so each stays until the commit."""
    rows = await writer.rows(
        "hold_webhook_endpoints", account_id=account_id, endpoint_numbers=endpoint_numbers
    )
    return {number: HeldEndpoint(url, at is not None) for number, url, at in rows}


async def write_many(writer: Writer, query: str, rows: Sequence[Struct] | Rows) -> None:
    if rows:
        await writer.run_many(query, [r if isinstance(r, dict) else asdict(r) for r in rows])
