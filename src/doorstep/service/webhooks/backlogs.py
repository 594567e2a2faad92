"""How much each webhook endpoint is still owed, paused ones too."""

from doorstep.domain.order import SECOND
from doorstep.service.services import Services
from doorstep.service.webhooks.loading import accounts_with_webhooks
from doorstep.store.webhook_deliveries import webhook_positions
from doorstep.webhook_figures import Backlog


async def measure_backlogs(services: Services) -> list[Backlog]:
    """Of the endpoints of all accounts."""
    accounts = await accounts_with_webhooks(services)
    reader = services.store.reader
    newest: dict[int, int] = dict(
        await reader.rows("newest_sequences", account_ids=accounts) if accounts else []
    )
    found = []
    for account_id in accounts:
        for each in await webhook_positions(reader, account_id):
            oldest = 0.0
            # Before what waits, or else before what the log goes on with.
            after = each.position if each.oldest_waiting is None else each.oldest_waiting - 1
            for (recorded_at,) in await reader.rows(
                "recorded_after", account_id=account_id, after=after
            ):
                oldest = max(0.0, (services.clock() - recorded_at) / SECOND)
            events = newest[account_id] - each.position + each.waiting
            found.append(Backlog(account_id, each.endpoint_number, each.is_paused, events, oldest))
    return found
