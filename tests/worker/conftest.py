"""A mail server for the tests of this folder, and mails that go to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Api
from tests.mailbox import Mailbox
from tests.worker.mailing import Mailing


@pytest.fixture(scope="session")
def lasting_mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with Mailbox(tmp_path_factory.mktemp("mails")) as opened:
        yield opened


@pytest.fixture
def plan() -> list[str]:
    """What a test's own mail server does, where it must not only take; see tests/smtp_server.py."""
    return []


@pytest.fixture
def mailbox(lasting_mailbox: Mailbox, plan: list[str], tmp_path: Path) -> Iterator[Mailbox]:
    """An empty one."""
    if plan:
        with Mailbox(tmp_path / "mails", plan) as opened:
            yield opened
    else:
        lasting_mailbox.empty()
        yield lasting_mailbox


@pytest.fixture
def mailing(api: Api, mailbox: Mailbox) -> Iterator[Mailing]:
    """Mails are switched on before there is anything to tell of."""
    opened = Mailing(api, mailbox.url)
    opened.choose()
    yield opened
    opened.close()
