"""Whom an order is for: its recipient, else that of its earliest outbound parcel."""

from typing import Any

import pytest

from doorstep.domain.contact import Contact, contact_of
from doorstep.store.orders import read_order
from tests.conftest import Api

NOBODY = Contact()


def contact(api: Api, recipient: dict[str, Any] | None, *parcels: dict[str, Any]) -> Contact:
    api.order(recipient=recipient)
    for number, parcel in enumerate(parcels):
        api.shipment(tracking_code=f"T-{number}", **parcel)
    order = api.run(read_order(api.services.store.reader, 1, "ORD-1"))
    return contact_of(order)


ANNA = {"first_name": "Anna", "email": "anna@example.com"}
BERT = {"recipient_first_name": "Bert", "recipient_email": "bert@example.com"}
CARL = {"recipient_last_name": "Carl", "recipient_email": "carl@example.com"}
RETURN = {"recipient_email": "returns@example.com", "return_parcel": True}


@pytest.mark.parametrize(
    ("recipient", "parcels", "found"),
    [
        (ANNA, [BERT], Contact("Anna", None, "anna@example.com")),
        ({"first_name": "Anna"}, [BERT], Contact("Anna")),
        (None, [BERT, CARL], Contact("Bert", None, "bert@example.com")),
        (None, [RETURN, CARL], Contact(None, "Carl", "carl@example.com")),
        (None, [{}, CARL], NOBODY),
        (None, [RETURN], NOBODY),
        (None, [], NOBODY),
    ],
)
def test_the_contact(
    sqlite_api: Api,
    recipient: dict[str, Any] | None,
    parcels: list[dict[str, Any]],
    found: Contact,
) -> None:
    assert contact(sqlite_api, recipient, *parcels) == found
