"""Pictures of others under our own address, so that no page asks anybody else."""

import re

from starlette.requests import Request
from starlette.responses import Response

from doorstep.service.media.keeping import picture
from doorstep.service.services import Services
from doorstep.web.answers import FOREVER, HEADERS, message

NAME = re.compile(r"([0-9]{1,15})-([0-9a-f]{64})", re.ASCII)
"""The account's number and the hash of the picture's URL."""


class MediaPages:
    def __init__(self, services: Services) -> None:
        self._services = services

    async def page(self, request: Request) -> Response:
        name = NAME.fullmatch(request.path_params["name"])
        found = await picture(self._services, int(name[1]), name[2]) if name else None
        if found is None:
            return message(request, 404)
        headers = {**HEADERS, "Cache-Control": FOREVER}
        return Response(found.content, 200, headers, found.media_type)
