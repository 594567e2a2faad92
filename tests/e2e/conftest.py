"""Servers with an account, for one test or for all tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.shop import Shop, open_shop


@pytest.fixture(scope="module")
def shop(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    # What a worker writes meanwhile would look like what a request has left behind.
    with open_shop(empty_database, tmp_path_factory.mktemp("shop"), "--no-worker") as opened:
        yield opened


@pytest.fixture
def fresh_shop(empty_database: Path, tmp_path: Path) -> Iterator[Shop]:
    with open_shop(empty_database, tmp_path, "--no-worker") as opened:
        yield opened
