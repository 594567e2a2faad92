"""What can go wrong, by what the caller can do about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

import httpx
import msgspec
from msgspec import Struct, field


class DoorstepError(Exception):
    """Any failure of a call, except a mistake in its arguments (ValueError)."""


class ConnectionFailed(DoorstepError):
    """No answer came, in all tries. Whether the request was carried out is not known; the same
    call again is safe."""


class UnexpectedAnswer(DoorstepError):
    """An answer came, and it is not one that doorstep gives: something else listens there."""


class Violation(Struct, frozen=True):
    property_path: str = field(name="propertyPath", default="")
    message: str = ""


class ApiError(DoorstepError):
    """doorstep refused. `code` is stable and meant for programs, `detail` for people."""

    def __init__(
        self,
        status: int,
        code: str | None = None,
        title: str | None = None,
        detail: str | None = None,
        violations: Sequence[Violation] = (),
        request_id: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(status, code, title, detail, violations, request_id, retry_after_seconds)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.violations = violations
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        text = f"{self.status} {self.code or ''}".strip()
        if said := self.detail or self.title:
            text += f": {said}"
        if self.violations:
            faults = "; ".join(f"{each.property_path}: {each.message}" for each in self.violations)
            text += f" ({faults})"
        return f"{text} [request {self.request_id}]" if self.request_id else text


class Invalid(ApiError):
    """400: `violations` names the fields at fault."""


class Unauthorized(ApiError):
    """401: the access key is wrong or revoked."""


class Forbidden(ApiError):
    """403: the access key's scope does not reach this far."""


class NotFound(ApiError):
    """404"""


class Conflict(ApiError):
    """409: understood, but what is stored forbids it."""


class TooLarge(ApiError):
    """413"""


class TooManyRequests(ApiError):
    """429, still after all tries."""


class ServerError(ApiError):
    """5xx: `request_id` finds it in the server's log."""


class Unavailable(ServerError):
    """503, still after all tries."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: TooManyRequests,
    503: Unavailable,
}


class _Problem(Struct):
    """problem+json; a 401 has `message` and a number for its `code` instead."""

    code: str | int | None = None
    title: str | None = None
    detail: str | None = None
    message: str | None = None
    violations: list[Violation] = []
    request_id: str | None = None


def refusal(response: httpx.Response) -> ApiError:
    status = response.status_code
    try:
        problem = msgspec.json.decode(response.content, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # A proxy's page, perhaps: its text may repeat what was sent, so it is not passed on.
        problem = _Problem()
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)
    return kind(
        status,
        problem.code if isinstance(problem.code, str) else None,
        problem.title or response.reason_phrase,
        problem.detail or problem.message,
        problem.violations,
        problem.request_id or response.headers.get("X-Request-Id"),
        retry_after_seconds(response),
    )


def retry_after_seconds(response: httpx.Response) -> float | None:
    given = response.headers.get("Retry-After", "")
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    now = dt.datetime.now(dt.UTC)
    return max(0.0, (moment.astimezone(dt.UTC) - now).total_seconds())
