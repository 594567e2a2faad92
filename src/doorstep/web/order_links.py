"""`/{slug}/{order_id}`: the link that a shop builds itself, which leads to the tracking page."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from doorstep.service.accounts import AccountView
from doorstep.service.languages import find_language
from doorstep.service.services import Services
from doorstep.service.throttle import Throttle, whose
from doorstep.service.tracking import account_called, tracking_token
from doorstep.web.answers import HEADERS, browser_languages, html, message
from doorstep.web.forms import read_form
from doorstep.web.rendering import render
from doorstep.web.tracking import cut

MOST_FAILURES = 5
"""Of one address at one order, and four times as many of all at it, or of it at all."""

FAILURES_WITHIN_SECONDS = 3600.0
MOST_FORM_BYTES = 4_096
FORM_POLICY = HEADERS["Content-Security-Policy"].replace("form-action 'none'", "form-action 'self'")


class OrderLinks:
    """Zip codes are few and can be guessed: a block holds for the right one too."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._of_one = Throttle(MOST_FAILURES, FAILURES_WITHIN_SECONDS)
        self._of_many = Throttle(4 * MOST_FAILURES, FAILURES_WITHIN_SECONDS)

    async def page(self, request: Request) -> Response:
        return await (self._answer if request.method == "POST" else self._ask)(request)

    async def _ask(self, request: Request) -> Response:
        """The form, the same for orders that do not exist; at once the page where that is open."""
        view = await self._account(request)
        if view is None:
            return message(request, 404)
        if view.account.order_link == "open":
            token = await tracking_token(self._services, view, _order_id(request), None)
            return message(request, 404) if token is None else _lead_to(token)
        return self._form(request, view)

    async def _answer(self, request: Request) -> Response:
        view = await self._account(request)
        if view is None or view.account.order_link == "open":
            return message(request, 404)
        zip_code = await _zip_code(request)
        if zip_code is None:
            return message(request, 400)
        order_id = _order_id(request)
        address = whose(request.client.host) if request.client else ""
        order = f"{view.account_id} {order_id}"
        names = (
            (self._of_one, f"{address} {order}"),
            (self._of_many, order),
            (self._of_many, address),
        )
        seconds = max(throttle.seconds_to_wait(name) or 0 for throttle, name in names)
        if seconds:
            return message(request, 429, {"Retry-After": str(seconds)})
        # Before the database is asked, or as many could be tried at one moment as anybody likes.
        for throttle, name in names:
            throttle.failed(name)
        token = await tracking_token(self._services, view, order_id, zip_code)
        if token is None:
            return self._form(request, view, is_wrong=True)
        for throttle, name in names:
            throttle.succeeded(name)
        return _lead_to(token)

    async def _account(self, request: Request) -> AccountView | None:
        view = await account_called(self._services, request.path_params["slug"])
        return None if view is None or view.account.order_link == "off" else view

    def _form(self, request: Request, view: AccountView, *, is_wrong: bool = False) -> Response:
        language = find_language(*browser_languages(request), view.account.language)
        text = render(
            "order_link.html",
            language,
            shop=cut(view.account.name),
            order_id=cut(_order_id(request)),
            is_wrong=is_wrong,
        )
        status = 422 if is_wrong else 200
        return html(text, status, {"Content-Security-Policy": FORM_POLICY})


def _order_id(request: Request) -> str:
    order_id: str = request.path_params["order_id"]
    return order_id


def _lead_to(token: str) -> Response:
    headers = {**HEADERS, "Location": f"/order/{quote(token)}", "Cache-Control": "no-store"}
    return Response(status_code=303, headers=headers)


async def _zip_code(request: Request) -> str | None:
    """What the form was sent with; None where it is no such form."""
    return dict(await read_form(request, MOST_FORM_BYTES) or ()).get("zip_code")
