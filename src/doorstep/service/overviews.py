"""Overviews that were made a moment ago: asked for by many at once, one is made for all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from doorstep.clock import Clock
from doorstep.domain.order import SECOND, Instant
from doorstep.service.overview_figures import Overview

KEPT: Instant = 30 * SECOND
MOST_KEPT = 1_000

Key: TypeAlias = tuple[int, int]
"""The account, and the days of silence that were asked about."""


class Place:
    """Where an overview is kept, and the turn of those who want it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.overview: Overview | None = None


class Overviews:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._places: dict[Key, Place] = {}

    async def get(self, key: Key, make: Callable[[], Awaitable[Overview]]) -> Overview:
        """The newest one that is kept, else one that is made now."""
        place = self._places.setdefault(key, Place())
        async with place.turn:
            if place.overview is None or not self._is_fresh(place.overview):
                place.overview = await make()
                self._forget()
            return place.overview

    def _is_fresh(self, overview: Overview) -> bool:
        # A clock that was set back makes no overview last longer.
        return 0 <= self._clock() - overview.as_of < KEPT

    def _forget(self) -> None:
        """What nobody will be given again."""
        if len(self._places) <= MOST_KEPT:
            return
        for key, place in list(self._places.items()):
            is_given = place.overview is not None and self._is_fresh(place.overview)
            if not is_given and not place.turn.locked():
                del self._places[key]
