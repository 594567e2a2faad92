"""One request of somebody who is signed in, with everything that its page works with."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_datetime
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from doorstep.domain.order import Instant
from doorstep.service.access import Caller
from doorstep.service.accounts import AccountView
from doorstep.service.forms.forms import Body, Check, Reading, Unfit
from doorstep.service.outcomes import STATUS_OF_KIND
from doorstep.service.services import Services
from doorstep.times import format_time, local_time
from doorstep.web.dashboard import numbers
from doorstep.web.dashboard.faults import fault_text
from doorstep.web.dashboard.rendering import DASHBOARD_HEADERS, language_for, render, translate
from doorstep.web.dashboard.wording import MESSAGES

UNFIT = 422
STATUS_OF_REFUSAL = {**STATUS_OF_KIND, "invalid": UNFIT}
"""By its kind, as the API has it but for what is wrong with a form, which the page shows again."""

FORM_TOKEN = "form_token"
CONFIRMED = "confirmed"


class Visit:
    def __init__(
        self,
        services: Services,
        request: Request,
        caller: Caller,
        view: AccountView,
        form_token: str,
        form: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.services = services
        self.request = request
        self.caller = caller
        self.view = view
        self.form_token = form_token
        self.form = form
        self.language = language_for(request, view.account.language)

    @property
    def account_id(self) -> int:
        return self.view.account_id

    @property
    def may_change(self) -> bool:
        """Whether the key that signed in may do more than look."""
        return self.caller.scope == "full"

    @property
    def path(self) -> str:
        path: str = self.request.url.path
        return path

    def asked(self, name: str) -> str:
        """A field of the query, empty where it is not there."""
        return self.request.query_params.get(name, "").replace("\0", "").strip()

    def field(self, name: str) -> str:
        """A field of the form that was sent, empty where it is not there."""
        return next((text for field, text in self.form if field == name), "").strip()

    def fields(self, name: str) -> list[str]:
        return [text.strip() for field, text in self.form if field == name]

    def read(
        self,
        body: Body,
        value: dict[str, Any],
        *,
        partial: bool = False,
        check: Check | None = None,
    ) -> dict[str, Any]:
        """The fields as a request's body is read. Raises Unfit with every violation at once."""
        reading = Reading(self.services.limits, self.view.time_zone)
        try:
            return body.read(value, reading, partial=partial, check=check)
        except Unfit as unfit:
            raise Unfit(*((path, self.fault(text)) for path, text in unfit.violations)) from None

    def fault(self, message: str) -> str:
        """A sentence of `service/` on what is wrong, as far as it is known in the language."""
        return fault_text(message, self.translated)

    def translated(self, text: str) -> str:
        return translate(self.language, text)

    def iso(self, at: Instant) -> str:
        return format_time(at)

    def local(self, at: Instant) -> str:
        """In the account's time zone and the reader's language, to the second."""
        there = local_time(at, self.view.time_zone)
        return format_datetime(there, "medium", locale=self.language)

    def day(self, at: Instant) -> str:
        return format_date(local_time(at, self.view.time_zone), "medium", locale=self.language)

    def number(self, value: float) -> str:
        return numbers.number(value, self.language)

    def days(self, value: int) -> str:
        return numbers.days(value, self.language)

    def html(self, template: str, status: int = 200, **shown: Any) -> Response:
        text = render(template, self.language, visit=self, **shown)
        return HTMLResponse(text, status, DASHBOARD_HEADERS)

    def message(self, status: int) -> Response:
        """A page that says why there is no other."""
        heading, text = map(self.translated, MESSAGES[status])
        return self.html("message.html", status, heading=heading, text=text)

    def confirm(self, question: str, button: str) -> Response | None:
        """The page that asks before the form is carried out; None once it was answered with yes."""
        if self.field(CONFIRMED) == "yes":
            return None
        kept = [field for field in self.form if field[0] not in (FORM_TOKEN, CONFIRMED)]
        return self.html("confirm.html", question=question, button=button, kept=kept)

    def done(self, path: str, what: str) -> Response:
        """Leads to a page that says what was done; `what` is a key of that page's wording."""
        headers = {**DASHBOARD_HEADERS, "Location": f"{path}?{urlencode({'done': what})}"}
        return Response(status_code=303, headers=headers)
