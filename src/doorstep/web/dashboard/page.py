"""What the dashboard's table of pages says of each."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeAlias

from starlette.responses import Response

from doorstep.web.dashboard.visit import Visit

Handler: TypeAlias = Callable[[Visit], Awaitable[Response]]


class Page(NamedTuple):
    """`change` takes what its forms send: only from keys that may change something."""

    path: str
    show: Handler
    change: Handler | None = None

    @property
    def methods(self) -> list[str]:
        return ["GET"] if self.change is None else ["GET", "POST"]
