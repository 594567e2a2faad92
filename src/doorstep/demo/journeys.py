"""How far an order may have come, as data: each state and each status occurs among the journeys."""

from typing import NamedTuple

ROUTE = ("info", "pickup", "hub_scan", "out_for_delivery", "delivered")
"""What a parcel goes through when nothing goes wrong."""

INFO, PICKUP, HUB_SCAN, OUT_FOR_DELIVERY, DELIVERED = (ROUTE[:end] for end in range(1, 6))
AT_THE_DOOR = ("paid", "in_preparation")


class Journey(NamedTuple):
    """`states` are reported before the parcels, `ending` after them; a parcel is the updates that
    its carrier sent. `weight` is how common the journey is; `is_moving` means that parcels go on
    while one watches."""

    weight: int
    days_since_order: int
    states: tuple[str, ...] = ()
    parcels: tuple[tuple[str, ...], ...] = ()
    ending: str | None = None
    is_late: bool = False
    is_moving: bool = False


JOURNEYS: dict[str, Journey] = {
    "new": Journey(2, 1),
    "paid": Journey(3, 1, ("paid",)),
    "in_production": Journey(2, 4, ("paid", "in_production")),
    "warehouse_handover": Journey(2, 3, ("paid", "warehouse_handover")),
    "in_preparation": Journey(3, 2, AT_THE_DOOR),
    "late_in_production": Journey(1, 16, ("paid", "in_production"), is_late=True),
    "cancelled": Journey(1, 9, ("paid",), ending="cancelled"),
    "refunded": Journey(1, 12, ("paid",), ending="refunded"),
    "announced": Journey(3, 2, AT_THE_DOOR, (INFO,), is_moving=True),
    "picked_up": Journey(4, 3, AT_THE_DOOR, (PICKUP,), is_moving=True),
    "on_its_way": Journey(8, 5, AT_THE_DOOR, (HUB_SCAN,), is_moving=True),
    "in_the_van": Journey(4, 6, AT_THE_DOOR, (OUT_FOR_DELIVERY,), is_moving=True),
    "one_of_two": Journey(3, 7, AT_THE_DOOR, (DELIVERED, HUB_SCAN), is_moving=True),
    "late": Journey(4, 14, AT_THE_DOOR, (HUB_SCAN,), is_late=True, is_moving=True),
    "without_news": Journey(2, 18, AT_THE_DOOR, ((),), is_late=True),
    "carded": Journey(2, 8, AT_THE_DOOR, ((*OUT_FOR_DELIVERY, "delivery_failed"),)),
    "to_collect": Journey(2, 9, AT_THE_DOOR, ((*OUT_FOR_DELIVERY, "ready_for_collection"),)),
    "delivered": Journey(30, 12, AT_THE_DOOR, (DELIVERED,)),
    "delivered_late": Journey(5, 20, AT_THE_DOOR, (DELIVERED,), is_late=True),
    "lost": Journey(1, 25, AT_THE_DOOR, ((*HUB_SCAN, "lost"),), is_late=True),
    "sent_back": Journey(
        1, 22, AT_THE_DOOR, ((*OUT_FOR_DELIVERY, "delivery_failed", "returned_to_sender"),)
    ),
    "returned": Journey(2, 24, AT_THE_DOOR, (DELIVERED,), ending="returned"),
}
