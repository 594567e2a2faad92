"""Pages as those use them who have no mouse."""

from playwright.sync_api import Page

MOST_STOPS = 60

FOCUSED = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused)
    const box = focused.getBoundingClientRect()
    return [focused === document.body ? "" : (focused.name || focused.textContent).trim(),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && box.top >= 0 && box.bottom <= innerHeight]
}"""


def stops(page: Page) -> list[str]:
    """What the tabulator leads to, from the first to the last; each must be seen to have it."""
    found: list[str] = []
    while text := _next(page):
        found.append(text)
        assert len(found) < MOST_STOPS, f"no end: {found}"
    return found


def tab_to(page: Page, wanted: str) -> None:
    """On to the next stop with that text, or that name where it is a field."""
    passed: list[str] = []
    while (text := _next(page)) != wanted:
        assert text, f"{wanted!r} is not among {passed}"
        passed.append(text)


def _next(page: Page) -> str:
    page.keyboard.press("Tab")
    text: str
    text, is_seen = page.evaluate(FOCUSED)
    assert is_seen or not text, f"{text!r} has the focus, but nobody can see it"
    return text
