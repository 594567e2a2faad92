"""What a working set asks the database to do: statements with their rows, in a safe order.

Rows are the difference between an order as loaded and as it is now, so that they cannot say
anything else than the events that led from one to the other.
"""

from collections import defaultdict
from typing import Any, TypeAlias

from doorstep.domain.commands import ParcelName
from doorstep.domain.order import Order
from doorstep.store.blocks import SUMMARISED, block_rows
from doorstep.store.rows import (
    Row,
    Rows,
    item_row,
    order_row,
    recipient_row,
    shipment_row,
    state_row,
    tag_rows,
    to_json,
    update_row,
)
from doorstep.store.working_set import WorkingSet

Batches: TypeAlias = dict[str, Rows]

STATEMENTS = (
    "delete_shipment_names",
    "delete_order_tags",
    "delete_order_state",
    "delete_order_states",
    "delete_order_item",
    "delete_order_items",
    "delete_carrier_updates",
    "delete_carrier_updates_of_shipment",
    "delete_shipment",
    "delete_shipments",
    "delete_mails",
    "delete_orders",
    "insert_orders",
    "update_orders",
    "insert_order_tags",
    "insert_order_states",
    "update_order_states",
    "insert_order_items",
    "update_order_items",
    "insert_shipments",
    "update_shipments",
    "insert_carrier_updates",
    "put_shipment_names",
    "restore_tracking_codes",
    "restore_reference_numbers",
    "insert_recipients",
    "erase_recipients",
    "insert_early",
    "delete_early",
    "put_answers",
    "erase_answers_of_orders",
    "widen_order_blocks",
)
"""In this order no statement meets a row that another one still has to make or to remove.

Names are taken away before the orders that bore them and given after the parcels that bear
them; whatever deletes an order's parts comes before what inserts into another order. Rows that
many orders share come last: another process waits for them until the commit.
"""


def batches(work: WorkingSet) -> Batches:
    """The rows of each statement, in the order of `STATEMENTS`."""
    found: Batches = defaultdict(list)
    for account_id, number in work.touched:
        key = {"account_id": account_id, "order_number": number}
        before = work.loaded.get((account_id, number))
        after = work.orders.get((account_id, number))
        _personal(found, key, work.recipients[account_id, number], erased=after is None)
        if after is None:
            _delete(found, key, before)
        elif before is None:
            _insert(found, key, after)
        else:
            _update(found, key, before, after)
    found["widen_order_blocks"] = block_rows(found["widen_order_blocks"])
    _names(found, work)
    _early(found, work)
    _answers(found, work)
    return {name: found[name] for name in STATEMENTS if name in found}


def _insert(found: Batches, key: Row, order: Order) -> None:
    row = order_row(key["account_id"], order)
    found["insert_orders"].append(row)
    found["widen_order_blocks"].append(row)
    found["insert_order_states"] += [state_row(key, line) for line in order.history]
    if order.order_tags:
        found["insert_order_tags"] += tag_rows(key, order)
    if order.items:
        found["insert_order_items"] += [item_row(key, item) for item in order.items]
    for parcel in order.shipments:
        found["insert_shipments"].append(shipment_row(key, parcel))
        found["insert_carrier_updates"] += [update_row(key, parcel, u) for u in parcel.updates]


def _update(found: Batches, key: Row, before: Order, after: Order) -> None:
    old, new = (order_row(key["account_id"], order) for order in (before, after))
    found["update_orders"].append(new)
    if any(old[column] != new[column] for column in SUMMARISED):
        found["widen_order_blocks"].append(new)
    if before.order_tags != after.order_tags:
        found["delete_order_tags"].append(key)
        found["insert_order_tags"] += tag_rows(key, after)
    _difference(
        found,
        ("insert_order_states", "update_order_states", "delete_order_state"),
        {line.entry: state_row(key, line) for line in before.history},
        {line.entry: state_row(key, line) for line in after.history},
    )
    if before.items is not after.items:
        _difference(
            found,
            ("insert_order_items", "update_order_items", "delete_order_item"),
            {item.item_number: item_row(key, item) for item in before.items},
            {item.item_number: item_row(key, item) for item in after.items},
        )
    if before.shipments is not after.shipments:
        _difference(
            found,
            ("insert_shipments", "update_shipments", "delete_shipment"),
            {parcel.shipment_number: shipment_row(key, parcel) for parcel in before.shipments},
            {parcel.shipment_number: shipment_row(key, parcel) for parcel in after.shipments},
        )
        _updates(found, key, before, after)


def _updates(found: Batches, key: Row, before: Order, after: Order) -> None:
    known = {line.update_number for parcel in before.shipments for line in parcel.updates}
    found["insert_carrier_updates"] += [
        update_row(key, parcel, line)
        for parcel in after.shipments
        for line in parcel.updates
        if line.update_number not in known
    ]
    gone = {p.shipment_number for p in before.shipments} - {
        p.shipment_number for p in after.shipments
    }
    found["delete_carrier_updates_of_shipment"] += [
        {**key, "shipment_number": number} for number in gone
    ]


def _difference(
    found: Batches, statements: tuple[str, str, str], before: dict[int, Row], after: dict[int, Row]
) -> None:
    insert, update, delete = statements
    for number, row in after.items():
        if number not in before:
            found[insert].append(row)
        elif before[number] != row:
            found[update].append(row)
    found[delete] += [row for number, row in before.items() if number not in after]


def _delete(found: Batches, key: Row, before: Order | None) -> None:
    for statement in (
        "delete_order_tags",
        "delete_order_states",
        "delete_order_items",
        "delete_carrier_updates",
        "delete_shipments",
        "delete_mails",
        "delete_orders",
        "erase_recipients",
        "erase_answers_of_orders",
    ):
        if before is not None:
            found[statement].append(key)


def _personal(found: Batches, key: Row, recipients: dict[int, Any], erased: bool) -> None:
    found["insert_recipients"] += [
        recipient_row(key, version, None if erased else fields)
        for version, fields in recipients.items()
    ]


def _names(found: Batches, work: WorkingSet) -> None:
    # Sorted, so that two processes never wait for each other's names in turn.
    for account_id, name, number in sorted(work.released_names):
        row = _name_row(account_id, name)
        found["delete_shipment_names"].append({**row, "shipment_number": number})
        # A parcel that gave the name up long ago bears it again, if there is one.
        found[f"restore_{name.kind}s"].append(row)
    for account_id, name in sorted(work.taken_names):
        bearer = work.holders[account_id, name.kind, name.name].get(name.carrier)
        if bearer is not None:
            found["put_shipment_names"].append(
                {
                    **_name_row(account_id, name),
                    "order_number": bearer[0],
                    "shipment_number": bearer[1],
                }
            )


def _name_row(account_id: int, name: ParcelName) -> Row:
    return {
        "account_id": account_id,
        "kind": name.kind,
        "name": name.name,
        "carrier": name.carrier,
    }


def _early(found: Batches, work: WorkingSet) -> None:
    found["insert_early"] += [
        {
            "account_id": account_id,
            "update_number": update.update_number,
            "tracking_code": update.tracking_code,
            "carrier": update.carrier,
            "reference_number": update.reference_number,
            "carrier_update": to_json(update.carrier_update),
            "recorded_at": update.recorded_at,
        }
        for (account_id, _), update in work.new_early.items()
    ]
    found["delete_early"] += [
        {"account_id": account_id, "update_number": number}
        for account_id, number in work.used_early
    ]


def _answers(found: Batches, work: WorkingSet) -> None:
    for (account_id, key), (remembered, now) in work.new_answers.items():
        found["put_answers"].append(
            {
                "account_id": account_id,
                "idempotency_key": key,
                "request_hash": remembered.request_hash,
                "order_number": remembered.order_number,
                "answer": to_json(remembered.answer) if remembered.answer else "",
                "created_at": now,
            }
        )
