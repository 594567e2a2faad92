"""Takes docs/pictures/*.png of `doorstep demo` in a real browser: `make screenshots`.

Each page is judged as in the tests. Its dates are those of the day. The dashboard's are seen by who
signs in with the key that the demo prints.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser

from tests.e2e.signed_in import signed_in
from tests.test_demo import Shown, demo, shown_in
from tests.web.chromium import chromium
from tests.web.judging import DESKTOP, PHONE, visiting

PICTURES = Path(__file__).parent / "pictures"
MOST_BYTES = 150_000
MOST_BYTES_TOGETHER = 1_000_000

SEED = 45
"""With it the first order on its way goes to someone who reads German."""

ORDERS = 60
OPTIONS = ("--seed", str(SEED), "--orders", str(ORDERS), "--seconds-between-updates", "3600")
LAST_LINE = "Parcels move"
SCALES = {PHONE: 2, DESKTOP: 1}


LATE_ORDER = "a late order"
ENDPOINT = "a webhook endpoint"
ENDPOINT_FIELDS = {
    "url": "https://shop.example/hooks/doorstep",
    "description": "Shop back end",
    "types": ["order.*", "shipment.delivered"],
}


class Picture(NamedTuple):
    """`path` may also be what the demo says about a tracking page, or one of the names above."""

    name: str
    path: str
    width: int
    scheme: Literal["light", "dark"]
    language: str
    """The browser's."""


TABLE = (
    Picture("tracking-phone-light", "on its way", PHONE, "light", "de"),
    Picture("tracking-phone-dark", "on its way", PHONE, "dark", "de"),
    Picture("tracking-desktop-light", "on its way", DESKTOP, "light", "de"),
    Picture("tracking-desktop-dark", "on its way", DESKTOP, "dark", "de"),
    Picture("overview-desktop-light", "/", DESKTOP, "light", "en"),
    Picture("overview-desktop-dark", "/", DESKTOP, "dark", "en"),
    Picture("orders-desktop-light", "/dashboard/orders?state=shipped", DESKTOP, "light", "en"),
    Picture("order-desktop-light", LATE_ORDER, DESKTOP, "light", "en"),
    Picture("order-phone-light", LATE_ORDER, PHONE, "light", "en"),
    Picture("webhook-endpoint-desktop-light", ENDPOINT, DESKTOP, "light", "en"),
)


def file_of(picture: Picture) -> Path:
    return PICTURES / f"{picture.name}.png"


def places(base_url: str, shown: Shown) -> dict[str, str]:
    """Addresses by their names; the webhook endpoint is made for its picture."""
    with signed_in(base_url, shown.access_key) as http:
        late = {"state": "shipped", "delayed": "true"}
        orders = http.get("/v2/orders", params=late).raise_for_status().json()
        order = max(orders, key=lambda each: (len(each["order_items"]), each["order_id"]))
        made = http.post("/v2/webhook_endpoints", json=ENDPOINT_FIELDS).raise_for_status().json()
    return {
        **shown.tracking_pages,
        LATE_ORDER: f"{base_url}/dashboard/orders/{order['id']}",
        ENDPOINT: f"{base_url}/dashboard/settings/webhook-endpoints/{made['id']}",
    }


def take(browser: Browser, url: str, access_key: str, picture: Picture) -> None:
    with visiting(
        browser,
        url,
        width=picture.width,
        scheme=picture.scheme,
        language=picture.language,
        scale=SCALES[picture.width],
    ) as page:
        key = page.locator("[name=access_key]")
        if key.count():
            key.fill(access_key)
            key.press("Enter")
            page.wait_for_url(url)
        taken = page.screenshot(animations="disabled")
    # Pages have few colours: 256 of them look the same and take a third of the bytes.
    Image.open(BytesIO(taken)).convert("RGB").quantize().save(file_of(picture), optimize=True)


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        process = demo(Path(folder) / "demo.db", *OPTIONS)
        assert process.stdout is not None
        try:
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith(LAST_LINE):
                    break
            shown = shown_in(lines)
            base_url = shown.dashboard.removesuffix("/")
            known = places(base_url, shown)
            with chromium() as browser:
                for picture in TABLE:
                    url = known.get(picture.path, base_url + picture.path)
                    take(browser, url, shown.access_key, picture)
                    print(f"wrote {file_of(picture)}", file=sys.stderr)
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    main()
