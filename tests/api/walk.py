"""A walk through all routes that gets every success and every refusal that they are for."""

import asyncio
from typing import Any

from tests.conftest import Api


class Walk:
    """Calls routes by their names, at their first path or at their last, which may be an alias."""

    def __init__(self, api: Api, *, last: bool) -> None:
        self.api = api
        self.routes = {route.name: route for route in api.application.routes}
        self.place = -1 if last else 0

    def go(
        self, name: str, expected: int, body: Any = None, query: str = "", **options: Any
    ) -> Any:
        """The answer's JSON; `path` fills the path's parameters."""
        route = self.routes[name]
        path = route.paths[self.place].format(**options.pop("path", {})) + query
        answer = self.api.call(route.method, path, body, **options)
        assert answer.status_code == expected, (name, answer.status_code, answer.text)
        is_json = answer.headers.get("content-type") == "application/json"
        return answer.json() if is_json else None

    def all(self) -> None:
        self.tokens()
        self.orders()
        self.items()
        self.shipments()
        self.carrier_updates()
        self.events()
        self.account()
        self.webhook_endpoints()

    def tokens(self) -> None:
        self.go("createToken", 200, {"access_key": self.api.key})
        for _ in range(10):
            self.go("createToken", 401, {"access_key": "wrong"})
        self.go("createToken", 429, {"access_key": "wrong"})

    def order(self, name: str, **fields: Any) -> dict[str, str]:
        """An order, by the parameter that its path has."""
        self.go("createOrder", 201, {"order_id": name, **fields})
        return {"id": name}

    def orders(self) -> None:
        given = {"language": "de", "order_items": [{"sku": "A"}], "recipient": {"city": "Wien"}}
        path = self.order("one", **given)
        self.order("one", **given)
        self.go("createOrder", 409, {"order_id": path["id"], "language": "fr"})
        self.go("listOrders", 200, query="?limit=1&order[created_at]=desc")
        self.go("listOrders", 200, query="?language=de")
        self.go("getOrder", 200, path=path)
        self.go("explainOrder", 200, path=path)
        as_of = self.go("getOrder", 200, path=path)["created_at"]
        self.api.clock.advance(seconds=1)
        self.go("getOrder", 200, path=path, query=f"?as_of={as_of.replace('Z', '9Z')}")
        self.go("changeOrder", 200, {"order_tags": {"a": 1}, "recipient": None}, path=path)
        for state in ("paid", "in_preparation"):
            self.go("reportOrderState", 201, {"order_id": path["id"], "state": state})
        self.go("reportOrderState", 409, {"order_id": path["id"], "state": "in_production"})
        self.go("reportOrderState", 404, {"order_id": "none", "state": "paid"})
        self.go("deleteOrder", 204, path=path)

    def items(self) -> None:
        path = self.order("items")
        item = self.go("addOrderItem", 201, {"sku": "A", "sales_price": 29.99}, path=path)
        one = {**path, "item_id": item["id"]}
        self.go("listOrderItems", 200, path=path)
        self.go("getOrderItem", 200, path=one)
        self.go("changeOrderItem", 200, {"status": "refunded"}, path=one)
        self.go("changeOrderItem", 409, {"status": "new"}, path=one)
        self.go("addOrderItem", 409, {"sku": "B"}, path=path)
        self.go("removeOrderItem", 204, path=one)

    def shipments(self) -> None:
        path, other = self.order("parcels"), self.order("other")
        given = {"order_id": path["id"], "tracking_code": "T-1", "carrier": {"name": "dhl"}}
        parcel = self.go("addShipment", 201, given)
        one = {"shipment_id": str(parcel["id"])}
        self.go("addShipment", 201, given)
        self.go("addShipment", 409, {**given, "order_id": other["id"]})
        self.go("addShipment", 404, {**given, "order_id": "none"})
        second = self.go("addShipment", 201, {**given, "tracking_code": "T-2"})
        self.go("listShipments", 200, query="?limit=1")
        self.go("listShipments", 200, query=f"?order_id={path['id']}")
        self.go("getShipment", 200, path=one)
        self.go("changeShipment", 200, {"weight": 2, "shipment_tag": {"a": "b"}}, path=one)
        self.go("deleteShipment", 204, path={"shipment_id": str(second["id"])})
        self.go("recordCarrierUpdates", 201, self.update(shipment_id=parcel["id"]))
        self.go("recordCarrierUpdates", 200, self.update(shipment_id=parcel["id"]))
        self.go("recordCarrierUpdates", 201, self.update(tracking_code="T-1", status=None))
        self.go("listShipmentEvents", 200, path=one)
        self.go("changeShipment", 409, {"weight": 3}, path=one)
        self.go("deleteShipment", 409, path=one)
        self.go("changeOrder", 409, {"boarding_complete": False}, path=path)

    def update(self, **fields: Any) -> dict[str, Any]:
        return {"status": "delivered", "datetime": "2027-01-15T08:00:00+01:00", **fields}

    def carrier_updates(self) -> None:
        """The account keeps one update of unknown parcels at most."""
        first = self.update(tracking_code="unknown-1")
        self.go("recordCarrierUpdates", 202, first, headers={"Idempotency-Key": "key"})
        self.go("recordCarrierUpdates", 202, first, headers={"Idempotency-Key": "key"})
        second = self.update(tracking_code="unknown-2")
        self.go("recordCarrierUpdates", 409, second, headers={"Idempotency-Key": "key"})
        self.go("recordCarrierUpdates", 429, second)
        self.go("recordCarrierUpdates", 200, [first, second, {}, 7, None])

    def events(self) -> None:
        """One request of the account may wait; it does until something happens."""
        path = self.order("events")
        self.go("listEvents", 200, query="?types=order.created,item.*&limit=2")
        self.go("listEvents", 200, query="?order_id=events")
        self.go("listEvents", 404, query="?order_id=none")
        self.go("listOrderEvents", 200, path=path)
        waits, refused, _ = self.api.run(self._wait_twice())
        assert (waits.status_code, refused.status_code) == (200, 429)
        assert [event["subject"] for event in waits.json()] == ["awaited"]
        self.go("getEventSchema", 200, path={"schema": "order.shipped.json"})

    async def _wait_twice(self) -> Any:
        wait = "/v2/events?after=latest&wait=60"
        order = {"order_id": "awaited"}
        return await asyncio.gather(
            self.api.send("GET", wait),
            self.api.send("GET", wait),
            self.api.send("POST", "/v2/order", json=order),
        )

    def account(self) -> None:
        self.api.account("Other")
        self.go("getAccount", 200)
        self.go("changeAccount", 200, {"language": "de", "untrackable_days": 7})
        self.go("changeAccount", 409, {"slug": "other"})
        carrier = {
            "name": "Bike",
            "countries": ["at"],
            "tracking_url": "https://b.at/{tracking_code}",
        }
        self.go("listCarriers", 200)
        self.go("putCarrier", 201, carrier, path={"code": "bike"})
        self.go("putCarrier", 200, carrier, path={"code": "bike"})
        self.go("deleteCarrier", 204, path={"code": "bike"})
        self.go("deleteCarrier", 409, path={"code": "dhl"})
        self.go("putWarehouse", 201, {"address": "Wien"}, path={"name": "W"})
        self.go("putWarehouse", 200, {"address": "Graz"}, path={"name": "W"})
        self.go("listWarehouses", 200)
        self.go("deleteWarehouse", 204, path={"name": "W"})
        for name in ("getHealth", "getReadiness", "getMetrics"):
            self.go(name, 200)
        self.go("getDocument", 200)
        self.go("getReference", 200)

    def webhook_endpoints(self) -> None:
        """The account may have one, and the address guard lets nothing through to this one."""
        given = {"url": "https://localhost:1/", "types": ["order.*"]}
        endpoint = self.once("createWebhookEndpoint", 201, given)
        self.go("createWebhookEndpoint", 409, given)
        one = {"webhook_endpoint_id": str(endpoint["id"])}
        self.go("listWebhookEndpoints", 200)
        self.go("getWebhookEndpoint", 200, path=one)
        self.go("changeWebhookEndpoint", 200, {"description": "Warehouse"}, path=one)
        self.once("rotateWebhookSecret", 200, {"overlap_hours": 1}, path=one)
        for name in ("pauseWebhookEndpoint", "resumeWebhookEndpoint", "testWebhookEndpoint"):
            self.once(name, 200, path=one)
        self.once("replayEvents", 202, {"after": 0}, path=one)
        self.go("listWebhookAttempts", 200, path=one, query="?limit=1")
        self.go("listWebhookAttempts", 200, path=one, query="?outcome=waiting")
        self.go("deleteWebhookEndpoint", 204, path=one)

    def once(self, name: str, expected: int, body: Any = None, **options: Any) -> Any:
        """As `go`; once more, which is replayed; and refused with another body, or no sound key."""
        headers = {"Idempotency-Key": name}
        first = self.go(name, expected, body, headers=headers, **options)
        self.go(name, expected, body, headers=headers, **options)
        self.go(name, 409, {**(body or {}), "another": 1}, headers=headers, **options)
        self.go(name, 400, body, headers={"Idempotency-Key": "k" * 256}, **options)
        return first
