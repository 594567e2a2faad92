"""Bad input over a real connection: a 4xx that names the field, and nothing stored."""

from tests.e2e.refusals import settle, stock
from tests.e2e.shop import Shop
from tests.e2e.wire import exchange


def test_a_request_that_is_cut_off_does_nothing(shop: Shop) -> None:
    """Also one whose body would not have said anything."""
    path = stock(shop)
    settle(shop)
    rows = shop.rows()
    for target in (f"orders/{path['id']}", f"shipments/{path['shipment_id']}"):
        head = f"DELETE /v2/{target} HTTP/1.1\r\nAuthorization: Bearer {shop.tokens['full']}\r\n"
        _, answers = exchange(shop.address, f"{head}Content-Length: 2\r\n\r\n{{".encode())
        assert answers == []
    settle(shop)
    assert shop.rows() == rows
