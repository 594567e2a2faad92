"""Writes docs/lifecycle.md, its diagram and tables from the tables that doorstep decides by."""

import sys
from itertools import pairwise
from pathlib import Path

from doorstep.domain.reasons import REASONS, Reason
from doorstep.domain.states import (
    BEFORE_SHIPPING,
    BY_ITSELF,
    COMPLETED,
    FINAL_PHASE,
    FIRST_SCAN_PHASE,
    NEW,
    ORDER_STATES,
    PAID_AFTERWARDS,
    REFUNDED,
    REPORTABLE,
    SET_BY_DOORSTEP,
    SHIPMENT_STATUSES,
    SHIPPED,
)

PAGE = Path(__file__).with_name("lifecycle.md")

WHY = {
    SHIPPED: "a counted shipment",
    COMPLETED: "all counted shipments delivered",
    REFUNDED: "all items refunded",
}
"""What takes an order to a state by itself; back to shipped: see BACK."""

BACK = "no longer all delivered"
NOTHING_COUNTED = "no counted shipment left"

TEXT = """\
# The life of an order

<!-- Made by docs/make_lifecycle.py, from src/doorstep/domain/states.py. Do not edit. -->

An order is `new` when it is created. After that three things move it:

* **the shop**, by `POST /v2/order_states`;
* **its shipments**: the first one ships the order, the delivery of the last one completes it;
* **its items**: when all of them are `refunded`, so is the order.

Time sets the mark `delayed`, which stands beside the state. It moves no state, unless the account
lets untracked shipments count as delivered after some days (`untrackable_days`).

## States

A word in quotes is a report of the shop. All other arrows are doorstep's own.

```mermaid
{diagram}
```

"Before shipping" stands for {before_shipping}.
Within it a shop may report any later state and leave out those between; it cannot go back. From
`new` itself it cannot report `refunded`.

## What a shop may report

{reports}

* **✓** The order moves on: 201 with the new entry of its history.
* **=** The state is in the history already: 201 with that entry, nothing changes. A report with a
  `datetime` is the same only when the moment is the same, else it is a step back (409). This goes
  for every state that the order has passed, not only for the last one.
* **paid_at** 201, `paid_at` is set; state and history stay as they are (purchase on invoice).
* **–** 409, which names the state of the order and what it allows.

{set_by_doorstep} follow from the shipments: reporting them is always 400, as is an
unknown word.
`refunded` is for orders without items; with items it follows from them, and reporting it is 409.
A `datetime` may lie before that of the last entry, the history keeps the order in which things
were reported. It may lie at most 24 hours ahead of the clock, else 400. A refused report changes
nothing.

## Counted shipments

The state follows the *counted* shipments:

* the outbound ones, that is those with `return_parcel` false;
* while an order has no outbound shipment at all, its return parcels (some shops mark every parcel
  as a return);
* never one that the shop took out with `counted: false`.

An outbound shipment that was taken out still is an outbound one: its return labels do not begin to
count in its place.

## Shipped and completed

An order is **shipped** as soon as there is a counted shipment. The entry's `datetime` is the
moment from which the first one counts; a second shipment adds no entry.

It is **completed** exactly when there is a counted shipment, every counted shipment is delivered,
and `boarding_complete` is not `false` (`null`, or not given, is as good as `true`). The entry's
`datetime` is the moment of the last delivery, not that of its report. Whatever makes the last
condition true completes the order in the same call: a delivery, `boarding_complete: true`, the
removal of the one missing shipment, or `counted: false` on it.

`boarding_complete: false` on a completed order is 409.

## Withdrawn entries

What was completed may turn out not to be. An entry that no longer holds is *withdrawn*: it
disappears from `states_history`, while the log of events keeps what happened.

| What happens | State afterwards | Withdrawn |
|---|---|---|
| a counted shipment is added to a completed order | shipped | completed |
| a delivery is retracted on a completed order | shipped | completed |
| no counted shipment is left | the last one before shipping | shipped, completed |

A shipment is never refused because its order was completed. When the order is completed again,
there is one entry `completed` and there are two events `order.completed`.

## Delayed

`delayed` is true when a `promised_delivery_date` is given and was missed. What it is held against
depends on the state:

| State | Late when |
|---|---|
| {open} | the clock is past the promise |
| completed | the last counted delivery was after the promise |
| cancelled, returned, refunded | it was late when it got there: the mark no longer changes |

Delivered at the very instant is in time. `delayed_at` is the promised moment, not the one at which
the delay was noticed. The mark is computed anew for every answer, so none is ever stale; it follows
when the promise is moved or cleared, and when a late report shows that the parcel came in time.
An order created with a promise in the past is delayed from the start.

## What an order waits for

`GET /v2/orders/{{id}}/explanation` tells it in words and figures, by the rules above. An open order
is completed once no reason is left whose `code` begins with `waits_for_`; the others say what keeps
it, how its promise stands, or that it has ended.

| `code` | Figures | Meaning |
|---|---|---|
{reasons}

## What carriers report

| `status` | `status_label` | Phase |
|---|---|---|
{statuses}

A shipment's status follows from *all* its updates, not from the last one to arrive: a final one
wins (delivered over returned_to_sender over lost), else the highest phase; within a phase the
latest `datetime`, at one moment the later row of the table. So updates may come late, repeatedly
and in any order. `delivered_at` is the earliest delivery reported. From phase {first_scan} on the
parcel counts as scanned: its label is fixed, and it can no longer be deleted.

* An update that is older than the shipment or the order counts like any other.
* An earlier delivery that is reported late moves `delivered_at` and the completed entry's
  `datetime` with it, and `delayed` is judged anew.
* `retracts` takes an update out again, and a retraction may itself be retracted.
* On a cancelled, returned or refunded order the shipment is delivered and the order stays as it is.
* A shipment with `trackable: false` is delivered when that is reported or, where the account sets
  `untrackable_days`, so many days after its planned pickup.
"""


def diagram() -> str:
    """A state diagram; the states before shipping are one box, their order drawn inside it."""
    lines = [
        "stateDiagram-v2",
        "    [*] --> before",
        '    state "before shipping" as before {',
        "        [*] --> new",
    ]
    lines += [
        f"        {state} --> {after}: '{after}'" for state, after in pairwise(BEFORE_SHIPPING)
    ]
    lines.append("    }")
    arrows: dict[tuple[str, str], str] = {}
    for state in ORDER_STATES:
        for after in ORDER_STATES:
            ends = _box(state), _box(after)
            if ends[0] == ends[1]:
                continue
            why = [f"'{after}'"] if after in REPORTABLE[state] else []
            if after in BY_ITSELF[state]:
                why.append(_why(state, after))
            if why:
                arrows.setdefault(ends, " or ".join(why))
                # Of several states in one box, the arrow says what is possible from any of them.
                if len(" or ".join(why)) > len(arrows[ends]):
                    arrows[ends] = " or ".join(why)
    lines += [f"    {start} --> {end}: {why}" for (start, end), why in arrows.items()]
    return "\n".join(lines)


def _box(state: str) -> str:
    return "before" if state in BEFORE_SHIPPING else state


def _why(state: str, after: str) -> str:
    if after in BEFORE_SHIPPING:
        return NOTHING_COUNTED
    return BACK if (state, after) == (COMPLETED, SHIPPED) else WHY[after]


def reports_table() -> str:
    reports = [state for state in ORDER_STATES if state not in SET_BY_DOORSTEP]
    lines = [
        "| In state | " + " | ".join(reports) + " |",
        "|---|" + ":-:|" * len(reports),
    ]
    for state in ORDER_STATES:
        cells = " | ".join(_cell(state, report) for report in reports)
        lines.append(f"| **{state}** | {cells} |")
    return "\n".join(lines)


def _cell(state: str, report: str) -> str:
    if report in (state, NEW):
        return "="
    if report in REPORTABLE[state]:
        return "✓"
    return "paid_at" if report == "paid" and state in PAID_AFTERWARDS else "–"


def statuses_table() -> str:
    return "\n".join(
        f"| {row.status} | {row.label} | {'final' if row.phase == FINAL_PHASE else row.phase} |"
        for row in SHIPMENT_STATUSES.values()
    )


def reasons_table() -> str:
    return "\n".join(
        f"| {reason.code} | {_figures(reason)} | {' '.join((reason.__doc__ or '').split())} |"
        for reason in REASONS
    )


def _figures(reason: type[Reason]) -> str:
    return ", ".join(f"`{name}`" for name in reason.__struct_fields__)


def page() -> str:
    return TEXT.format(
        diagram=diagram(),
        before_shipping=", ".join(f"`{state}`" for state in BEFORE_SHIPPING),
        reports=reports_table(),
        set_by_doorstep=" and ".join(f"`{state}`" for state in SET_BY_DOORSTEP),
        open=f"{BEFORE_SHIPPING[0]} … {SHIPPED}",
        reasons=reasons_table(),
        statuses=statuses_table(),
        first_scan=FIRST_SCAN_PHASE,
    )


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}", file=sys.stderr)


if __name__ == "__main__":
    main()
