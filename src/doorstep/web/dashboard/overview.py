"""The overview: how the shop's orders are doing."""

from starlette.responses import Response

from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.visit import Visit


async def page(visit: Visit) -> Response:
    return visit.html("overview.html")


PAGES = (Page("/", page),)
