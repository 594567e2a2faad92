"""Making an access key by a request that may come twice, and is carried out once."""

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal
from doorstep.service.access import new_access_key
from doorstep.service.once import once
from doorstep.service.outcomes import Idempotency, Replayed
from doorstep.service.services import Services
from doorstep.store.accounts import AccessKey, insert_access_key
from doorstep.store.database import Writer


class MadeKey(Struct, frozen=True):
    """`text` is the whole key, which is known this once."""

    key: AccessKey
    text: str


async def make_key(
    services: Services, account_id: int, scope: str, idempotency: Idempotency
) -> MadeKey | Refusal | Replayed:
    async def make(writer: Writer, now: Instant) -> MadeKey:
        key, text = new_access_key(account_id, scope, now)
        await insert_access_key(writer, key)
        return MadeKey(key, text)

    return await once(services, account_id, idempotency, make)
