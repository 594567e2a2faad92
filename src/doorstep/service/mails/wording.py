"""What each kind of mail says, in English; the other languages are in locales/."""

from typing import NamedTuple


def _(text: str) -> str:
    """Marks a text that is to be translated."""
    return text


class Wording(NamedTuple):
    """`%(order_id)s` in any of them is the shop's own reference."""

    subject: str
    heading: str
    text: str


WORDING = {
    "paid": Wording(
        _("Payment received for your order %(order_id)s"),
        _("Thank you for your payment"),
        _("We have received your payment for order %(order_id)s."),
    ),
    "in_production": Wording(
        _("Your order %(order_id)s is being made"),
        _("Your order is being made"),
        _("We have begun to make what you ordered with order %(order_id)s."),
    ),
    "in_preparation": Wording(
        _("Your order %(order_id)s is being prepared"),
        _("Your order is being prepared"),
        _("We are packing your order %(order_id)s."),
    ),
    "shipped": Wording(
        _("Your order %(order_id)s is on its way"),
        _("Your order is on its way"),
        _("We have shipped your order %(order_id)s."),
    ),
    "out_for_delivery": Wording(
        _("Your parcel for order %(order_id)s is out for delivery"),
        _("Your parcel is out for delivery"),
        _("A parcel of your order %(order_id)s is out for delivery and will be with you soon."),
    ),
    "delivered": Wording(
        _("Your order %(order_id)s has been delivered"),
        _("Your order has been delivered"),
        _("Everything that you ordered with order %(order_id)s has arrived. We hope you enjoy it."),
    ),
    "delayed": Wording(
        _("Your order %(order_id)s is delayed"),
        _("Your order is delayed"),
        _("Your order %(order_id)s is taking longer than we promised. We are sorry for the delay."),
    ),
}
