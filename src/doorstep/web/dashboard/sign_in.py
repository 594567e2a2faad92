"""Signing in with an access key, and out."""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from doorstep.service.access import NO_DASHBOARD, SESSION_SECONDS, AccessDenied
from doorstep.service.services import Services
from doorstep.service.throttle import Throttle, whose
from doorstep.web.dashboard.rendering import DASHBOARD_HEADERS, language_for, render, translate
from doorstep.web.dashboard.wording import MESSAGES, _
from doorstep.web.forms import read_form

HOME = "/"
SIGN_IN = "/dashboard/sign-in"
SESSION = "doorstep_session"
OWN_PAGE = re.compile(r"/(?:dashboard/[\x21-\x5b\x5d-\x7e]*)?")
MOST_FORM_BYTES = 16_384
MOST_FAILURES = 10
FAILURES_WITHIN_SECONDS = 60.0

FAULTS = {
    "wrong": _("This key is not known here, or was revoked."),
    "carrier": _("This key may only report carrier updates. Sign in with another one."),
    "throttled": _("Too many attempts failed. Please try again in a minute."),
}


class SignIn:
    """A key cannot be guessed: what is throttled is how often anybody may be wrong."""

    def __init__(self, services: Services, is_secure: bool) -> None:
        self._services = services
        self._is_secure = is_secure
        self._throttle = Throttle(MOST_FAILURES, FAILURES_WITHIN_SECONDS)

    async def page(self, request: Request) -> Response:
        if request.method != "POST":
            return _form(request, _next(request.query_params.get("next")))
        fields = dict(await read_form(request, MOST_FORM_BYTES) or ())
        address = whose(request.client.host) if request.client else ""
        after = _next(fields.get("next"))
        try:
            # A correct key is never throttled, so it is looked at before the count.
            key = fields.get("access_key", "").strip()
            session = await self._services.access.session_for(key, self._services.clock())
        except AccessDenied as denied:
            if str(denied) == NO_DASHBOARD:
                return _form(request, after, "carrier", 422)
            seconds = self._throttle.failed(address)
            if seconds is None:
                return _form(request, after, "wrong", 422)
            return _form(request, after, "throttled", 429, {"Retry-After": str(seconds)})
        response = Response(status_code=303, headers={**DASHBOARD_HEADERS, "Location": after})
        response.set_cookie(
            SESSION,
            session,
            max_age=SESSION_SECONDS,
            secure=self._is_secure or request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response


def forget(response: Response) -> Response:
    response.delete_cookie(SESSION, httponly=True, samesite="lax")
    return response


def refuse(request: Request, status: int) -> Response:
    """A page for somebody of whom nothing is known."""
    language = language_for(request)
    heading, text = (translate(language, said) for said in MESSAGES[status])
    shown = render("message.html", language, visit=None, heading=heading, text=text)
    return HTMLResponse(shown, status, DASHBOARD_HEADERS)


def _next(wanted: str | None) -> str:
    """Where it goes on: to a page of ours, whatever a link has asked for."""
    return wanted if wanted and OWN_PAGE.fullmatch(wanted) else HOME


def _form(
    request: Request,
    after: str,
    fault: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    language = language_for(request)
    text = translate(language, FAULTS[fault]) if fault else None
    shown = render("sign_in.html", language, visit=None, after=after, fault=text)
    return HTMLResponse(shown, status, {**DASHBOARD_HEADERS, **(headers or {})})
