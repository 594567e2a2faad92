"""Pictures of others made fit for our own pages: drawn anew, small, and without what they tell."""

from io import BytesIO

from PIL import Image, ImageOps

MEDIA_TYPE = "image/webp"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""No SVG, which can hold programs."""

EXACT_FORMATS = ("PNG", "GIF")
"""Drawings rather than photographs: what is packed with loss would show at their edges."""

MOST_PIXELS = 8_000_000
"""Of a picture as it comes; a few kilobytes can unpack to gigabytes."""

LONGEST_SIDE = 512
"""In pixels, of a picture as it is kept."""

QUALITY = 85


def redraw(content: bytes) -> bytes:
    """The picture's pixels as WebP, upright, its sides LONGEST_SIDE at most; a film's first frame.

    ValueError for what is no picture of FORMATS, is broken, or has more than MOST_PIXELS.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError("has too many pixels")
            return _redraw(picture)
    # Broken pictures fail in as many ways as there are formats.
    except Exception as error:
        raise ValueError(f"cannot be drawn: {error}") from error


def _redraw(picture: Image.Image) -> bytes:
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    drawn = ImageOps.exif_transpose(picture).convert(mode)
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    packed = BytesIO()
    drawn.save(packed, "WEBP", lossless=picture.format in EXACT_FORMATS, quality=QUALITY)
    return packed.getvalue()
