"""Texts from outside in one line of a mail or a page."""

import unicodedata

UNSEEN = ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp")
"""Categories of Unicode that break a line, turn its direction or show nothing."""


def one_line(text: str) -> str:
    """A text without what could end its line, reorder its neighbours or hide in it."""
    seen = "".join(" " if unicodedata.category(c) in UNSEEN else c for c in text)
    return " ".join(seen.split())
