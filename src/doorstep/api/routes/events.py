"""Routes of what happened: the feed, an order's events, their schemas."""

import msgspec

from doorstep.api import event_parameters, events
from doorstep.api.routes.route import READ, Route
from doorstep.service.events.cloud_events import CloudEvent


def event_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            ("/v2/events",),
            "listEvents",
            "The account's events, from a sequence on",
            events.feed,
            {200: list[CloudEvent]},
            scopes=READ,
            parameters=event_parameters.FEED,
            streams=True,
            refusals=(404, 429),
        ),
        Route(
            "GET",
            ("/v2/orders/{id}/events",),
            "listOrderEvents",
            "The events of an order, be it deleted",
            events.of_order,
            {200: list[CloudEvent]},
            scopes=READ,
            parameters=event_parameters.OF_ORDER,
        ),
        Route(
            "GET",
            ("/v2/schemas/{schema}",),
            "getEventSchema",
            "The JSON Schema of a type of event",
            events.schema,
            {200: dict[str, msgspec.Raw]},
            scopes=None,
            refusals=(404,),
        ),
    )
