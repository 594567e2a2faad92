"""One request on its way through a handler, and the few replies there are."""

import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import msgspec
from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from doorstep.api.answers import Answers
from doorstep.api.body import decode_body
from doorstep.api.held_bytes import HeldBytes
from doorstep.api.problems import Problem, invalid_field, invalid_fields, refused
from doorstep.domain.refusals import Refusal
from doorstep.service.accounts import AccountView
from doorstep.service.forms.forms import Body, Check, Reading, Unfit, violations_of
from doorstep.service.outcomes import Answer, Idempotency, Replayed
from doorstep.service.services import Services

JSON = "application/json"
REPLAYED = {"Idempotent-Replayed": "true"}
MOST_KEY_LENGTH = 255


class Reply(Struct, frozen=True):
    """A successful answer before it becomes bytes; `body` None for 204."""

    status: int
    body: Any = None
    headers: dict[str, str] = {}

    def encoded(self) -> Answer:
        text = "" if self.body is None else msgspec.json.encode(self.body).decode()
        return Answer(self.status, self.headers, text)

    def response(self) -> Response:
        if self.body is None:
            return Response(status_code=self.status, headers=self.headers)
        return Response(msgspec.json.encode(self.body), self.status, self.headers, JSON)


class Call:
    """A request with everything that its handler works with."""

    def __init__(
        self,
        services: Services,
        public_url: str,
        scope: Any,
        receive: Any,
    ) -> None:
        self.services = services
        self.public_url = public_url
        self.scope = scope
        self.receive = receive
        self.token = ""
        self.path: dict[str, str] = {}
        self.body = b""
        self.received_bytes = 0
        self.request_id = ""
        self.waits = False
        self.route_path = ""
        self.held_in: HeldBytes
        self.view: AccountView
        self.answers: Answers

    def act_for(self, view: AccountView) -> None:
        """From here on the call belongs to an account."""
        self.view = view
        self.answers = Answers(view, self.public_url)

    @property
    def account_id(self) -> int:
        return self.view.account_id

    def header(self, name: bytes) -> str | None:
        """A header by its lower-case name, the first if it came twice."""
        for key, value in self.scope["headers"]:
            if key == name:
                text: str = value.decode("latin-1")
                return text
        return None

    def query(self) -> list[tuple[str, str]]:
        """The query's parameters in order, decoded strictly; `+` is a space."""
        pairs: list[tuple[str, str]] = []
        for part in self.scope["query_string"].split(b"&"):
            if part:
                name, _, value = part.partition(b"=")
                pairs.append((_decoded(name), _decoded(value)))
        return pairs

    def read(
        self, body: Body, *, partial: bool = False, check: Check | None = None
    ) -> dict[str, Any]:
        """The body's given fields; raises Problem with all violations at once."""
        return self.read_value(body, decode_body(self.body), partial=partial, check=check)

    def read_value(
        self, body: Body, value: Any, *, partial: bool = False, check: Check | None = None
    ) -> dict[str, Any]:
        reading = Reading(self.services.limits, self.view.time_zone)
        try:
            return body.read(value, reading, partial=partial, check=check)
        except Unfit as unfit:
            raise invalid_fields(violations_of(unfit)) from None

    def idempotency(self, reply: Callable[[Any], Reply]) -> Idempotency | None:
        """What keeps the first answer, when the request carries an `Idempotency-Key`."""
        key = self.header(b"idempotency-key")
        if key is None:
            return None
        if not 1 <= len(key) <= MOST_KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise invalid_field(
                "Idempotency-Key", f"must be 1 to {MOST_KEY_LENGTH} printable ASCII characters."
            )
        return Idempotency(key, self.request_hash(), lambda outcome: reply(outcome).encoded())

    def request_hash(self) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.scope["method"].encode(), self.scope["raw_path"], self.body):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()


def _decoded(text: bytes) -> str:
    try:
        decoded = unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise Problem(400, "malformed_query", "The query is not UTF-8.") from None
    if "\0" in decoded:
        raise Problem(400, "malformed_query", "The query contains a NUL character.")
    return decoded


def respond(outcome: object, reply: Callable[[Any], Reply]) -> Response:
    """The response to an outcome; raises Problem for a refusal."""
    if isinstance(outcome, Refusal):
        raise refused(outcome)
    if isinstance(outcome, Replayed):
        answer = outcome.answer
        headers = {**answer.headers, **REPLAYED}
        return Response(answer.body.encode(), answer.status, headers, JSON)
    return reply(outcome).response()


async def stream(call: Call, chunks: AsyncIterator[bytes]) -> Response:
    """A JSON answer part by part; whole for a client too old to know how to read parts."""
    if call.scope["http_version"] == "1.0":
        return Response(b"".join([chunk async for chunk in chunks]), 200, media_type=JSON)
    return StreamingResponse(chunks, 200, media_type=JSON)


def not_found(what: str, name: object) -> Problem:
    return Problem(404, f"{what.replace(' ', '_')}_not_found", f"There is no {what} {name}.")
