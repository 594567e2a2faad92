"""What the fields of a body ask for: the same of a request and of a form on a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from doorstep.domain.commands import ReportState, UpdateOrder
from doorstep.domain.order import internal_number
from doorstep.service.carrier_updates import GivenUpdate, Said
from doorstep.service.forms.bodies import SHIPMENT_PERSONAL, required_one_of
from doorstep.service.forms.forms import Unfit

STATE_NAMES = ("order_id", "shop_order_id")

UPDATE_NAMES_A_PARCEL = required_one_of("shipment_id", "tracking_code", "reference_number")


def state_names_an_order(given: Mapping[str, Any], faulty: set[str]) -> Iterable[tuple[str, str]]:
    names = {given[name] for name in STATE_NAMES if name in given}
    if len(names) > 1:
        return [(name, "order_id and shop_order_id differ.") for name in STATE_NAMES]
    return [] if names or not faulty.isdisjoint(STATE_NAMES) else [("order_id", "is required.")]


def state_report(given: Mapping[str, Any]) -> ReportState:
    return ReportState(given["state"], given.get("datetime"), given.get("location"))


def order_change(given: dict[str, Any]) -> UpdateOrder:
    if given.get("order_id", "") is None:
        del given["order_id"]
    recipient = given.pop("recipient", UNSET)
    return UpdateOrder(given, recipient)


def shipment_fields(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields by what they are called inside, and the personal ones apart."""
    personal = {name: given.pop(name) for name in SHIPMENT_PERSONAL if name in given}
    if "carrier" in given:
        carrier = given.pop("carrier") or {}
        given["carrier_name"] = carrier.get("name")
        given["carrier_country"] = carrier.get("country")
    return given, personal


def shipment_change(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    fields, personal = shipment_fields(given)
    if fields.get("order_id", "") is None:
        del fields["order_id"]
    return fields, personal


def given_update(given: Mapping[str, Any]) -> GivenUpdate:
    """Raises Unfit where it retracts what cannot be an update."""
    time = given["datetime"]
    retracts = given.get("retracts")
    number = None if retracts is None else internal_number(retracts)
    if retracts is not None and number is None:
        raise Unfit(("retracts", "names no update of this shipment."))
    said = Said(
        given.get("status"),
        time.instant,
        time.utc_offset,
        given.get("location"),
        given.get("description"),
        number,
    )
    shipment_id = given.get("shipment_id")
    return GivenUpdate(
        # What is no number of ours names no parcel: it is kept like any other unknown one.
        (internal_number(shipment_id) or 0) if shipment_id is not None else None,
        given.get("tracking_code"),
        (given.get("carrier") or {}).get("name"),
        given.get("reference_number"),
        said,
    )
