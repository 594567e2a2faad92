"""What is old is forgotten a few at a time: attempts, what was given up, secrets."""

from functools import partial

from doorstep.domain.order import DAY
from doorstep.service.services import Services
from doorstep.store.webhook_deliveries import write_many

KEPT = 30 * DAY
"""How long an attempt is listed, and what was given up."""

MOST_AT_ONCE = 500

OLD = {
    "expired_webhook_secrets": ("delete_webhook_secrets", ("endpoint_number", "secret_number")),
    "old_webhook_attempts": ("delete_webhook_attempts", ("endpoint_number", "attempt_number")),
    "old_given_up_webhook_deliveries": (
        "delete_webhook_deliveries",
        ("endpoint_number", "cursor_number", "sequence"),
    ),
}
"""The query that finds what is old, the one that deletes it, and what names it."""


async def forget_old(services: Services, account_id: int) -> bool:
    """One step; whether there may be more."""
    now, is_more = services.clock(), False
    for find, (delete, names) in OLD.items():
        before = now if find == "expired_webhook_secrets" else now - KEPT
        rows = await services.store.reader.rows(
            find, account_id=account_id, before=before, most=MOST_AT_ONCE
        )
        if rows:
            old = [{"account_id": account_id, **dict(zip(names, row, strict=True))} for row in rows]
            await services.store.write(partial(write_many, query=delete, rows=old))
        is_more = is_more or len(rows) == MOST_AT_ONCE
    return is_more
