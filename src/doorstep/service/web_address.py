"""Addresses from outside, as links of a mail or a page."""


def web_address(url: str | None) -> str | None:
    """What may be a link: browsers would carry out other schemes, or open what is not the web."""
    return url if url and url.lower().startswith(("https://", "http://")) else None
