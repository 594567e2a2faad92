"""Routes of shipments, carriers and what carriers say."""

from doorstep.api import answers as a
from doorstep.api import carrier_updates, carriers, shipments
from doorstep.api.routes.route import CARRIER, READ, Route
from doorstep.service.events.parts import CarrierUpdateAnswer
from doorstep.service.forms import bodies

ONE_SHIPMENT = ("/v2/shipments/{shipment_id}",)
CARRIERS = ("/v2/carriers",)
ONE_CARRIER = ("/v2/carriers/{code}",)


def shipment_routes() -> tuple[Route, ...]:
    return (
        Route(
            "POST",
            ("/v2/shipments", "/v2/shipment"),
            "addShipment",
            "Hand over a parcel",
            shipments.create,
            {201: a.ShipmentAnswer},
            bodies.SHIPMENT,
            replays=True,
            refusals=(404, 409),
        ),
        Route(
            "GET",
            ("/v2/shipments",),
            "listShipments",
            "List shipments",
            shipments.listing,
            {200: list[a.ShipmentAnswer]},
            scopes=READ,
            filters=shipments.FILTERS,
        ),
        *_one_shipment_routes(),
    )


def _one_shipment_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            ONE_SHIPMENT,
            "getShipment",
            "One shipment",
            shipments.get,
            {200: a.ShipmentAnswer},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_SHIPMENT,
            "changeShipment",
            "Change the given fields of a shipment",
            shipments.update,
            {200: a.ShipmentAnswer},
            bodies.SHIPMENT_CHANGE,
            refusals=(409,),
        ),
        Route(
            "DELETE",
            ONE_SHIPMENT,
            "deleteShipment",
            "Remove a shipment that no carrier has scanned",
            shipments.delete,
            {204: None},
            refusals=(409,),
        ),
        Route(
            "GET",
            ("/v2/shipments/{shipment_id}/events", "/v2/shipment/events/{shipment_id}"),
            "listShipmentEvents",
            "A shipment's carrier updates, oldest first",
            shipments.events,
            {200: list[CarrierUpdateAnswer]},
            scopes=READ,
        ),
    )


def carrier_routes() -> tuple[Route, ...]:
    return (
        Route(
            "GET",
            CARRIERS,
            "listCarriers",
            "The carriers known to doorstep and the account's own",
            carriers.listing,
            {200: list[a.CarrierAnswer]},
            scopes=READ,
        ),
        Route(
            "PUT",
            ONE_CARRIER,
            "putCarrier",
            "Add or replace a carrier of the account",
            carriers.put,
            {200: a.CarrierAnswer, 201: a.CarrierAnswer},
            bodies.OWN_CARRIER,
        ),
        Route(
            "DELETE",
            ONE_CARRIER,
            "deleteCarrier",
            "Remove a carrier of the account",
            carriers.delete,
            {204: None},
            refusals=(409,),
        ),
        Route(
            "POST",
            ("/v2/carrier_updates",),
            "recordCarrierUpdates",
            "What a carrier says of one parcel, or of up to 1,000",
            carrier_updates.create,
            {
                200: CarrierUpdateAnswer | list[a.UpdateOutcomeAnswer],
                201: CarrierUpdateAnswer,
                202: a.KeptUpdateAnswer,
            },
            bodies.CARRIER_UPDATE,
            scopes=CARRIER,
            replays=True,
            refusals=(409, 429),
        ),
    )
