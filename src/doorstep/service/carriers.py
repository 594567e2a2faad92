"""What an account's own carriers have to be."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from doorstep.service.forms.forms import Check

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
URL = re.compile(r"https?://[^/?#\s{}]+")


def own_carrier_check(code: str) -> Check:
    """Of the carrier that is to have this code, which is in lower case already."""

    def check(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
        if not CODE.fullmatch(code):
            yield "code", "must be letters, digits, '.', '_' or '-', 63 at most."
        url = given.get("tracking_url")
        if url is not None and not (URL.match(url) and "{tracking_code}" in url):
            yield "tracking_url", "must be http or https and hold {tracking_code}."

    return check
