"""What the tracking page says, in English; the other languages are in locales/."""

from typing import NamedTuple


def _(text: str) -> str:
    """Marks a text that is to be translated."""
    return text


class Wording(NamedTuple):
    heading: str
    text: str


SITUATIONS = {
    "new": Wording(
        _("We have your order"), _("Your order has arrived at the shop and is dealt with next.")
    ),
    "paid": Wording(
        _("Payment received"), _("Your payment has arrived. The shop prepares your order next.")
    ),
    "in_production": Wording(
        _("Your order is being made"), _("What you ordered is being made for you.")
    ),
    "warehouse_handover": Wording(
        _("Your order is in the warehouse"), _("Your order is in the warehouse and packed next.")
    ),
    "in_preparation": Wording(
        _("Your order is being packed"), _("Your order is being packed and then handed over.")
    ),
    "shipped": Wording(
        _("Your order is on its way"), _("The shop has handed your order over to the carrier.")
    ),
    "partly_delivered": Wording(
        _("A part of your order has arrived"), _("The rest of your order is still to come.")
    ),
    "all_parcels_delivered": Wording(
        _("Your parcels have arrived"), _("All parcels that were sent so far have arrived.")
    ),
    "out_for_delivery": Wording(
        _("Your parcel is out for delivery"), _("A parcel is with the courier on its way to you.")
    ),
    "delivery_failed": Wording(
        _("A parcel could not be handed over"),
        _("The carrier tried to deliver a parcel. See below for what happens next."),
    ),
    "ready_for_collection": Wording(
        _("A parcel is ready for collection"), _("You can collect a parcel where it waits for you.")
    ),
    "lost": Wording(
        _("A parcel is missing"),
        _("The carrier reports a parcel as lost. Please get in touch with the shop."),
    ),
    "returned_to_sender": Wording(
        _("A parcel goes back to the shop"),
        _("The carrier returns a parcel to the sender. Please get in touch with the shop."),
    ),
    "completed": Wording(
        _("Your order has been delivered"), _("Everything that you ordered has arrived.")
    ),
    "cancelled": Wording(_("Your order was cancelled"), _("Nothing more will be sent.")),
    "returned": Wording(_("Your order was returned"), _("The shop has taken your order back.")),
    "refunded": Wording(_("Your order was refunded"), _("The shop has paid your money back.")),
}
"""By the order's state or, while it is on its way, by what its parcels say."""

STEPS = {
    "ordered": _("Ordered"),
    "preparing": _("In preparation"),
    "shipped": _("Shipped"),
    "out_for_delivery": _("Out for delivery"),
    "delivered": _("Delivered"),
    "cancelled": _("Cancelled"),
    "returned": _("Returned"),
    "refunded": _("Refunded"),
}

STATUSES = {
    "new": _("Announced"),
    "info": _("Announced to the carrier"),
    "pickup": _("Taken over by the carrier"),
    "hub_scan": _("Sorted on its way"),
    "out_for_delivery": _("Out for delivery"),
    "delivery_failed": _("Delivery attempted"),
    "ready_for_collection": _("Ready for collection"),
    "lost": _("Lost"),
    "returned_to_sender": _("Returned to the sender"),
    "delivered": _("Delivered"),
}
"""By a shipment's status."""

MESSAGES = {
    400: Wording(_("This was not understood"), _("Please go back and try again.")),
    404: Wording(
        _("There is nothing here"),
        _("Please check the page's address. The shop can tell you where your order is."),
    ),
    405: Wording(_("This is not possible here"), _("This page can only be looked at.")),
    429: Wording(
        _("Too many attempts"), _("Please try again in an hour, or open the link in our mails.")
    ),
    500: Wording(_("Something went wrong"), _("This is our fault. Please try again later.")),
    503: Wording(_("One moment, please"), _("A lot is going on. Please try again in a moment.")),
}
"""By the HTTP status of a page that only says why there is no other."""
