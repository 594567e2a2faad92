"""What orders are found by of a person: how it is spelled, and that older rows get it too."""

import json
from typing import Any

import msgspec
import pytest

from doorstep.store.export.records import RecipientRecord
from doorstep.store.places import place_of
from doorstep.store.rows import contact_columns, recipient_row
from tests.databases import Databases, Files, execute

LONG = "x" * 60

PEOPLE: list[tuple[dict[str, Any], str | None, str | None]] = [
    ({"first_name": "Anna", "last_name": "Schmidt"}, "schmidt anna", None),
    ({"last_name": "  Van\tder \n Groß  "}, "van der gross", None),
    ({"first_name": "Anna", "last_name": None}, "anna", None),
    ({"recipient_first_name": "Ánna", "recipient_last_name": "LI"}, "li ánna", None),
    ({"email": " Anna@Example.COM "}, None, "anna@example.com"),
    ({"recipient_email": "a@x", "comment": "ring twice"}, None, "a@x"),
    ({"last_name": LONG, "first_name": LONG, "email": LONG * 2}, f"{LONG} {'x' * 39}", "x" * 100),
    ({"last_name": " ", "email": ""}, None, None),
    ({"city": "Wien"}, None, None),
    ({"email": 5, "last_name": 7}, "7", "5"),
    (
        {"first_name": "John", "last_name": "Smith, Jr.", "email": "a,b@x"},
        "smith jr. john",
        "a,b@x",
    ),
    ({"last_name": "Mu\u0308ller"}, "m\u00fcller", None),
    ({}, None, None),
]


@pytest.mark.parametrize(("fields", "name", "email"), PEOPLE)
def test_a_person_is_spelled_in_one_way(
    fields: dict[str, Any], name: str | None, email: str | None
) -> None:
    assert contact_columns(fields) == {"contact_name": name, "contact_email": email}


def test_who_is_forgotten_is_found_by_nothing() -> None:
    row = recipient_row({}, 2, None)
    assert row.pop("recipient_version") == 2
    assert set(row.values()) == {None}


def test_a_line_of_an_older_export_gets_them() -> None:
    line = {"record": "recipients", "account_id": 1, "order_number": 2, "recipient_version": 1}
    for fields, name, email in PEOPLE:
        older = json.dumps({**line, "fields": json.dumps(fields)})
        read = msgspec.json.decode(older, type=RecipientRecord)
        assert (read.contact_name, read.contact_email) == (name, email)
    erased = msgspec.json.decode(json.dumps({**line, "fields": None}), type=RecipientRecord)
    assert (erased.contact_name, erased.contact_email) == (None, None)
    for damaged in ("[]", "5", "{"):
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(json.dumps({**line, "fields": damaged}), type=RecipientRecord)


TO_0005 = (
    "DROP INDEX ix_shipments_order_carrier",
    "DROP INDEX ix_recipients_contact_name",
    "DROP INDEX ix_recipients_contact_email",
    "ALTER TABLE recipients DROP COLUMN contact_name",
    "ALTER TABLE recipients DROP COLUMN contact_email",
    "ALTER TABLE access_keys DROP COLUMN last_used_at",
    "UPDATE alembic_version SET version_num = '0005'",
)


def test_rows_of_before_get_them_page_by_page(databases: Files | Databases) -> None:
    url = databases.new()
    for statement in TO_0005:
        execute(url, statement)
    # More than two pages, of two accounts, an order with two versions and one that is erased.
    people = [PEOPLE[position % len(PEOPLE)] for position in range(450)]
    rows = [
        [1 + position // 225, 10 + position // 2, position % 2, json.dumps(fields)]
        for position, (fields, _, _) in enumerate(people)
    ]
    rows[7][3] = None
    people[7] = ({}, None, None)
    places = ", ".join(["(?, ?, ?, ?)"] * len(rows))
    execute(
        url,
        "INSERT INTO accounts (account_id, name, slug, time_zone, language, last_sequence, "
        "created_at) VALUES (1, 'a', 'a', 'UTC', 'en', 0, 0), (2, 'b', 'b', 'UTC', 'en', 0, 0)",
    )
    execute(url, f"INSERT INTO recipients VALUES {places}", *(cell for row in rows for cell in row))
    place_of(url).prepare()
    found = execute(
        url,
        "SELECT account_id, order_number, recipient_version, contact_name, contact_email "
        "FROM recipients ORDER BY 1, 2, 3",
    )
    assert found == [(*row[:3], *told[1:]) for row, told in zip(rows, people, strict=True)]
