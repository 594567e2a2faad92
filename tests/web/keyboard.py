"""Pages as those use them who have no mouse."""

from playwright.sync_api import Page

MOST_STOPS = 60

FOCUSED = """() => {
    const focused = document.activeElement, style = getComputedStyle(focused)
    const box = focused.getBoundingClientRect()
    return [focused === document.body ? "" : focused.textContent || focused.name,
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
        && box.top >= 0 && box.bottom <= innerHeight]
}"""


def stops(page: Page) -> list[str]:
    """What the tabulator leads to, from the first to the last; each must be seen to have it."""
    found: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        text, is_seen = page.evaluate(FOCUSED)
        if not text:
            return found
        assert is_seen, f"{text!r} has the focus, but nobody can see it"
        found.append(text)
    raise AssertionError(f"no end: {found}")
