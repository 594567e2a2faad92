"""Settings: what the shop's customers are told of by mail."""

from starlette.responses import Response

from doorstep.domain.refusals import Refusal
from doorstep.service.accounts import MAIL_EVENTS, USUAL_MAIL_EVENTS, account_faults
from doorstep.service.forms.bodies import ACCOUNT
from doorstep.service.forms.forms import Unfit
from doorstep.service.mails.choosing import kinds_of
from doorstep.web.dashboard.settings.section import MAILS, html
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _

EVENTS = {
    "paid": _("The order is paid"),
    "in_production": _("It is in production"),
    "in_preparation": _("It is being prepared"),
    "shipped": _("It was shipped"),
    "out_for_delivery": _("A parcel is out for delivery"),
    "delivered": _("It was delivered"),
    "delayed": _("It is later than promised"),
}


async def page(visit: Visit) -> Response:
    account = (await visit.services.accounts.current_view(visit.account_id)).account
    return html(
        visit,
        "mails.html",
        events={word: visit.translated(EVENTS[word]) for word in MAIL_EVENTS},
        chosen=kinds_of(account),
        usual=USUAL_MAIL_EVENTS,
        is_usual=account.mail_events is None,
    )


async def change(visit: Visit) -> Response:
    usual = visit.field("action") == "usual"
    given = {"mail_events": None if usual else visit.fields("mail_events")}
    try:
        changes = visit.read(
            ACCOUNT, given, partial=True, check=lambda read, faulty: account_faults(read).items()
        )
    except Unfit:
        # The page's own form holds no other words.
        return visit.message(400)
    changed = await visit.services.accounts.change(visit.account_id, changes)
    return visit.message(404) if isinstance(changed, Refusal) else visit.done(MAILS, "saved")
