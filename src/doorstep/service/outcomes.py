"""What a use case comes to."""

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import Struct

from doorstep.domain.order import Order
from doorstep.domain.refusals import Kind, Refusal
from doorstep.store.working_set import Answer as Answer

STATUS_OF_KIND: dict[Kind, int] = {
    "invalid": 400,
    "conflict": 409,
    "missing": 404,
    "throttled": 429,
}
"""The HTTP status of a refusal by its kind, of an answer and of a page alike."""


class Done(Struct, frozen=True):
    """Carried out: `order` is the one after it, None when it was deleted.

    `subject` is the number of the item, shipment or update that it was about, or the history
    entry; `replayed` says that it was there already.
    """

    order: Order | None
    subject: Any = None
    replayed: bool = False


class Kept(Struct, frozen=True):
    """An update for an unknown parcel waits for it; instants in microseconds."""

    update_number: int
    kept_until: int


class Replayed(Struct, frozen=True):
    """The first answer to the same `Idempotency-Key`, to be given again."""

    answer: Answer


Outcome: TypeAlias = Done | Kept | Refusal | Replayed


class Idempotency(Struct, frozen=True):
    """A request's key, the hash of its method, path and body, and how its answer is encoded."""

    key: str
    request_hash: str
    encode: Callable[[Any], Answer]
