"""An order in a line of the list."""

from msgspec import Struct

from doorstep.domain.carriers import carrier_label
from doorstep.domain.contact import Contact, contact_of
from doorstep.domain.order import Instant, Order, Shipment
from doorstep.domain.states import OPEN
from doorstep.service.accounts import AccountView
from doorstep.web.dashboard.wording import STATES, STATUSES, _
from doorstep.web.tracking import cut

MOST_PARCELS = 3
"""In one line; the order's own page has them all."""

DELAYED = _("Delayed")
WAS_DELAYED = _("Was delayed")


class Parcel(Struct, frozen=True):
    name: str
    carrier: str
    status: str
    is_return: bool


class Row(Struct, frozen=True):
    """`mark` is there where the promise was missed, as the filter has it: also after arrival."""

    order_number: int
    order_id: str
    order_date: Instant
    contact: str
    state: str
    mark: str | None
    is_open: bool
    promise: Instant | None
    parcels: list[Parcel]
    more_parcels: int


def row_of(view: AccountView, order: Order) -> Row:
    is_open = order.state in OPEN
    shown = order.shipments[:MOST_PARCELS]
    return Row(
        order.order_number,
        cut(order.order_id),
        order.order_date,
        cut(contact_name(contact_of(order))),
        STATES[order.state],
        None if order.delayed_at is None else DELAYED if is_open else WAS_DELAYED,
        is_open,
        order.promised_delivery_date,
        [_parcel(view, parcel) for parcel in shown],
        len(order.shipments) - len(shown),
    )


def contact_name(contact: Contact) -> str:
    """The name as far as it is known, else the e-mail address."""
    names = [name for name in (contact.first_name, contact.last_name) if name]
    return " ".join(names) or contact.email or ""


def _parcel(view: AccountView, parcel: Shipment) -> Parcel:
    return Parcel(
        cut(parcel.tracking_code or parcel.reference_number or ""),
        cut(carrier_label(view.carriers, parcel.carrier_name)),
        STATUSES[parcel.status],
        parcel.return_parcel,
    )
