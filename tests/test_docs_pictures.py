"""docs/pictures holds what `make screenshots` takes, small enough, and all of it is shown."""

from pathlib import Path

from docs.make_screenshots import MOST_BYTES, MOST_BYTES_TOGETHER, PICTURES, TABLE, file_of


def test_every_picture_is_there_and_small() -> None:
    assert {*PICTURES.iterdir()} == {file_of(picture) for picture in TABLE}
    for picture in TABLE:
        assert 1_000 < file_of(picture).stat().st_size < MOST_BYTES, picture.name
    assert sum(file_of(picture).stat().st_size for picture in TABLE) < MOST_BYTES_TOGETHER


def test_every_picture_is_shown() -> None:
    root = Path(__file__).parents[1]
    pages = [root / "README.md", *(root / "docs").glob("*.md")]
    shown = "".join(page.read_text("utf-8") for page in pages)
    for picture in TABLE:
        assert f'pictures/{picture.name}.png"' in shown
