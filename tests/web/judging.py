"""What holds for every page, whatever it shows; a visit judges it at its end."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.e2e.required import require

PHONE, DESKTOP = 390, 1280
HEIGHT = 844
MOST_MILLISECONDS = 20_000

Visit = Callable[..., AbstractContextManager[Page]]
"""`visit(url, **options)`, with the options of `visiting`."""

AXE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
GRAVE = ("serious", "critical")

# Without `preload` it fetches nothing by itself, which the page's policy would report.
JUDGE = """
rules => axe.run(document, {runOnly: rules, resultTypes: ["violations"], preload: false})
    .then(found => found.violations.map(
        broken => [broken.impact, broken.id, broken.nodes.map(node => node.target.join(" "))]))
"""

REFUSED = "Failed to load resource: the server responded with a status of"
"""The browser's own line for a refusal, which is judged where it is answered."""


class Watch:
    """Notes what a context's pages do that no page should; `refusals` are statuses it may see."""

    def __init__(self, context: BrowserContext, origin: str, refusals: Collection[int]) -> None:
        self._origin = origin
        self._refusals = refusals
        self._faults: list[str] = []
        self._refused: set[int] = set()
        context.on("console", self._said)
        context.on("weberror", lambda error: self._faults.append(f"page error: {error.error}"))
        context.on("dialog", self._asked)
        context.on("request", self._wanted)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(REFUSED):
            self._faults.append(f"console {message.type}: {message.text}")

    def _asked(self, dialog: Any) -> None:
        self._faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _wanted(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != self._origin:
            self._faults.append(f"request to another origin: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status < 400:
            return
        self._refused.add(response.status)
        if response.status not in self._refusals:
            self._faults.append(f"answered {response.status}: {response.url}")

    def faults(self) -> list[str]:
        missing = set(self._refusals) - self._refused
        return self._faults + [f"never answered {status}" for status in sorted(missing)]


@contextmanager
def visiting(
    browser: Browser,
    url: str,
    *,
    width: int = DESKTOP,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
    language: str = "en",
    refusals: Collection[int] = (),
    scale: float = 1,
) -> Iterator[Page]:
    """A page of a fresh browser, which must be as every page where the visit ends."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        is_mobile=width == PHONE,
        device_scale_factor=scale,
        color_scheme=scheme,
        java_script_enabled=script,
        locale=language,
    )
    context.set_default_timeout(MOST_MILLISECONDS)
    try:
        parts = urlsplit(url)
        watch = Watch(context, f"{parts.scheme}://{parts.netloc}", refusals)
        page = context.new_page()
        page.goto(url)
        yield page
        # Axe's promises need the page's script to be on; without it the document is the same.
        faults = faults_of(page, width) if script else sideways(page, width)
        faults += watch.faults()
        assert not faults, "\n".join(faults)
        require_axe()
    finally:
        context.close()


def require_axe() -> None:
    require(AXE.exists(), "whether a page is accessible (make test installs axe-core by npm)")


def faults_of(page: Page, width: int) -> list[str]:
    """What is wrong with a page as it is now, as far as that can be tried here."""
    return sideways(page, width) + (inaccessible(page) if AXE.exists() else [])


def sideways(page: Page, width: int) -> list[str]:
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return [f"scrolls sideways: {wide} pixels, {width} are there"] if wide > width else []


def inaccessible(page: Page) -> list[str]:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(JUDGE, list(RULES))
    return [
        f"not accessible: {rule} ({impact}) at {', '.join(places)}"
        for impact, rule, places in found
        if impact in GRAVE
    ]
