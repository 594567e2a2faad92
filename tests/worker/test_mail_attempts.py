"""What becomes of mails by what the mail server says, and by what it does not."""

import logging
from collections import Counter

import pytest

from doorstep.worker import smtp
from tests.databases import execute
from tests.mailbox import Mailbox
from tests.worker.mailing import ANNA, PARCEL, Mailing


@pytest.mark.parametrize("plan", [["550"]])
def test_no_address_is_stored_or_logged(mailing: Mailing, caplog: pytest.LogCaptureFixture) -> None:
    """Not even in the words of a server that refuses it."""
    caplog.set_level(logging.DEBUG)
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    mailing.send()
    assert mailing.rows("status, error, tries") == [("given_up", "550 5.1.1", 1)]
    assert "a mail is given up" in caplog.text
    assert "anna" not in caplog.text + str(mailing.rows("*"))


@pytest.mark.parametrize("plan", [["451", "421"]])
def test_what_the_server_takes_later_is_tried_on_the_schedule(
    mailing: Mailing, mailbox: Mailbox
) -> None:
    api = mailing.api
    api.order(recipient=ANNA)
    api.shipment(**PARCEL)
    for answer, seconds in (("451 4.3.0", 60), ("421 4.3.2", 600)):
        mailing.send()
        ((status, error, next_at),) = mailing.rows("status, error, next_at")
        assert (status, error) == ("waiting", answer)
        assert 0.79 * seconds < (next_at - api.clock.now) / 1_000_000 < 1.21 * seconds
        mailing.send()
        assert mailing.rows("error") == [(answer,)], "tried again too early"
        api.clock.advance(seconds=round(1.21 * seconds))
    mailing.send()
    assert mailing.rows("status, tries, next_at, error") == [("sent", 3, None, None)]
    assert len({line["message_id"] for line in mailbox.lines if line.get("message_id")}) == 1
    assert (mailing.counted("failed"), mailing.counted("sent")) == (2, 1)


@pytest.mark.parametrize("plan", [["451"] * 4])
def test_after_the_last_try_it_is_given_up(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    for _ in range(4):
        mailing.send()
        mailing.api.clock.advance(hours=1)
    assert mailing.rows("status, tries, next_at") == [("given_up", 3, None)]
    assert mailing.counted("given_up") == 1


@pytest.mark.parametrize("plan", [["take"]])
def test_a_server_that_is_away_costs_no_try(mailing: Mailing, mailbox: Mailbox) -> None:
    mailbox.kill()
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    for _ in range(5):
        mailing.send()
        mailing.api.clock.advance(days=1)
    assert mailing.hold.seconds_left > 0
    assert mailing.rows("status, tries, error") == [("waiting", 0, None)]
    mailbox.start()
    mailing.send()
    assert mailing.rows("status, tries") == [("sent", 1)]


def test_a_mail_that_cannot_be_made_holds_up_no_other(
    mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        mailing.api.order(f"ORD-{number}", recipient=ANNA)
        mailing.api.shipment(f"ORD-{number}", tracking_code=f"T-{number}")
    first = mailing.api.get("/v2/orders/ORD-1").json()["id"]
    broken = "UPDATE recipients SET fields = '{\"email\": 5}' WHERE order_number = ?"
    execute(mailing.api.database, broken, first)
    mailing.send()
    assert mailing.rows("status, error") == [
        ("given_up", "cannot be made: AttributeError"),
        ("sent", None),
    ]


@pytest.mark.parametrize("plan", [["take"]])
def test_a_connection_that_died_meanwhile_is_made_anew(mailing: Mailing, mailbox: Mailbox) -> None:
    for code in ("T-1", "T-2"):
        mailing.api.order(code, recipient=ANNA)
        mailing.api.shipment(code, tracking_code=code)
        mailing.send()
        mailbox.kill()
        mailbox.start()
    assert mailing.rows("status, tries") == [("sent", 1), ("sent", 1)]
    assert mailing.hold.seconds_left == 0


def test_a_connection_is_kept_for_some_mails(
    mailing: Mailing, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "MOST_MAILS", 2)
    for code in ("T-1", "T-2", "T-3", "T-4", "T-5"):
        mailing.api.order(code, recipient=ANNA)
        mailing.api.shipment(code, tracking_code=code)
    mailing.send()
    mailbox.wait_for(5)
    used = Counter(line["connection"] for line in mailbox.lines if line["what"] == "kept")
    assert list(used.values()) == [2, 2, 1]
