"""Pictures of what was ordered: wanted when somebody first looks at an order with them.

So an order costs nothing for its pictures, and only those that are looked at are fetched and kept.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Iterable

from doorstep.domain.order import Item
from doorstep.service.media.wanted import media_path, url_hash
from doorstep.service.notes import Notes
from doorstep.service.webhooks.urls import read_url
from doorstep.store import media as stored
from doorstep.store.store import Store

MOST_OF_AN_ACCOUNT = 2_000
"""Pictures that are kept for an account: for new ones the oldest go, to be fetched again if anybody
looks at them.
"""

WANTED_FOR_SECONDS = 600.0
"""Before a process tries to write again that it wants a picture."""

MOST_REMEMBERED = 10_000


class ItemPictures:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._notes = Notes(store, "that pictures are wanted")
        self._wanted: OrderedDict[tuple[int, str], float] = OrderedDict()

    async def paths(self, account_id: int, items: Iterable[Item]) -> dict[str, str]:
        """Where the pictures are that are kept already, by `image_url`; the others are wanted."""
        urls = {str(item.fields["image_url"]) for item in items if item.fields.get("image_url")}
        if not urls:
            return {}
        by_hash = {url_hash(url): url for url in urls}
        known = await stored.load_statuses(self._store.reader, account_id, list(by_hash))
        # What is known was fit when it was wanted.
        unknown = by_hash.keys() - known.keys()
        self._want(account_id, {key: by_hash[key] for key in unknown if _is_fit(by_hash[key])})
        kept = (by_hash[digest] for digest, status in known.items() if status == "kept")
        return {url: media_path(account_id, url) for url in kept}

    def _want(self, account_id: int, pictures: dict[str, str]) -> None:
        """Seldom, however often somebody looks: also where they have soon to go again."""
        now = time.monotonic()
        new = [each for each in pictures.items() if self._is_new((account_id, each[0]), now)]
        for digest, _ in new:
            self._wanted[account_id, digest] = now
            self._wanted.move_to_end((account_id, digest))
        while len(self._wanted) > MOST_REMEMBERED:
            self._wanted.popitem(last=False)
        if new:
            self._notes.write(
                lambda writer: stored.want_new(writer, account_id, new, MOST_OF_AN_ACCOUNT),
                account_id=account_id,
            )

    def _is_new(self, picture: tuple[int, str], now: float) -> bool:
        return now >= self._wanted.get(picture, -math.inf) + WANTED_FOR_SECONDS

    async def close(self) -> None:
        await self._notes.close()


def _is_fit(url: str) -> bool:
    try:
        read_url(url)
    except ValueError:
        return False
    return True
