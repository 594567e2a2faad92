"""Who gets to see which page of the dashboard, and which forms are taken."""

import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.service.access import AccessDenied
from doorstep.service.services import Services
from doorstep.web.dashboard.order import page as order
from doorstep.web.dashboard.orders import page as orders
from doorstep.web.dashboard.overview import page as overview
from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.rendering import DASHBOARD_HEADERS
from doorstep.web.dashboard.settings import pages as settings
from doorstep.web.dashboard.sign_in import HOME, SESSION, SIGN_IN, SignIn, forget, refuse
from doorstep.web.dashboard.visit import FORM_TOKEN, Visit
from doorstep.web.forms import read_form

PAGES: tuple[Page, ...] = (*overview.PAGES, *orders.PAGES, *order.PAGES, *settings.PAGES)
MOST_FORM_BYTES = 65_536

Endpoint = Callable[[Request], Awaitable[Response]]


class Dashboard:
    def __init__(self, services: Services, *, is_secure: bool) -> None:
        self._services = services
        sign_in = SignIn(services, is_secure)
        self.routes = (
            Route(SIGN_IN, self._from_here(sign_in.page), methods=["GET", "POST"]),
            Route("/dashboard/sign-out", self._from_here(self._sign_out), methods=["POST"]),
            *(
                Route(page.path, self._from_here(self._of_account(page)), methods=page.methods)
                for page in PAGES
            ),
        )

    def _from_here(self, endpoint: Endpoint) -> Endpoint:
        """Takes no form that another site's page sends."""

        async def guarded(request: Request) -> Response:
            if request.method == "POST" and not _is_same_origin(request):
                return refuse(request, 403)
            return await endpoint(request)

        return guarded

    def _of_account(self, page: Page) -> Endpoint:
        """For those who are signed in; a form, for those who may change something."""

        async def shown(request: Request) -> Response:
            visit = await self._visit(request)
            if visit is None:
                return _to_sign_in(request)
            if request.method != "POST":
                return await page.show(visit)
            form = await read_form(request, MOST_FORM_BYTES)
            if form is None:
                return visit.message(400)
            visit.form = form
            if page.change is None or not visit.may_change or not _is_own(visit):
                return visit.message(403)
            return await page.change(visit)

        return shown

    async def _visit(self, request: Request) -> Visit | None:
        """None where nobody is signed in, or not any more."""
        services, session = self._services, request.cookies.get(SESSION, "")
        try:
            caller = await services.access.session(session, services.clock())
        except AccessDenied:
            return None
        view = await services.accounts.view(caller.account_id)
        return Visit(services, request, caller, view, services.access.form_token(session))

    async def _sign_out(self, request: Request) -> Response:
        return forget(Response(status_code=303, headers={**DASHBOARD_HEADERS, "Location": SIGN_IN}))


def _is_own(visit: Visit) -> bool:
    given = visit.field(FORM_TOKEN).encode()
    return hmac.compare_digest(given, visit.form_token.encode())


def _is_same_origin(request: Request) -> bool:
    """By what browsers say of it themselves; who says nothing is no browser, and has no cookie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc == request.headers.get("host")
    except ValueError:  # No URL at all, which no browser sends.
        return False


def _to_sign_in(request: Request) -> Response:
    """Back to where one wanted to go afterwards, but not into a form that was half sent."""
    location = SIGN_IN
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET" and wanted != HOME:
        location += "?" + urlencode({"next": wanted})
    return Response(status_code=303, headers={**DASHBOARD_HEADERS, "Location": location})
