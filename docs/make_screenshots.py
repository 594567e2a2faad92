"""Takes docs/pictures/*.png of `doorstep demo` in a real browser: `make screenshots`.

Each page is judged as in the tests. Its dates are those of the day.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

from PIL import Image
from playwright.sync_api import Browser

from tests.test_demo import Shown, demo, shown_in
from tests.web.chromium import chromium
from tests.web.judging import DESKTOP, PHONE, visiting

PICTURES = Path(__file__).parent / "pictures"
MOST_BYTES = 150_000

SEED = 45
"""With it the first order on its way goes to someone who reads German."""

ORDERS = 60
OPTIONS = ("--seed", str(SEED), "--orders", str(ORDERS), "--seconds-between-updates", "3600")
LAST_LINE = "Parcels move"
SCALES = {PHONE: 2, DESKTOP: 1}


class Picture(NamedTuple):
    """`path` may also be what the demo says about a tracking page; `language` is the browser's."""

    name: str
    path: str
    width: int
    scheme: Literal["light", "dark"]
    language: str


TABLE = (
    Picture("tracking-phone-light", "on its way", PHONE, "light", "de"),
    Picture("tracking-phone-dark", "on its way", PHONE, "dark", "de"),
    Picture("tracking-desktop-light", "on its way", DESKTOP, "light", "de"),
    Picture("tracking-desktop-dark", "on its way", DESKTOP, "dark", "de"),
)


def file_of(picture: Picture) -> Path:
    return PICTURES / f"{picture.name}.png"


def take(browser: Browser, base_url: str, shown: Shown, picture: Picture) -> None:
    url = shown.tracking_pages.get(picture.path, base_url + picture.path)
    with visiting(
        browser,
        url,
        width=picture.width,
        scheme=picture.scheme,
        language=picture.language,
        scale=SCALES[picture.width],
    ) as page:
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
            base_url = lines[0].split()[-1].removesuffix("/v2")
            with chromium() as browser:
                for picture in TABLE:
                    take(browser, base_url, shown_in(lines), picture)
                    print(f"wrote {file_of(picture)}", file=sys.stderr)
        finally:
            process.terminate()
            process.communicate()


if __name__ == "__main__":
    main()
