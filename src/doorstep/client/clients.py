"""The two ways to use the API. `Client` is `AsyncClient` with its coroutines run to their end."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

import httpx

from doorstep.client.api import Api
from doorstep.client.retries import Retries
from doorstep.client.session import Pages, Session
from doorstep.client.wires import AsyncWire, BlockingWire, finish

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_RETRIES: Final = Retries()


class AsyncClient(Api):
    """For one event loop. The token is fetched with the first call and renewed by itself; every
    call is retried within `retries`, safely. `transport` serves for proxies, own certificates
    and tests."""

    def __init__(
        self,
        base_url: str,
        access_key: str,
        *,
        timeout_seconds: float = 10.0,
        retries: Retries = DEFAULT_RETRIES,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        wire = AsyncWire(transport)
        super().__init__(Session(wire, base_url, access_key, timeout_seconds, retries))

    async def close(self) -> None:
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _blocking(
    method: Callable[Concatenate[Api, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Client, P], T]:
    @wraps(method)
    def blocking(client: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return finish(method(client._api, *args, **kwargs))

    return blocking


def _iterated(
    method: Callable[Concatenate[Api, P], Pages[T]],
) -> Callable[Concatenate[Client, P], Iterator[T]]:
    @wraps(method)
    def iterated(client: Client, /, *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        return _each(method(client._api, *args, **kwargs))

    return iterated


def _each(pages: Pages[T]) -> Iterator[T]:
    while (page := finish(pages.next_page())) is not None:
        yield from page


class Client:
    """May be shared by threads. The token is fetched with the first call and renewed by itself;
    every call is retried within `retries`, safely. `transport` serves for proxies, own
    certificates and tests."""

    def __init__(
        self,
        base_url: str,
        access_key: str,
        *,
        timeout_seconds: float = 10.0,
        retries: Retries = DEFAULT_RETRIES,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        wire = BlockingWire(transport)
        self._session = Session(wire, base_url, access_key, timeout_seconds, retries)
        self._api = Api(self._session)

    def close(self) -> None:
        finish(self._session.close())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    create_order = _blocking(Api.create_order)
    order = _blocking(Api.order)
    explanation = _blocking(Api.explanation)
    orders = _iterated(Api.orders)
    change_order = _blocking(Api.change_order)
    delete_order = _blocking(Api.delete_order)

    add_item = _blocking(Api.add_item)
    items = _blocking(Api.items)
    item = _blocking(Api.item)
    change_item = _blocking(Api.change_item)
    remove_item = _blocking(Api.remove_item)

    report_state = _blocking(Api.report_state)

    add_shipment = _blocking(Api.add_shipment)
    shipment = _blocking(Api.shipment)
    shipments = _iterated(Api.shipments)
    change_shipment = _blocking(Api.change_shipment)
    delete_shipment = _blocking(Api.delete_shipment)
    shipment_events = _blocking(Api.shipment_events)

    record_carrier_update = _blocking(Api.record_carrier_update)
    record_carrier_updates = _blocking(Api.record_carrier_updates)

    events = _iterated(Api.events)
    order_events = _iterated(Api.order_events)

    carriers = _blocking(Api.carriers)
    put_carrier = _blocking(Api.put_carrier)
    delete_carrier = _blocking(Api.delete_carrier)

    account = _blocking(Api.account)
    change_account = _blocking(Api.change_account)
    warehouses = _blocking(Api.warehouses)
    put_warehouse = _blocking(Api.put_warehouse)
    delete_warehouse = _blocking(Api.delete_warehouse)
