"""Making the dashboard's pages: in English or German, times in the account's time zone."""

from starlette.requests import Request

from doorstep.service.languages import SOURCE_LANGUAGE, known_language
from doorstep.service.templates import Templates
from doorstep.web.answers import HEADERS, browser_languages
from doorstep.web.dashboard.wording import LANGUAGES
from doorstep.web.rendering import STATIC_PATHS

TEMPLATES = Templates("doorstep.web.dashboard", static=STATIC_PATHS.__getitem__)
render, translate = TEMPLATES.render, TEMPLATES.translate

DASHBOARD_HEADERS = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "form-action 'none'", "form-action 'self'"
    ),
    # A form's origin, which is looked at where it is sent to, is a referrer too.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


def language_for(request: Request, of_account: str | None = None) -> str:
    """The browser's, else the account's, as far as the dashboard speaks it."""
    wanted = map(known_language, [*browser_languages(request), of_account])
    return next((language for language in wanted if language in LANGUAGES), SOURCE_LANGUAGE)
