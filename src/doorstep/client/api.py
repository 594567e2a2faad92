"""Every call of the API, once, as coroutines; `clients` makes them awaitable and blocking."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, Literal, Unpack

from msgspec.structs import replace

from doorstep.client.answers import (
    Account,
    Carrier,
    CarrierUpdate,
    Event,
    Explanation,
    Order,
    OrderItem,
    Shipment,
    StateEntry,
    UpdateOutcome,
    Warehouse,
)
from doorstep.client.calls import delete, get, post, put
from doorstep.client.fields import (
    AccountFields,
    CarrierFields,
    ItemFields,
    NewCarrierUpdate,
    OrderChanges,
    OrderFields,
    OrderFilters,
    ShipmentChanges,
    ShipmentFields,
    ShipmentFilters,
    StateFields,
)
from doorstep.client.session import Pages, Session

UPDATES_PER_CALL: Final = 1000


class Api:
    def __init__(self, session: Session) -> None:
        self._session = session

    async def create_order(self, order_id: str, **fields: Unpack[OrderFields]) -> Order:
        """An equal order that exists already is answered as it is now, `replayed`; one that
        differs is a Conflict, and `change_order` is the way."""
        body = {"order_id": order_id, **fields}
        return await self._session.perform(post(Order, "order", body=body))

    async def order(self, order_id: str | int) -> Order:
        """By the shop's own `order_id`, or by doorstep's number."""
        return await self._session.perform(get(Order, "orders", order_id))

    async def explanation(self, order_id: str | int) -> Explanation:
        """What the order waits for, and how its promise stands."""
        return await self._session.perform(get(Explanation, "orders", order_id, "explanation"))

    def orders(self, *, page_size: int = 100, **filters: Unpack[OrderFilters]) -> Pages[Order]:
        query = {**filters, "limit": page_size}
        return Pages(self._session, get(list[Order], "orders", query=query))

    async def change_order(self, order_id: str | int, **fields: Unpack[OrderChanges]) -> Order:
        """Only what is given changes, None clears; `recipient` and `order_tags` are replaced
        whole."""
        return await self._session.perform(put(Order, "orders", order_id, body=fields))

    async def delete_order(self, order_id: str | int) -> None:
        """With its items, its shipments and all personal data."""
        await self._session.perform(delete("orders", order_id))

    async def add_item(self, order_id: str | int, **fields: Unpack[ItemFields]) -> OrderItem:
        """Needs a `sku`, `name` or `description`; an `external_id` of the order is `replayed`."""
        return await self._session.perform(
            post(OrderItem, "orders", order_id, "items", body=fields)
        )

    async def items(self, order_id: str | int) -> list[OrderItem]:
        return await self._session.perform(get(list[OrderItem], "orders", order_id, "items"))

    async def item(self, order_id: str | int, item_id: str) -> OrderItem:
        return await self._session.perform(get(OrderItem, "orders", order_id, "items", item_id))

    async def change_item(
        self, order_id: str | int, item_id: str, **fields: Unpack[ItemFields]
    ) -> OrderItem:
        """Only what is given changes, None clears."""
        return await self._session.perform(
            put(OrderItem, "orders", order_id, "items", item_id, body=fields)
        )

    async def remove_item(self, order_id: str | int, item_id: str) -> None:
        await self._session.perform(delete("orders", order_id, "items", item_id))

    async def report_state(
        self, order_id: str, state: str, **fields: Unpack[StateFields]
    ) -> StateEntry:
        """`shipped` and `completed` are doorstep's own to set."""
        body = {"order_id": order_id, "state": state, **fields}
        return await self._session.perform(post(StateEntry, "order_states", body=body))

    async def add_shipment(self, **fields: Unpack[ShipmentFields]) -> Shipment:
        """Needs an `order_id`, or an `order` to create if there is none yet; and a
        `tracking_code` or a `reference_number`. The same parcel again is `replayed`."""
        return await self._session.perform(post(Shipment, "shipments", body=fields))

    async def shipment(self, shipment_id: int) -> Shipment:
        return await self._session.perform(get(Shipment, "shipments", shipment_id))

    def shipments(
        self, *, page_size: int = 100, **filters: Unpack[ShipmentFilters]
    ) -> Pages[Shipment]:
        query = {**filters, "limit": page_size}
        return Pages(self._session, get(list[Shipment], "shipments", query=query))

    async def change_shipment(
        self, shipment_id: int, **fields: Unpack[ShipmentChanges]
    ) -> Shipment:
        """Only what is given changes, None clears. After the first scan only `comment`,
        `shipment_tag` and `counted` may."""
        return await self._session.perform(put(Shipment, "shipments", shipment_id, body=fields))

    async def delete_shipment(self, shipment_id: int) -> None:
        """Until the first scan."""
        await self._session.perform(delete("shipments", shipment_id))

    async def shipment_events(self, shipment_id: int) -> list[CarrierUpdate]:
        """What its carrier reported, oldest first."""
        return await self._session.perform(
            get(list[CarrierUpdate], "shipments", shipment_id, "events")
        )

    async def record_carrier_update(self, **update: Unpack[NewCarrierUpdate]) -> CarrierUpdate:
        """A known one is `replayed`; one for a parcel not yet known is kept until `kept_until`."""
        return await self._session.perform(post(CarrierUpdate, "carrier_updates", body=update))

    async def record_carrier_updates(
        self, updates: Iterable[NewCarrierUpdate]
    ) -> list[UpdateOutcome]:
        """One outcome for each, in order; a refused one raises nothing and holds back no other.
        Should the call itself fail, the same updates again are safe."""
        rest = iter(updates)
        outcomes: list[UpdateOutcome] = []
        while chunk := list(islice(rest, UPDATES_PER_CALL)):
            before = len(outcomes)
            call = post(list[UpdateOutcome], "carrier_updates", body=chunk)
            for outcome in await self._session.perform(call):
                outcomes.append(replace(outcome, index=before + outcome.index))
        return outcomes

    def events(
        self,
        *,
        after: int | Literal["latest"] = 0,
        types: Iterable[str] = (),
        order_id: str | int | None = None,
        follow: bool = False,
        page_size: int = 100,
    ) -> Pages[Event]:
        """What happened after a `sequence`, in order; with `follow` without end, waiting for what
        comes. Keep the `sequence` of the last one that is done with, to go on from there."""
        wanted = {"types": ",".join(types) or None, "order_id": order_id, "limit": page_size}
        wait = self._session.wait_seconds if follow else None
        query = {**wanted, "wait": wait, "after": after}
        return Pages(self._session, get(list[Event], "events", query=query), endless=follow)

    def order_events(self, order_id: str | int, *, page_size: int = 100) -> Pages[Event]:
        """The order's own, be it deleted."""
        query = {"limit": page_size}
        return Pages(self._session, get(list[Event], "orders", order_id, "events", query=query))

    async def carriers(self) -> list[Carrier]:
        return await self._session.perform(get(list[Carrier], "carriers"))

    async def put_carrier(self, code: str, **fields: Unpack[CarrierFields]) -> Carrier:
        """`tracking_url` holds `{tracking_code}` where the parcel's own belongs."""
        return await self._session.perform(put(Carrier, "carriers", code, body=fields))

    async def delete_carrier(self, code: str) -> None:
        await self._session.perform(delete("carriers", code))

    async def account(self) -> Account:
        return await self._session.perform(get(Account, "account"))

    async def change_account(self, **fields: Unpack[AccountFields]) -> Account:
        return await self._session.perform(put(Account, "account", body=fields))

    async def warehouses(self) -> list[Warehouse]:
        return await self._session.perform(get(list[Warehouse], "warehouses"))

    async def put_warehouse(self, name: str, *, address: str | None) -> Warehouse:
        return await self._session.perform(
            put(Warehouse, "warehouses", name, body={"address": address})
        )

    async def delete_warehouse(self, name: str) -> None:
        await self._session.perform(delete("warehouses", name))
