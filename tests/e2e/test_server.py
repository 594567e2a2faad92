"""The real server process."""

import httpx

from tests.conftest import Server


def test_a_real_server_serves_the_workflow(server: Server, access_key: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        token = http.post("/v2/token", json={"access_key": access_key}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        assert http.post("/v2/order", json={"order_id": "A"}).status_code == 201
        http.post("/v2/shipments", json={"order_id": "A", "tracking_code": "T"})
        update = {"tracking_code": "T", "status": "delivered", "datetime": "2026-01-01T00:00:00Z"}
        assert http.post("/v2/carrier_updates", json=update).status_code == 201
        assert http.get("/v2/orders/A").json()["state"] == "completed"
