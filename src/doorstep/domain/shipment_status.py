"""A shipment's status as a function of the set of its updates, in whatever order they came."""

from doorstep.domain.order import CarrierUpdate, Instant, Shipment
from doorstep.domain.states import DELIVERED, FINAL_PHASE, NEW, SHIPMENT_STATUSES


def standing(updates: tuple[CarrierUpdate, ...]) -> list[CarrierUpdate]:
    """The updates that no standing update retracts: a retraction can be retracted itself."""
    if all(update.retracts is None for update in updates):
        return list(updates)
    retractions: dict[int, list[int]] = {}
    for update in updates:
        if update.retracts is not None:
            retractions.setdefault(update.retracts, []).append(update.update_number)
    stands: dict[int, bool] = {}
    # Newest first: a retraction names what was there before it, so one round mostly decides all.
    undecided = list(reversed(updates))
    while undecided:
        waiting = []
        for update in undecided:
            verdicts = [stands.get(number) for number in retractions.get(update.update_number, ())]
            if True not in verdicts and None in verdicts:
                waiting.append(update)
            else:
                stands[update.update_number] = True not in verdicts
        undecided = waiting
    return [update for update in updates if stands[update.update_number]]


def status_of(updates: tuple[CarrierUpdate, ...]) -> tuple[str, Instant | None]:
    """The status that a set of updates amounts to, and the earliest delivery in it.

    A final status wins, in its own ranking; else the highest phase, in it the latest moment,
    ties by the table's row, then location and description.
    """
    said = [update for update in standing(updates) if update.status is not None]
    if not said:
        return NEW, None
    # Few statuses stand for many updates: those of the best phase alone are looked at closer.
    best = max(SHIPMENT_STATUSES[status].phase for status in {line.status or NEW for line in said})
    foremost = [line for line in said if SHIPMENT_STATUSES[line.status or NEW].phase == best]
    status = max(foremost, key=_weight).status or NEW
    if status != DELIVERED:
        return status, None
    return status, min(update.datetime for update in said if update.status == DELIVERED)


def _weight(update: CarrierUpdate) -> tuple[int, Instant, int, str, str]:
    """Which of two updates of one phase has the say."""
    row = SHIPMENT_STATUSES[update.status or NEW]
    final_rank = row.rank if row.phase == FINAL_PHASE else 0
    return (
        final_rank,
        update.datetime,
        row.rank,
        update.location or "",
        update.description or "",
    )


def final_since(parcel: Shipment) -> Instant | None:
    """Since when the parcel has its final status, None while it is on its way."""
    if SHIPMENT_STATUSES[parcel.status].phase < FINAL_PHASE:
        return None
    return min(line.datetime for line in standing(parcel.updates) if line.status == parcel.status)
