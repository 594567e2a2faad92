"""Debian's Chromium, driven by Playwright: a real browser that reaches nothing but this machine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.required import require

ARGUMENTS = (
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

MOST_MILLISECONDS = 90_000
"""For its start, on a machine that does much besides."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """While it is open, its thread counts as one with a running event loop: `asyncio.run` fails."""
    found = shutil.which("chromium")
    require(found is not None, "a real browser (install chromium with the package manager)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=list(ARGUMENTS), timeout=MOST_MILLISECONDS
        )
        yield browser
        browser.close()
