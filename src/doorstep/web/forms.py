"""Forms that a browser sends."""

from urllib.parse import parse_qsl

from starlette.requests import Request

MOST_FIELDS = 200


async def read_form(request: Request, most_bytes: int) -> list[tuple[str, str]] | None:
    """The fields in the order of the page; None where it is no such form."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most_bytes:
            return None
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return None
    # PostgreSQL keeps no NUL, and no browser sends one.
    return None if any("\0" in text for field in fields for text in field) else fields
