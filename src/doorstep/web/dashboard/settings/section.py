"""What the sections of the settings have in common: their navigation, and what they say."""

from typing import Any

from starlette.responses import Response

from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import _

SHOP = "/dashboard/settings"
MAILS = f"{SHOP}/mails"
WAREHOUSES = f"{SHOP}/warehouses"
CARRIERS = f"{SHOP}/carriers"
ACCESS_KEYS = f"{SHOP}/access-keys"
WEBHOOK_ENDPOINTS = f"{SHOP}/webhook-endpoints"

SECTIONS = {
    SHOP: _("Shop"),
    MAILS: _("Mails"),
    WAREHOUSES: _("Warehouses"),
    CARRIERS: _("Carriers"),
    ACCESS_KEYS: _("Access keys"),
    WEBHOOK_ENDPOINTS: _("Webhook endpoints"),
}

DONE = {
    "saved": _("Saved."),
    "deleted": _("Deleted."),
    "revoked": _("Revoked. Its tokens stop within five seconds."),
    "paused": _("Paused: nothing more is sent there."),
    "resumed": _("Resumed: what was waiting is sent now."),
    "tested": _("A test was sent. Its outcome is at the top."),
    "replayed": _("The events are being sent again, alongside new ones."),
}


def html(visit: Visit, template: str, status: int = 200, **shown: Any) -> Response:
    """A page of the settings; `refusal` says why something was not done."""
    said = DONE.get(visit.asked("done"))
    return visit.html(
        f"settings/{template}",
        status,
        sections={path: visit.translated(name) for path, name in SECTIONS.items()},
        done=visit.translated(said) if said and not visit.form else None,
        **{"refusal": None, **shown},
    )
