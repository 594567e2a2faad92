"""Answers for a browser, each with what keeps it from doing anything else."""

import base64
import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from doorstep.service.languages import find_language
from doorstep.web.rendering import STATIC_FILES, render, translate
from doorstep.web.wording import MESSAGES

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    # A page's address is all that is needed to see it: it goes to no carrier.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Language",
}


def style_of(colour: str | None) -> str:
    """The one style that is a page's own: a band in the shop's colour, which carries no meaning."""
    return f".shop{{border-top:.5rem solid {colour}}}" if colour else ""


def allowing(style: str) -> dict[str, str]:
    """The policy with a page's own style named by its hash."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = HEADERS["Content-Security-Policy"]
    own = policy.replace("style-src 'self'", f"style-src 'self' 'sha256-{digest}'")
    return {"Content-Security-Policy": own}


FOREVER = "public, max-age=31536000, immutable"


def html(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return HTMLResponse(text, status, {**HEADERS, **(headers or {})})


def message(request: Request, status: int, headers: dict[str, str] | None = None) -> Response:
    """A page that says why there is no other."""
    language = find_language(*browser_languages(request))
    wording = MESSAGES[status]
    text = render(
        "message.html",
        language,
        heading=translate(language, wording.heading),
        text=translate(language, wording.text),
    )
    return html(text, status, headers)


def browser_languages(request: Request) -> list[str]:
    """What the browser prefers, the dearest first."""
    wanted = []
    for part in request.headers.get("accept-language", "").split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((float(weight or 1), tag.strip()))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(wanted, key=lambda line: -line[0]) if weight > 0]


async def static_file(request: Request) -> Response:
    file = STATIC_FILES.get(request.url.path)
    if file is None:
        return message(request, 404)
    headers = {**HEADERS, "Cache-Control": FOREVER}
    return Response(file.content, 200, headers, file.media_type)
