"""A real browser and a real server for the tests that look at pages."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.chromium import chromium
from tests.web.judging import MOST_MILLISECONDS, Visit, visiting
from tests.web.shop import Shop, open_shop

expect.set_options(timeout=MOST_MILLISECONDS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """No longer than its module: the others of this process need their event loops."""
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(browser: Browser) -> Visit:
    return partial(visiting, browser)


@pytest.fixture(scope="module")
def shop(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    with open_shop(Path(shutil.copy(empty_database, folder / "doorstep.db"))) as opened:
        yield opened
