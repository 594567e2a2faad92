"""Taking in the carriers' updates: finding their parcel, or keeping them until it is posted."""

from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import asdict, replace

from doorstep.domain.carriers import carrier_key
from doorstep.domain.commands import ParcelName, RecordCarrierUpdate
from doorstep.domain.decide import decide
from doorstep.domain.decide.carrier_updates import MOST_AHEAD
from doorstep.domain.decide.shipments import (
    REFERENCE_NUMBER,
    TRACKING_CODE,
    gives_up_names,
    names_of,
)
from doorstep.domain.order import CarrierUpdate, Instant, Order, Shipment
from doorstep.domain.refusals import Refusal, conflict, invalid
from doorstep.service.accounts import AccountView
from doorstep.service.deciding import decide_in, member
from doorstep.service.outcomes import Idempotency, Kept, Outcome
from doorstep.service.services import Services
from doorstep.store.loading import KEPT_EARLY
from doorstep.store.working_set import EarlyUpdate, Needs, WorkingSet, final_at


class GivenUpdate(Struct, frozen=True):
    """An update as given, with whichever names of its parcel came along."""

    shipment_number: int | None
    tracking_code: str | None
    carrier_name: str | None
    reference_number: str | None
    said: "Said"


class Said(Struct, frozen=True):
    """What the carrier says, apart from whose parcel it speaks of."""

    status: str | None
    datetime: Instant
    utc_offset: int | None
    location: str | None
    description: str | None
    retracts: int | None


async def record_carrier_update(
    services: Services, view: AccountView, given: GivenUpdate, idempotency: Idempotency | None
) -> Outcome:
    """Done, Kept for a parcel that is not known yet, or a Refusal."""
    (number,) = await services.numbers.draw()
    limits = services.limits

    def run(work: WorkingSet, now: Instant) -> Outcome:
        found = _find_parcel(work, view, given, now)
        if isinstance(found, Refusal):
            return found
        if found is None:
            return _keep(work, view.account_id, given, number, now, limits.max_early_updates)
        order, parcel = found
        command = RecordCarrierUpdate(
            parcel.shipment_number,
            number,
            **asdict(given.said),
            most_updates=limits.max_updates_per_order,
        )
        return decide_in(work, view, order, command, now)

    return await services.group.submit(member(_needs(view.account_id, given), run, idempotency))


def _needs(account_id: int, given: GivenUpdate) -> Needs:
    names = (
        (TRACKING_CODE, given.tracking_code),
        (REFERENCE_NUMBER, given.reference_number),
    )
    return Needs(
        account_id,
        shipment_numbers=() if given.shipment_number is None else (given.shipment_number,),
        parcel_names=tuple((kind, name) for kind, name in names if name is not None),
        keeps_early=True,
    )


Bearer: TypeAlias = tuple[Order, Shipment]


def _find_parcel(
    work: WorkingSet, view: AccountView, given: GivenUpdate, now: Instant
) -> Bearer | Refusal | None:
    """The parcel that all known names of the update have in common; None when all are unknown."""
    named = [
        _bearers(work, view, given, kind, name, now)
        for kind, name in _needs(view.account_id, given).parcel_names
    ]
    if given.shipment_number is not None:
        named.append(_numbered(work, view.account_id, given.shipment_number))
    known = [
        {parcel.shipment_number: (order, parcel) for order, parcel in one} for one in named if one
    ]
    if not known:
        return None
    common = set.intersection(*(set(one) for one in known))
    meant = [known[0][number] for number in sorted(common)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        return _ambiguous(given, meant)
    return conflict("two_parcels", "The names of this update belong to different parcels.")


def _numbered(work: WorkingSet, account_id: int, number: int) -> list[Bearer]:
    order = work.order_with_shipment(account_id, number)
    parcel = order.shipment(number) if order else None
    return [(order, parcel)] if order and parcel else []


def _bearers(
    work: WorkingSet, view: AccountView, given: GivenUpdate, kind: str, name: str, now: Instant
) -> list[Bearer]:
    """The parcels that bear a name, of the carrier that the update names, if it names one."""
    named = work.parcels_named(view.account_id, kind, name)
    found = [
        line
        for line in named
        if not gives_up_names(final_at(line[1], line[2], now, view.untrackable_days), now)
    ] or [line for line in named if _is_told_again(line[2], given.said)]
    if kind == TRACKING_CODE and given.carrier_name:
        key = carrier_key(given.carrier_name)
        found = [line for line in found if line[0] == key] or [
            line for line in found if not line[0]
        ]
    return [(order, parcel) for _, order, parcel in found]


def _is_told_again(parcel: Shipment, said: Said) -> bool:
    """Whether a parcel that gave up its names is meant for sure: it knows what the update says."""
    told = CarrierUpdate(update_number=0, recorded_at=0, **asdict(said))
    return any(line.update_number == said.retracts or line.same_as(told) for line in parcel.updates)


def _ambiguous(given: GivenUpdate, bearers: list[Bearer]) -> Refusal:
    kind = TRACKING_CODE if given.tracking_code else REFERENCE_NUMBER
    listed = " and ".join(
        f"shipment {parcel.shipment_number} of order {order.order_id}"
        + (f" ({parcel.carrier_name})" if parcel.carrier_name else "")
        for order, parcel in bearers
    )
    return invalid(
        (kind, f"fits {listed}: name the carrier, or the shipment by its id."),
        code="ambiguous_parcel",
    )


def _keep(
    work: WorkingSet,
    account_id: int,
    given: GivenUpdate,
    number: int,
    now: Instant,
    most_early: int,
) -> Kept | Refusal:
    """Keeps an update for the parcel to come; the same one is kept once."""
    if given.said.datetime > now + MOST_AHEAD:
        return invalid(("datetime", "is more than 24 hours ahead of the clock."))
    early = EarlyUpdate(
        number,
        given.tracking_code,
        carrier_key(given.carrier_name),
        given.reference_number,
        asdict(given.said),
        now,
    )
    names = [
        ParcelName(kind, early.carrier, name)
        for kind, name in _needs(account_id, given).parcel_names
    ]
    if not names:
        # Our numbers are never given twice: no parcel to come can be meant.
        return Kept(number, now + KEPT_EARLY)
    for known in work.early_for(account_id, names):
        if replace(known, update_number=number, recorded_at=now) == early:
            return Kept(known.update_number, known.recorded_at + KEPT_EARLY)
    if work.early_counts.get(account_id, 0) >= most_early:
        return Refusal(
            "throttled",
            "too_many_early_updates",
            f"{most_early} updates are waiting for parcels that were never posted.",
        )
    work.keep_early(account_id, early)
    return Kept(number, now + KEPT_EARLY)


def apply_early(
    services: Services,
    work: WorkingSet,
    view: AccountView,
    order: Order,
    parcel: Shipment,
    now: Instant,
) -> Order:
    """Records the updates that were waiting for the parcel; those that do not fit are dropped."""
    most = services.limits.max_updates_per_order
    for early in work.early_for(view.account_id, names_of(parcel)):
        work.use_early(view.account_id, early)
        said: dict[str, Any] = dict(early.carrier_update)
        command = RecordCarrierUpdate(
            parcel.shipment_number, early.update_number, **said, most_updates=most
        )
        decision = decide(order, command, now, view.untrackable_days)
        if isinstance(decision, Refusal) or decision.order is None:
            continue
        work.apply(view.account_id, order, decision, now)
        order = decision.order
    return order
