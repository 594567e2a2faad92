"""Refusals on the wire: `application/problem+json`, and the platform's own form for 401."""

from collections.abc import Iterable
from http import HTTPStatus

import msgspec
from msgspec import Struct
from starlette.responses import Response

from doorstep.domain.refusals import Refusal, Violation
from doorstep.service.outcomes import STATUS_OF_KIND

PROBLEM_TYPE = "application/problem+json"

RETRY_SECONDS = {429: "60", 503: "1"}


class ProblemAnswer(Struct, frozen=True):
    """RFC 9457 with a stable `code`; `violations` where fields are at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    violations: tuple[Violation, ...] | msgspec.UnsetType = msgspec.UNSET
    request_id: str | msgspec.UnsetType = msgspec.UNSET


class UnauthorizedAnswer(Struct, frozen=True):
    """The one answer in the platform's own form."""

    code: int
    message: str


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        violations: Iterable[Violation] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.violations = tuple(violations)
        self.headers = headers or {}

    def response(self) -> Response:
        answer = ProblemAnswer(
            "about:blank",
            HTTPStatus(self.status).phrase,
            self.status,
            self.detail,
            self.code,
            self.violations or msgspec.UNSET,
        )
        headers = dict(self.headers)
        if self.status in RETRY_SECONDS:
            headers.setdefault("Retry-After", RETRY_SECONDS[self.status])
        return Response(msgspec.json.encode(answer), self.status, headers, media_type=PROBLEM_TYPE)


class Unauthorized(Exception):
    """Ends a request with 401; the message is one of the platform's four."""

    def response(self) -> Response:
        return Response(
            msgspec.json.encode(UnauthorizedAnswer(401, str(self))),
            401,
            {"WWW-Authenticate": "Bearer"},
            media_type="application/json",
        )


def refused(refusal: Refusal) -> Problem:
    status = STATUS_OF_KIND[refusal.kind]
    return Problem(status, refusal.code, refusal.detail, refusal.violations)


def invalid_fields(violations: Iterable[Violation]) -> Problem:
    found = tuple(violations)
    detail = " ".join(f"{line.property_path or 'The body'}: {line.message}" for line in found[:10])
    return Problem(400, "invalid_field", detail, found)


def invalid_field(path: str, message: str) -> Problem:
    return invalid_fields([Violation(path, message)])


def server_error(request_id: str) -> Response:
    answer = ProblemAnswer(
        "about:blank",
        HTTPStatus(500).phrase,
        500,
        "Something went wrong on our side; the log has it under this request_id.",
        "server_error",
        request_id=request_id,
    )
    return Response(msgspec.json.encode(answer), 500, media_type=PROBLEM_TYPE)
