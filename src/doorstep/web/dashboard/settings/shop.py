"""Settings: what the shop is called, where it is, and what its customers' pages look like."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from starlette.responses import Response

from doorstep.domain.refusals import Refusal
from doorstep.service.account_pages import ORDER_LINKS
from doorstep.service.accounts import (
    MOST_RETENTION_DAYS,
    MOST_UNTRACKABLE_DAYS,
    AccountView,
    account_faults,
)
from doorstep.service.forms.bodies import ACCOUNT
from doorstep.service.forms.forms import Unfit
from doorstep.web.dashboard.settings.forms import Filled, faults_of, whole_or_text
from doorstep.web.dashboard.settings.section import SHOP, html
from doorstep.web.dashboard.visit import STATUS_OF_REFUSAL, UNFIT, Visit
from doorstep.web.dashboard.wording import _

TEXTS = ("name", "slug", "time_zone", "language", "logo_url", "order_link")
DAYS = ("untrackable_days", "retention_days")

LINKS = {
    "ask": _("asks for the zip code"),
    "open": _("opens the tracking page at once"),
    "off": _("is switched off"),
}
"""What the link of slug and order id does, by the account's `order_link`."""

ASK = _(
    "Orders to which nothing has happened for %(days)s are deleted, now and from now on, "
    "with everything that belongs to them. This cannot be undone. Go on?"
)
BUTTON = _("Yes, delete old orders")


@cache
def _time_zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


async def page(visit: Visit) -> Response:
    view = await visit.services.accounts.current_view(visit.account_id)
    fields = {name: getattr(view.account, name) for name in (*TEXTS, *DAYS, "colour")}
    return _show(visit, view, Filled("shop", fields))


def _show(visit: Visit, view: AccountView, form: Filled, status: int = 200) -> Response:
    return html(
        visit,
        "shop.html",
        status,
        form=form,
        logo=view.logo_path,
        slug=view.account.slug,
        time_zones=_time_zones(),
        links={word: visit.translated(LINKS[word]) for word in ORDER_LINKS},
        most_untrackable=MOST_UNTRACKABLE_DAYS,
        most_retention=MOST_RETENTION_DAYS,
    )


def _given(visit: Visit) -> dict[str, Any]:
    """As a request's body would have it: what the form does not hold is not given."""
    sent = {name for name, _ in visit.form}
    given: dict[str, Any] = {name: visit.field(name) for name in TEXTS if name in sent}
    given |= {name: whole_or_text(visit.field(name)) for name in DAYS if name in sent}
    if "colour" in sent:
        given["colour"] = visit.field("colour") if visit.field("own_colour") else None
    return given


async def change(visit: Visit) -> Response:
    accounts, given = visit.services.accounts, _given(visit)
    view = await accounts.current_view(visit.account_id)
    try:
        changes = visit.read(
            ACCOUNT, given, partial=True, check=lambda read, faulty: account_faults(read).items()
        )
    except Unfit as unfit:
        return _show(visit, view, Filled("shop", given, faults_of(unfit)), UNFIT)
    days = changes.get("retention_days")
    if days is not None and days != view.account.retention_days:
        question = visit.translated(ASK) % {"days": visit.days(days)}
        asking = visit.confirm(question, visit.translated(BUTTON))
        if asking is not None:
            return asking
    changed = await accounts.change(visit.account_id, changes)
    if isinstance(changed, Refusal):
        form = Filled("shop", given, faults_of(changed, visit.fault))
        return _show(visit, view, form, STATUS_OF_REFUSAL[changed.kind])
    return visit.done(SHOP, "saved")
