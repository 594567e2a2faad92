"""What the dashboard says in more than one place, in English; other languages are in locales/.

What is said on one page stands in its template, or beside its code, marked with the same `_`.
"""


def _(text: str) -> str:
    """Marks a text that is to be translated."""
    return text


LANGUAGES = ("en", "de")

STATES = {
    "new": _("New"),
    "paid": _("Paid"),
    "in_production": _("In production"),
    "warehouse_handover": _("Handed to the warehouse"),
    "in_preparation": _("In preparation"),
    "shipped": _("Shipped"),
    "completed": _("Completed"),
    "cancelled": _("Cancelled"),
    "returned": _("Returned"),
    "refunded": _("Refunded"),
}
"""By an order's state."""

STATUSES = {
    "new": _("Announced"),
    "info": _("Announced to the carrier"),
    "pickup": _("Picked up by the carrier"),
    "hub_scan": _("At a hub"),
    "out_for_delivery": _("Out for delivery"),
    "delivery_failed": _("Delivery failed"),
    "ready_for_collection": _("Ready for collection"),
    "lost": _("Lost"),
    "returned_to_sender": _("Returned to sender"),
    "delivered": _("Delivered"),
}
"""By a shipment's status."""

MESSAGES = {
    400: (_("This was not understood"), _("Please go back and try again.")),
    403: (
        _("This was refused"),
        _("The form is from another session, or your key may only read."),
    ),
    404: (_("There is nothing here"), _("It was deleted, or was never in this account.")),
    503: (
        _("One moment, please"),
        _("A lot is going on. Please try again in a moment."),
    ),
    505: (
        _("This needs HTTP/1.1"),
        _(
            "A proxy in front of this server speaks HTTP/1.0, which cannot tell whether a file is "
            "complete. Set it to HTTP/1.1."
        ),
    ),
}
"""Heading and text, by the HTTP status of a page that only says why there is no other."""
