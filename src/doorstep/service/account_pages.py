"""What an account chooses for the pages that its customers see."""

import re
from collections.abc import Mapping
from typing import Any

from doorstep.service.webhooks.urls import read_url

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
ORDER_LINKS = ("ask", "open", "off")
"""What the link of slug and order id does: asks for the zip code, opens the page, is not there."""


def page_faults(changes: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the new settings of an account's pages, by setting."""
    faults = {}
    logo_url, colour = changes.get("logo_url"), changes.get("colour")
    order_link = changes.get("order_link", ORDER_LINKS[0])
    if logo_url is not None:
        try:
            read_url(logo_url)
        except ValueError as error:
            faults["logo_url"] = str(error)
    if colour is not None and not COLOUR.fullmatch(colour):
        faults["colour"] = "must be # and six hexadecimal digits, such as #0a7d5c."
    if order_link not in ORDER_LINKS:
        faults["order_link"] = f"must be one of {', '.join(ORDER_LINKS)}."
    return faults
