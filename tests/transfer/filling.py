"""A database with something in every table, and all that the API tells of it."""

from functools import partial
from typing import Any

from doorstep.store import accounts as stored
from doorstep.store.database import Writer
from tests.conftest import Api


def fill_every_table(api: Api) -> None:
    """With the texts and numbers that other programs write differently."""
    text = 'line\u2028feed, "quoted" \\ 😀 é \t\u007f'
    api.order("Ö-1", order_tags={"note": text}, recipient={"first_name": text, "email": "Ö@x"})
    item = {"sku": "X", "name": text}
    headers = {"Idempotency-Key": "once"}
    assert api.post("/v2/orders/%C3%96-1/items", item, headers=headers).status_code == 201
    api.shipment("Ö-1", tracking_code="Ö-T", comment=text, carrier={"name": "bote"})
    assert api.update(tracking_code="Ö-T", status="pickup", location=text).status_code == 201
    assert api.update(tracking_code="NOT-YET", carrier={"name": "dhl"}).status_code < 300
    own = {"name": "Bote", "countries": ["AT"]}
    assert api.put("/v2/carriers/bote", own).status_code == 201
    api.run(api.services.accounts.put_warehouse(1, "Main", text))
    api.account("Other")
    revoked = api.access_key(scope="read").split("_")[2]
    store = api.services.store
    api.run(store.write(lambda writer: stored.revoke_access_key(writer, 1, revoked, 2**53 + 1)))
    api.run(store.write(partial(_owe, text)))


async def _owe(text: str, writer: Writer) -> None:
    """What the worker has to send or has sent; whoever sends is not part of this."""
    for table, row in {
        "webhook_endpoints": (1, 5, "https://shop.example/", None, text, "v1", 6, "gone", 5, 4, 3),
        "webhook_secrets": (1, 5, 7, "whsec_x", 8, None),
        "webhook_cursors": (1, 5, 0, 1, None, 9),
        "webhook_deliveries": (1, 5, 0, 1, 700000000000001, 2, None, 2**53 + 1),
        "webhook_attempts": (1, 5, 10, 1, "1", "order.created", 11, 12, 500, text, None, 13),
        "mails": (1, 700000000000001, "paid", 0, 1, "<m@x>", "sent", 1, None, 14, 15, text),
        "mail_cursors": (1, 1),
        "media": (1, "a1", "https://x/", "kept", 0, None, 2**53 + 1, "image/webp", "UklGRg=="),
    }.items():
        values = {f"value_{number}": value for number, value in enumerate(row)}
        listed = ", ".join(f":{name}" for name in values)
        await writer.text_many(f"INSERT INTO {table} VALUES ({listed})", [values])


def answers(api: Api) -> dict[str, bytes]:
    """What the API tells of all that an account has."""
    told = {}

    def ask(path: str) -> Any:
        answer = api.get(path)
        assert answer.status_code == 200, answer.text
        told[path] = answer.content
        return answer.json()

    for order in ask("/v2/orders"):
        ask(order["iri"])
        for shipment in order["shipments"]:
            ask(f"{shipment['iri']}/events")
    for path in ("/v2/shipments", "/v2/account", "/v2/carriers", "/v2/orders?delayed=true"):
        ask(path)
    return told
