"""Which mails go out, to whom, and how often: with a real mail server, on both databases."""

from typing import Any

import pytest

from doorstep import app
from doorstep.config import load
from tests.conftest import Api
from tests.databases import execute
from tests.mailbox import Mailbox
from tests.worker.mailing import ANNA, PARCEL, Mailing

ALL_KINDS = [
    *("paid", "in_production", "in_preparation", "shipped", "out_for_delivery", "delivered"),
    "delayed",
]


def state(api: Api, state: str, **fields: Any) -> None:
    answer = api.post("/v2/order_states", {"order_id": "ORD-1", "state": state, **fields})
    assert answer.status_code == 201, answer.text


def scan(api: Api, status: str, **fields: Any) -> Any:
    answer = api.update(**{"tracking_code": "T-1", "status": status, **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_order_is_told_of_from_paid_to_delivered(mailing: Mailing, mailbox: Mailbox) -> None:
    api = mailing.api
    assert api.put("/v2/account", {"mail_events": ALL_KINDS}).status_code == 200
    api.order(recipient=ANNA, language="de")
    for step in ("paid", "in_production", "warehouse_handover", "in_preparation"):
        state(api, step)
        mailing.send()
    api.shipment(**PARCEL)
    mailing.send()
    for status in ("pickup", "out_for_delivery", "delivered"):
        scan(api, status)
        mailing.send()
    subjects = [message["Subject"] for message in mailbox.wait_for(6)]
    assert subjects == [
        "Zahlung für Ihre Bestellung ORD-1 erhalten",
        "Ihre Bestellung ORD-1 wird hergestellt",
        "Ihre Bestellung ORD-1 wird vorbereitet",
        "Ihre Bestellung ORD-1 ist unterwegs",
        "Ihr Paket zur Bestellung ORD-1 wird zugestellt",
        "Ihre Bestellung ORD-1 wurde zugestellt",
    ]
    assert {status for (status,) in mailing.rows("status")} == {"sent"}
    assert mailing.counted("sent") == 6


def test_a_mail_bears_what_it_should_and_no_more(mailing: Mailing, mailbox: Mailbox) -> None:
    order = mailing.api.order(recipient=ANNA, promised_delivery_date="2027-02-01")
    mailing.api.shipment(**PARCEL)
    mailing.send()
    (message,) = mailbox.wait_for(1)
    ((message_id, created_at),) = mailing.rows("message_id, created_at")
    assert message["Message-ID"] == message_id
    assert message["To"] == "anna@example.com"
    assert message["From"] == "Shop <shop@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message["Date"].datetime.timestamp() == created_at // 1_000_000
    token = order["tracking_page_url"].split("/")[-1]
    for form in ("plain", "html"):
        body = message.get_body((form,))
        assert body is not None
        for part in (f"https://orders.example.com/order/{token}", "T-1", "February 1, 2027"):
            assert part in body.get_content()
        assert "Muster" not in body.get_content()


def test_the_kinds_are_the_account_s_choice(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA)
    state(mailing.api, "paid")
    assert mailing.api.put("/v2/account", {"mail_events": []}).status_code == 200
    mailing.api.shipment(**PARCEL)
    mailing.send()
    assert mailing.rows() == []


def test_what_an_account_no_longer_wants_told_is_not_told(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    mailing.choose()
    assert mailing.api.put("/v2/account", {"mail_events": ["delivered"]}).status_code == 200
    mailing.send()
    assert mailing.rows("status, error, next_at") == [("skipped", "switched off", None)]


def test_the_contact_of_a_parcel_stands_in_for_the_recipient(
    mailing: Mailing, mailbox: Mailbox
) -> None:
    mailing.api.order()
    returned = {"return_parcel": True, "recipient_email": "return@example.com"}
    mailing.api.shipment(tracking_code="R-1", **returned)
    mailing.api.shipment(recipient_email="bert@example.com", **PARCEL)
    mailing.send()
    assert [message["To"] for message in mailbox.wait_for(1)] == ["bert@example.com"]


def test_returns_beside_what_goes_out_are_told_of_to_nobody(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(tracking_code="OUT")
    mailing.api.shipment(return_parcel=True, **PARCEL)
    for status in ("pickup", "out_for_delivery", "delivered"):
        scan(mailing.api, status)
        mailing.send()
    assert mailing.rows("kind, status, error") == [
        ("out_for_delivery", "skipped", "no longer true"),
        ("shipped", "sent", None),
    ]


def test_where_a_shop_marks_every_parcel_as_a_return_mails_follow_the_state(
    mailing: Mailing,
) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(return_parcel=True, **PARCEL)
    for status in ("out_for_delivery", "delivered"):
        mailing.send()
        scan(mailing.api, status)
    mailing.send()
    assert mailing.rows() == [
        ("delivered", "sent"),
        ("out_for_delivery", "sent"),
        ("shipped", "sent"),
    ]


@pytest.mark.parametrize(
    ("email", "why"),
    [
        (None, "no address"),
        ("nobody", "unusable address"),
        ("a@example.com, b@example.com", "unusable address"),
        ("a@example.com\r\nBcc: b@example.com", "unusable address"),
    ],
)
def test_without_one_usable_address_nothing_is_sent(
    mailing: Mailing, email: str | None, why: str
) -> None:
    mailing.api.order(recipient={"first_name": "Anna", "email": email})
    mailing.api.shipment(**PARCEL)
    mailing.send()
    assert mailing.rows("status, error, tries") == [("skipped", why, 0)]
    assert mailing.counted("skipped") == 1


def test_what_is_no_longer_true_is_not_told(mailing: Mailing) -> None:
    """Delivered while the mails waited: only the newest is told."""
    mailing.api.order(recipient=ANNA, promised_delivery_date="2027-01-14")
    mailing.api.shipment(**PARCEL)
    scan(mailing.api, "out_for_delivery")
    scan(mailing.api, "delivered")
    mailing.send()
    assert mailing.rows() == [
        ("delayed", "skipped"),
        ("delivered", "sent"),
        ("out_for_delivery", "skipped"),
        ("shipped", "skipped"),
    ]


def test_a_cancelled_order_is_not_told_of(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA, promised_delivery_date="2027-01-14")
    mailing.choose()
    state(mailing.api, "cancelled")
    mailing.send()
    assert mailing.rows() == [("delayed", "skipped")]


def test_a_lifted_delay_is_not_told_and_the_next_one_is(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA, promised_delivery_date="2027-01-14")
    mailing.choose()
    later = {"promised_delivery_date": "2027-01-16"}
    assert mailing.api.put("/v2/orders/ORD-1", later).status_code == 200
    mailing.send()
    assert mailing.rows() == [("delayed", "skipped")]
    mailing.api.clock.advance(days=3)
    mailing.api.forget_tokens()
    state(mailing.api, "paid")
    mailing.send()
    assert mailing.rows() == [("delayed", "sent")]


@pytest.mark.parametrize("is_chosen_before", [True, False])
def test_a_deleted_order_leaves_no_mail(mailing: Mailing, is_chosen_before: bool) -> None:
    """Nor where it was deleted before the log was read so far."""
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    if is_chosen_before:
        mailing.choose()
    assert mailing.api.delete("/v2/orders/ORD-1").status_code == 204
    mailing.send()
    assert mailing.rows() == []
    assert mailing.counted("skipped") == (0 if is_chosen_before else 1)


def test_completed_taken_back_and_completed_is_one_mail(mailing: Mailing, mailbox: Mailbox) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    scan(mailing.api, "delivered")
    mailing.send()
    mailing.api.shipment(tracking_code="T-2")
    scan(mailing.api, "delivered", tracking_code="T-2")
    mailing.send()
    assert mailing.rows() == [("delivered", "sent"), ("shipped", "skipped")]
    assert mailbox.count("kept") == 1


def test_each_parcel_is_announced_once(mailing: Mailing, mailbox: Mailbox) -> None:
    assert mailing.api.put("/v2/account", {"mail_events": ["out_for_delivery"]}).status_code == 200
    mailing.api.order(recipient=ANNA)
    for code in ("T-1", "T-2"):
        mailing.api.shipment(tracking_code=code)
        first = scan(mailing.api, "out_for_delivery", tracking_code=code)
        mailing.send()
        scan(mailing.api, "out_for_delivery", tracking_code=code, retracts=first["id"])
        scan(mailing.api, "out_for_delivery", tracking_code=code, location="Wien")
        mailing.send()
    assert mailing.rows() == [("out_for_delivery", "sent")] * 2
    assert mailbox.count("kept") == 2


def test_old_news_is_told_nobody(mailing: Mailing) -> None:
    mailing.api.order("OLD", recipient=ANNA, promised_delivery_date="2026-12-24")
    mailing.api.order("NEW", recipient=ANNA, promised_delivery_date="2027-01-14")
    mailing.send()
    assert mailing.rows() == [("delayed", "sent")]


def test_it_begins_with_what_happens_once_it_is_switched_on(api: Api, mailbox: Mailbox) -> None:
    api.order("BEFORE", recipient=ANNA)
    api.shipment("BEFORE", tracking_code="T-1")
    mailing = Mailing(api, mailbox.url)
    mailing.send()
    assert mailing.rows() == []
    api.order("AFTER", recipient=ANNA)
    api.shipment("AFTER", tracking_code="T-2")
    mailing.send()
    assert mailing.rows() == [("shipped", "sent")]
    mailing.close()


def test_a_later_account_begins_with_its_first_event(mailing: Mailing) -> None:
    api = mailing.api
    key = api.account("Later")
    body = {"order": {"order_id": "A", "recipient": ANNA}, "order_id": "A", "tracking_code": "T"}
    assert api.post("/v2/shipments", body, key=key).status_code == 201
    mailing.send()
    assert mailing.rows("account_id, kind, status") == [(2, "shipped", "sent")]


def test_the_log_is_read_on_where_it_was_left(mailing: Mailing) -> None:
    mailing.api.order(recipient=ANNA)
    mailing.api.shipment(**PARCEL)
    first = mailing.choose()
    assert first == {1: 3}
    assert execute(mailing.api.database, "SELECT position FROM mail_cursors") == [(3,)]
    assert mailing.choose() == first


def test_an_event_that_cannot_be_read_holds_up_no_others(mailing: Mailing) -> None:
    for order_id in ("A", "B"):
        mailing.api.order(order_id, recipient=ANNA)
        mailing.api.shipment(order_id, tracking_code=f"T-{order_id}")
    unfit = "UPDATE events SET data = '{' WHERE order_id = 'A' AND type = 'order.shipped'"
    execute(mailing.api.database, unfit)
    mailing.choose()
    assert mailing.rows() == [("shipped", "waiting")]


def test_without_a_mail_server_nobody_reads_or_writes_for_mails(sqlite_api: Api) -> None:
    def tasks(**settings: str) -> set[str]:
        given = load({"database": sqlite_api.database, **settings}, environ={})
        return set(app.works(sqlite_api.services, given, "https://orders.example.com"))

    assert tasks(smtp_url="smtp://127.0.0.1") - tasks() == {"mail"}
