"""Settings: what was sent to a webhook endpoint, and what waits to be."""

from urllib.parse import urlencode

from starlette.responses import Response

from doorstep.domain.refusals import Refusal
from doorstep.service.webhooks.attempts import (
    OUTCOMES,
    WAITING,
    Stretch,
    WaitingWebhook,
    WebhookAttempt,
    Which,
    list_attempts,
    list_waiting,
    outcome_of,
    read_place,
    write_place,
)
from doorstep.web.dashboard.settings.section import html
from doorstep.web.dashboard.settings.webhook_endpoint import found
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _

PER_PAGE = 50
ALL = "all"

WHICH = {
    ALL: _("All attempts"),
    "failed": _("Failed"),
    "given_up": _("Given up"),
    WAITING: _("Waiting"),
}
ATTEMPTS: dict[str, Which] = {ALL: "all", "failed": "failed", "given_up": "given_up"}
OUTCOME_WORDS = {
    "delivered": _("Delivered"),
    "failed": _("Failed"),
    "given_up": _("Given up"),
}


async def page(visit: Visit) -> Response:
    shown = await found(visit)
    if shown is None:
        return visit.message(404)
    which = visit.asked("outcome") if visit.asked("outcome") in OUTCOMES else ALL
    place = read_place(visit.asked("from"), which)
    listed = await _listed(visit, shown.endpoint.endpoint_number, which, place)
    if isinstance(listed, Refusal):
        return visit.message(404)
    further = listed.place and urlencode({"outcome": which, "from": write_place(listed.place)})
    return html(
        visit,
        "webhook_deliveries.html",
        endpoint=shown.endpoint,
        which=which,
        choices={word: visit.translated(text) for word, text in WHICH.items()},
        rows=listed.rows,
        is_further=place is not None,
        further=further,
        outcomes={word: visit.translated(text) for word, text in OUTCOME_WORDS.items()},
        outcome_of=outcome_of,
    )


async def _listed(
    visit: Visit, number: int, which: str, place: tuple[int, ...] | None
) -> Stretch[WebhookAttempt] | Stretch[WaitingWebhook] | Refusal:
    services, account_id = visit.services, visit.account_id
    if which == WAITING:
        return await list_waiting(services, account_id, number, place, PER_PAGE)
    attempts = ATTEMPTS[which]
    return await list_attempts(services, account_id, number, attempts, None, place, PER_PAGE)
