"""Handing over, reading, changing and removing shipments."""

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.commands import AddShipment, CreateOrder, RemoveShipment, UpdateShipment
from doorstep.domain.decide import as_of_now, decide
from doorstep.domain.decide.shipments import (
    REFERENCE_NUMBER,
    TRACKING_CODE,
    names_of,
    parcel_names,
)
from doorstep.domain.order import Fields, Instant, Order, Shipment
from doorstep.domain.refusals import Refusal, missing
from doorstep.service.accounts import AccountView
from doorstep.service.carrier_updates import apply_early
from doorstep.service.deciding import decide_in, member, needs_of_order
from doorstep.service.group import Member, Stale
from doorstep.service.orders import (
    NewOrder,
    create_command,
    needs_of_creation,
    numbers_meet,
)
from doorstep.service.outcomes import Done, Idempotency, Outcome
from doorstep.service.services import Services
from doorstep.store.orders import read_order_with
from doorstep.store.working_set import Needs, WorkingSet


class NewShipment(Struct, frozen=True):
    """A parcel as given; `new_order` creates its order where there is none."""

    order_id: str
    given: Fields
    recipient: Fields | None
    new_order: NewOrder | None = None


def _names_given(given: Fields) -> tuple[tuple[str, str], ...]:
    names = ((kind, given.get(kind)) for kind in (TRACKING_CODE, REFERENCE_NUMBER))
    return tuple((kind, name) for kind, name in names if name)


async def add_shipment(
    services: Services, view: AccountView, new: NewShipment, idempotency: Idempotency | None
) -> Outcome:
    account_id = view.account_id
    (number,) = await services.numbers.draw()
    create = await create_command(services, new.new_order) if new.new_order else None
    needs = replace(
        needs_of_creation(account_id, create)
        if create
        else needs_of_order(account_id, new.order_id),
        parcel_names=_names_given(new.given),
    )
    names = parcel_names(
        new.given.get(TRACKING_CODE),
        new.given.get(REFERENCE_NUMBER),
        new.given.get("carrier_name"),
    )

    def run(work: WorkingSet, now: Instant) -> Outcome:
        before = work.order(account_id, new.order_id)
        if before is None and create is None:
            return missing("order", new.order_id)
        command = AddShipment(
            number,
            new.given,
            new.recipient,
            work.holders_of(account_id, names, now, view.untrackable_days),
            services.limits.max_shipments_per_order,
        )
        done = (
            _create_with(work, view, create, command, now)
            if before is None and create is not None
            else decide_in(work, view, before, command, now)
        )
        return _with_early(services, work, view, done, now)

    try:
        return await services.group.submit(member(needs, run, idempotency))
    except Stale:
        return await add_shipment(services, view, new, idempotency)


def _create_with(
    work: WorkingSet, view: AccountView, create: CreateOrder, command: AddShipment, now: Instant
) -> Done | Refusal:
    """The order and its first parcel, both or neither."""
    refusal = numbers_meet(work, view.account_id, create)
    if refusal is not None:
        return refusal
    created = decide(None, create, now, view.untrackable_days)
    if isinstance(created, Refusal):
        return created
    added = decide(created.order, command, now, view.untrackable_days)
    if isinstance(added, Refusal):
        return added
    work.apply(view.account_id, None, created, now)
    work.apply(view.account_id, created.order, added, now)
    return Done(added.order, added.subject, added.replayed)


def _with_early(
    services: Services, work: WorkingSet, view: AccountView, done: Done | Refusal, now: Instant
) -> Done | Refusal:
    if isinstance(done, Refusal) or done.order is None:
        return done
    parcel = done.order.shipment(done.subject)
    if parcel is None:
        return done
    order = apply_early(services, work, view, done.order, parcel, now)
    return replace(done, order=order)


async def update_shipment(
    services: Services,
    view: AccountView,
    shipment_number: int,
    changes: Fields,
    recipient: Fields,
) -> Outcome:
    account_id = view.account_id
    found = await find_shipment(services, view, shipment_number)
    if found is None:
        return missing("shipment", shipment_number)
    # Changing the carrier gives the parcel another name too, made of the code that is stored.
    stored = found[1]
    codes = {
        kind: changes.get(kind, getattr(stored, kind)) for kind in (TRACKING_CODE, REFERENCE_NUMBER)
    }

    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.order_with_shipment(account_id, shipment_number)
        parcel = order.shipment(shipment_number) if order else None
        if order is None or parcel is None:
            return missing("shipment", shipment_number)
        if names_of(parcel) != names_of(stored):
            raise Stale
        names = parcel_names(
            codes[TRACKING_CODE],
            codes[REFERENCE_NUMBER],
            changes.get("carrier_name", parcel.carrier_name),
        )
        command = UpdateShipment(
            shipment_number,
            changes,
            recipient,
            work.holders_of(account_id, names, now, view.untrackable_days),
        )
        done = decide_in(work, view, order, command, now)
        return _with_early(services, work, view, done, now)

    needs = Needs(account_id, shipment_numbers=(shipment_number,), parcel_names=_names_given(codes))
    try:
        return await services.group.submit(Member(needs, run))
    except Stale:
        return await update_shipment(services, view, shipment_number, changes, recipient)


async def delete_shipment(services: Services, view: AccountView, shipment_number: int) -> Outcome:
    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.order_with_shipment(view.account_id, shipment_number)
        if order is None:
            return missing("shipment", shipment_number)
        return decide_in(work, view, order, RemoveShipment(shipment_number), now)

    needs = Needs(view.account_id, shipment_numbers=(shipment_number,))
    return await services.group.submit(Member(needs, run))


async def find_shipment(
    services: Services, view: AccountView, shipment_number: int
) -> tuple[Order, Shipment] | None:
    """A shipment with its order, as they are at this moment."""
    order = await read_order_with(
        services.store.reader, view.account_id, "shipment", shipment_number
    )
    if order is None:
        return None
    order = as_of_now(order, services.clock(), view.untrackable_days)
    parcel = order.shipment(shipment_number)
    return None if parcel is None else (order, parcel)
