"""What a request is called in the log and in its answer, as `X-Request-Id`."""

import itertools
import re
import secrets

REQUEST_ID = b"x-request-id"
ACCEPTABLE = re.compile(r"[\x21-\x7e]{1,128}")
"""What a proxy may call a request: printable, without a space, so that it cannot forge a line."""


class RequestIds:
    """Takes over the name that a request came with, else counts on from a random start."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(8)
        self._count = itertools.count(1)

    def of(self, given: str | None) -> str:
        if given is not None and ACCEPTABLE.fullmatch(given):
            return given
        return f"{self._prefix}-{next(self._count):x}"
