"""docs/pictures holds what `make screenshots` takes, and nothing that has grown too large."""

from docs.make_screenshots import MOST_BYTES, PICTURES, TABLE, file_of


def test_every_picture_is_there_and_small() -> None:
    assert {*PICTURES.iterdir()} == {file_of(picture) for picture in TABLE}
    for picture in TABLE:
        assert 1_000 < file_of(picture).stat().st_size < MOST_BYTES, picture.name
