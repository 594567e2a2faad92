"""The sentences that explanations are made of, in English: what is told is named in them.

Whatever tells them in another language looks up its own for each.
"""

from typing import NamedTuple

from doorstep.domain.states import CANCELLED, COMPLETED, REFUNDED, RETURNED


def _(text: str) -> str:
    """Marks a text that is to be translated."""
    return text


class Parcels(NamedTuple):
    """How the parcels are spoken of that are still to be delivered, by how many they are."""

    the_only_one: str
    all_of_them: str
    one_more: str
    some_more: str


BOTH = _("%(first)s and %(second)s")
COMPLETES = _("Completes when %(conditions)s.")
SHIPS = (
    _("Ships with its first parcel; completes when %(conditions)s."),
    _("Ships with its first parcel that is counted; completes when %(conditions)s."),
)
"""Without and with parcels that are not counted, as WAITS_FOR_FIRST."""

ALL_DELIVERED = _("all its parcels are delivered")
DELIVERED = Parcels(
    _("its parcel is delivered"),
    _("its %(parcels)s parcels are delivered"),
    _("%(missing)s more of %(parcels)s parcels is delivered"),
    _("%(missing)s more of %(parcels)s parcels are delivered"),
)
BOARDING = _("boarding is marked complete")

WAITS_FOR_FIRST = (
    _("Waits for its first parcel."),
    _("Waits for its first parcel that is counted."),
)
WAITS_FOR_DELIVERIES = Parcels(
    _("Waits for its parcel to be delivered."),
    _("Waits for its %(parcels)s parcels to be delivered."),
    _("Waits for %(missing)s more of %(parcels)s parcels to be delivered."),
    _("Waits for %(missing)s more of %(parcels)s parcels to be delivered."),
)
WAITS_FOR_BOARDING = _("Waits for boarding to be marked complete.")

ONE_LOST = _("1 parcel was lost: the order waits for it as long as it is counted.")
LOST = _("%(parcels)s parcels were lost: the order waits for them as long as they are counted.")
ONE_RETURNED = _(
    "1 parcel was returned to the sender: the order waits for it as long as it is counted."
)
RETURNED_TO_SENDER = _(
    "%(parcels)s parcels were returned to the sender: the order waits for them as long as they "
    "are counted."
)
ONE_ASSUMED = _("1 parcel without tracking counts as delivered from %(moment)s.")
ASSUMED = _("%(parcels)s parcels without tracking count as delivered, the first from %(moment)s.")

ENDED = {
    COMPLETED: _("Completed %(moment)s."),
    CANCELLED: _("Cancelled %(moment)s."),
    RETURNED: _("Returned %(moment)s."),
    REFUNDED: _("Refunded %(moment)s."),
}
"""By the order's state."""

PROMISED = _("Promised %(moment)s.")
LATE_SINCE = _("Late since %(duration)s: promised %(moment)s.")
KEPT = _("In time: promised %(moment)s.")
LATE_BY_THEN = _("It was late by then: promised %(moment)s.")
DELIVERED_LATE = _("Delivered %(duration)s late: promised %(moment)s.")

MOMENT = _("%(day)s %(month)s, %(time)s")
MOMENT_OF_ANOTHER_YEAR = _("%(day)s %(month)s %(year)s, %(time)s")
MONTHS = (
    *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July")),
    *(_("August"), _("September"), _("October"), _("November"), _("December")),
)


class Unit(NamedTuple):
    """A duration is told in the first unit of which there are at least so many."""

    seconds: int
    least: int
    one: str
    many: str


UNITS = (
    Unit(86_400, 2, _("1 day"), _("%(count)s days")),
    Unit(3_600, 1, _("1 hour"), _("%(count)s hours")),
    Unit(60, 1, _("1 minute"), _("%(count)s minutes")),
)
NO_TIME = _("less than a minute")
