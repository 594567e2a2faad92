"""Pictures of others are drawn anew; what is none, or would unpack to too much, is refused."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from doorstep.service.media.pictures import FORMATS, LONGEST_SIDE, MOST_PIXELS, redraw

RED = (255, 0, 0)
ORIENTATION, MAKER = 0x0112, 0x010F
ON_ITS_SIDE = 6


def packed(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    content = BytesIO()
    picture.save(content, form, **options)
    return content.getvalue()


def unpacked(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


@pytest.mark.parametrize("form", FORMATS)
def test_a_picture_of_each_format_becomes_webp(form: str) -> None:
    drawn = unpacked(redraw(packed(Image.new("RGB", (40, 20), RED), form)))
    assert (drawn.format, drawn.size) == ("WEBP", (40, 20))
    red, green, blue = drawn.convert("RGB").getpixel((20, 10))
    assert red > 250
    assert max(green, blue) < 5


def test_a_large_one_keeps_its_proportions() -> None:
    drawn = unpacked(redraw(packed(Image.new("RGB", (2_048, 512), RED))))
    assert drawn.size == (LONGEST_SIDE, LONGEST_SIDE // 4)


@pytest.mark.parametrize("form", ["PNG", "WEBP", "GIF"])
def test_what_is_transparent_stays_so(form: str) -> None:
    drawn = unpacked(redraw(packed(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), form)))
    assert drawn.convert("RGBA").getpixel((4, 4))[3] == 0


def test_a_photograph_is_turned_upright_and_tells_nothing_else() -> None:
    told = Image.Exif()
    told[ORIENTATION], told[MAKER] = ON_ITS_SIDE, "Maker of cameras"
    photograph = packed(Image.new("RGB", (40, 20), RED), "JPEG", exif=told, icc_profile=b"profile")
    assert b"Maker of cameras" in photograph
    drawn = unpacked(redraw(photograph))
    assert drawn.size == (20, 40)
    assert not drawn.getexif()
    assert "icc_profile" not in drawn.info


def test_of_a_film_the_first_frame_is_kept() -> None:
    film = [Image.new("RGB", (8, 8), colour) for colour in (RED, (0, 255, 0))]
    drawn = unpacked(redraw(packed(film[0], "GIF", save_all=True, append_images=film[1:])))
    assert getattr(drawn, "n_frames", 1) == 1
    assert drawn.convert("RGB").getpixel((4, 4)) == RED


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n",
        packed(Image.new("RGB", (8, 8)), "BMP"),
        packed(Image.new("RGB", (8, 8)), "TIFF"),
        packed(Image.new("RGB", (400, 400), RED))[:-30],
    ],
    ids=["nothing", "svg", "html", "eps", "bmp", "tiff", "torn"],
)
def test_what_is_no_such_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        redraw(content)


@pytest.mark.parametrize("size", [(MOST_PIXELS // 1_000 + 1, 1_000), (20_000, 20_000)])
def test_one_that_unpacks_to_too_much_is_refused_unread(size: tuple[int, int]) -> None:
    bomb = packed(Image.new("1", size))
    assert len(bomb) < 200_000
    with pytest.raises(ValueError, match="cannot be drawn"):
        redraw(bomb)


@given(st.sampled_from(FORMATS), st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_drawn_or_refused(form: str, place: int, damage: bytes) -> None:
    whole = packed(Image.linear_gradient("L").resize((32, 32)), form)
    place %= len(whole)
    try:
        drawn = redraw(whole[:place] + damage + whole[place + len(damage) :])
    except ValueError:
        return
    assert unpacked(drawn).format == "WEBP"
