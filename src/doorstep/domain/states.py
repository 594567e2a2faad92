"""The tables of states and statuses, as data (sources: order-workflows; API sections 5, 6, 8)."""

from typing import NamedTuple

NEW = "new"
PAID = "paid"
SHIPPED = "shipped"
COMPLETED = "completed"
CANCELLED = "cancelled"
RETURNED = "returned"
REFUNDED = "refunded"

PROGRESS = (PAID, "in_production", "warehouse_handover", "in_preparation")
"""What a shop may report on the way to the first shipment, in this order; each may be skipped."""

BEFORE_SHIPPING = (NEW, *PROGRESS)
OPEN = (*BEFORE_SHIPPING, SHIPPED)
"""States in which the clock alone can make an order delayed."""

FINAL = (CANCELLED, RETURNED, REFUNDED)
"""States that parcels no longer move; the delayed mark stays what it was on arrival."""

ORDER_STATES = (*OPEN, COMPLETED, *FINAL)

SET_BY_DOORSTEP = (SHIPPED, COMPLETED)
"""States that a shop never reports: they follow from its shipments."""

PAID_AFTERWARDS = (SHIPPED, COMPLETED, RETURNED)
"""States in which `paid` is noted (purchase on invoice) and moves nothing."""

REPORTABLE = {
    **{
        state: frozenset({*BEFORE_SHIPPING[position + 1 :], CANCELLED, REFUNDED})
        - (frozenset({REFUNDED}) if state == NEW else frozenset())
        for position, state in enumerate(BEFORE_SHIPPING)
    },
    SHIPPED: frozenset({RETURNED, REFUNDED}),
    COMPLETED: frozenset({RETURNED, REFUNDED}),
    CANCELLED: frozenset({REFUNDED}),
    RETURNED: frozenset({REFUNDED}),
    REFUNDED: frozenset[str](),
}
"""For each state, the reports of a shop that move the order on."""

BY_ITSELF = {
    **{state: frozenset({SHIPPED, REFUNDED}) for state in BEFORE_SHIPPING},
    SHIPPED: frozenset({COMPLETED, REFUNDED, *BEFORE_SHIPPING}),
    COMPLETED: frozenset({SHIPPED, REFUNDED, *BEFORE_SHIPPING}),
    CANCELLED: frozenset({REFUNDED}),
    RETURNED: frozenset({REFUNDED}),
    REFUNDED: frozenset[str](),
}
"""For each state, where doorstep itself may take the order in one step.

By its items: refunded. By its counted parcels, some of them delivered by the clock alone: the rest;
back only to a state that the order had, when the parcels or deliveries it rested on are gone.
"""

ITEM_STATUSES = (
    NEW,
    "in_production",
    "in_preparation",
    SHIPPED,
    "delivered",
    RETURNED,
    REFUNDED,
    CANCELLED,
)


class ShipmentStatus(NamedTuple):
    """A row of the table of statuses: a higher phase wins, in the last phase a higher rank."""

    status: str
    label: str
    phase: int
    rank: int


FINAL_PHASE = 5
FIRST_SCAN_PHASE = 2
"""From this phase on the parcel is in the carrier's hands and its label is fixed."""

DELIVERED = "delivered"

SHIPMENT_STATUSES = {
    row.status: row
    for row in (
        ShipmentStatus(NEW, "New", 0, 0),
        ShipmentStatus("info", "Info", 1, 0),
        ShipmentStatus("pickup", "Pickup", 2, 0),
        ShipmentStatus("hub_scan", "Hub scan at LMC", 3, 0),
        ShipmentStatus("out_for_delivery", "Out for delivery", 4, 0),
        ShipmentStatus("delivery_failed", "Carded", 4, 1),
        ShipmentStatus("ready_for_collection", "Ready for collection", 4, 2),
        ShipmentStatus("lost", "Lost", FINAL_PHASE, 0),
        ShipmentStatus("returned_to_sender", "Returned to sender", FINAL_PHASE, 1),
        ShipmentStatus(DELIVERED, "Delivered", FINAL_PHASE, 2),
    )
}

STATUS_OF_WORD = {
    **{status: status for status in SHIPMENT_STATUSES},
    **{row.label.lower(): row.status for row in SHIPMENT_STATUSES.values()},
}
"""The status for each word, in lower case, that an update may use: the status or its label."""
