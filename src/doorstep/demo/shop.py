"""The simulated shop and its carriers at work, all by calls of the API."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from doorstep.client import Client, NewCarrierUpdate
from doorstep.demo.catalogue import WAREHOUSES
from doorstep.demo.journeys import ROUTE
from doorstep.demo.plans import Plan, Planner

MOVING_AT_ONCE = 4
"""Few, so that who watches one tracking page soon sees it change."""

SHOWN_JOURNEYS = {"on its way": "on_its_way", "late": "late", "delivered": "delivered"}


class Unplanned(Exception):
    """doorstep answered otherwise than the simulation had planned."""


@dataclass
class MovingParcel:
    plan: Plan
    parcel: int
    steps_done: int


class Shop:
    def __init__(self, client: Client, seed: int) -> None:
        self._client = client
        self._planner = Planner(seed, datetime.now(UTC))
        self._moving: deque[MovingParcel] = deque()
        self.tracking_pages: dict[str, str] = {}
        """The URL of the first order of each kind that is shown."""

    def fill(self, count: int, report: Callable[[int, int], None]) -> None:
        """Places the orders, the oldest first, and moves them to where their journeys end."""
        self._client.change_account(
            name="Demo shop", time_zone="Europe/Vienna", colour="#7a3e9d", mail_events=[]
        )
        for name, address in WAREHOUSES.items():
            self._client.put_warehouse(name, address=address)
        plans = sorted(self._planner.plans(count), key=lambda plan: plan.ordered_at)
        for done, plan in enumerate(plans, 1):
            self._play(plan)
            report(done, count)

    def move_a_parcel(self) -> str:
        """The next update of a parcel under way, and a new order for each parcel that arrived; a
        line that says what happened."""
        moving = self._moving.popleft()
        status = ROUTE[moving.steps_done]
        update = moving.plan.update(moving.parcel, status, datetime.now(UTC))
        self._record([update])
        moving.steps_done += 1
        if moving.steps_done < len(ROUTE):
            self._moving.insert(MOVING_AT_ONCE - 1, moving)
        else:
            self._play(self._planner.plan("announced"))
        return f"{moving.plan.order_id}: {status}, {update['location']}"

    def _play(self, plan: Plan) -> None:
        journey = plan.journey
        order = self._client.create_order(**plan.order)
        for shown, name in SHOWN_JOURNEYS.items():
            if name == plan.journey_name:
                self.tracking_pages.setdefault(shown, order.tracking_page_url)
        for step, state in enumerate(journey.states):
            self._client.report_state(plan.order_id, state, datetime=plan.state_at(step))
        for parcel, statuses in enumerate(journey.parcels):
            self._client.add_shipment(
                order_id=plan.order_id,
                tracking_code=plan.tracking_code(parcel),
                carrier={"name": plan.carrier, "country": plan.place.country},
            )
            if journey.is_moving and statuses != ROUTE:
                self._set_moving(MovingParcel(plan, parcel, len(statuses)))
        self._record(plan.updates())
        self._end(plan)

    def _set_moving(self, moving: MovingParcel) -> None:
        is_shown = moving.plan.journey_name in ("on_its_way", "late")
        # The first of each is the one whose page is shown.
        is_first = not any(
            each.plan.journey_name == moving.plan.journey_name for each in self._moving
        )
        if is_shown and is_first:
            self._moving.appendleft(moving)
        else:
            self._moving.append(moving)

    def _record(self, updates: list[NewCarrierUpdate]) -> None:
        for outcome in self._client.record_carrier_updates(updates) if updates else []:
            if outcome.status != 201:
                raise Unplanned(f"an update was answered {outcome.status} {outcome.detail}")

    def _end(self, plan: Plan) -> None:
        ending = plan.journey.ending
        if ending == "refunded":
            # An order with items is refunded by its items.
            for item in self._client.items(plan.order_id):
                self._client.change_item(plan.order_id, item.id, status="refunded")
        elif ending is not None:
            self._client.report_state(plan.order_id, ending)
