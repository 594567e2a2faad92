"""The order workflow, from placed to completed, over HTTP: six steps, each answer printed.

    python examples/order_workflow.py http://127.0.0.1:8080 ACCESS_KEY

The address and the key may also come from DOORSTEP_URL and DOORSTEP_ACCESS_KEY.
"""

import argparse
import os
import secrets
from datetime import UTC, datetime, timedelta

import msgspec

from doorstep.client import Client


def show(step: str, answer: object = None) -> None:
    """Prints a step's title and the answer as JSON."""
    print(f"\n{step}")
    if answer is not None:
        print(msgspec.json.format(msgspec.json.encode(answer)).decode())


def run(doorstep: Client) -> None:
    now = datetime.now(UTC)
    order_id = f"ORD-{now:%Y}-{secrets.token_hex(4)}"

    account = doorstep.account()
    show("Step 1: Authentication (the client fetched a token by itself)", account)

    order = doorstep.create_order(
        order_id,
        order_date=now,
        order_url=f"https://shop.example.com/orders/{order_id}",
        language="en",
        boarding_complete=False,
        promised_delivery_date=now - timedelta(hours=1),
        order_tags={"campaign": "summer_sale", "customer_type": "vip"},
        recipient={"first_name": "John", "last_name": "Doe", "city": "Berlin", "country": "DE"},
    )
    show("Step 2: Create an order", order)

    item = doorstep.add_item(
        order_id, sku="TSHIRT-BLUE-M", name="Basic Cotton T-Shirt", sales_price=29.99, weight=0.25
    )
    show("Step 2.1: Order items", item)

    for state in ("paid", "in_production", "in_preparation"):
        show(f"Step 2.2: Order status {state}", doorstep.report_state(order_id, state))

    for part in (1, 2):
        shipment = doorstep.add_shipment(
            order_id=order_id,
            tracking_code=f"{order_id}-{part}",
            carrier={"name": "dhl", "country": "DE"},
        )
        show(f"Step 3: Shipment {part} of 2", shipment)
    show("Step 3: The order after its shipments", doorstep.order(order_id))

    order = doorstep.change_order(order_id, boarding_complete=True)
    show("Step 4: Boarding complete", order)

    for part in (1, 2):
        update = doorstep.record_carrier_update(
            tracking_code=f"{order_id}-{part}", status="delivered", datetime=now
        )
        show(f"Step 5: The carrier delivers shipment {part}", update)
    order = doorstep.order(order_id)
    show("Step 5: The order is completed", order)

    show("Step 6: Delivered later than promised: the order is marked as delayed", order.delayed)


def main() -> None:
    parser = argparse.ArgumentParser(description="The order workflow, step by step.")
    parser.add_argument("url", nargs="?", default=os.environ.get("DOORSTEP_URL"))
    parser.add_argument("access_key", nargs="?", default=os.environ.get("DOORSTEP_ACCESS_KEY"))
    given = parser.parse_args()
    if not given.url or not given.access_key:
        parser.error("give the base URL and an access key, or DOORSTEP_URL and DOORSTEP_ACCESS_KEY")
    with Client(given.url, given.access_key) as doorstep:
        run(doorstep)


if __name__ == "__main__":
    main()
