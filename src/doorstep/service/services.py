"""What every use case works with."""

from collections.abc import Callable

from msgspec import Struct

from doorstep.domain.limits import Limits
from doorstep.domain.order import Instant
from doorstep.metrics import Metrics
from doorstep.service.access import Access
from doorstep.service.accounts import Accounts
from doorstep.service.events.streams import EventStreams
from doorstep.service.group import GroupCommit
from doorstep.service.health import Readiness
from doorstep.service.long_reads import LongReads
from doorstep.service.media.items import ItemPictures
from doorstep.service.newest import Newest
from doorstep.service.numbers import Numbers
from doorstep.service.order_watch import OrderWatch
from doorstep.service.overviews import Overviews
from doorstep.service.put_aside import PutAside
from doorstep.service.webhooks.sending import Sender
from doorstep.store.store import Store


class Services(Struct, frozen=True):
    store: Store
    group: GroupCommit
    newest: Newest
    sender: Sender
    event_streams: EventStreams
    order_watch: OrderWatch
    item_pictures: ItemPictures
    long_reads: LongReads
    overviews: Overviews
    numbers: Numbers
    put_aside: PutAside
    accounts: Accounts
    access: Access
    readiness: Readiness
    limits: Limits
    metrics: Metrics
    clock: Callable[[], Instant]
