"""The languages in which customers are spoken to: finding the one that is meant, and its texts."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from babel.messages.pofile import read_po

SOURCE_LANGUAGE = "en"
"""That of the texts in the code, which the catalogues in locales/ translate."""

LANGUAGES = ("en", "de", "fr", "it", "es", "nl", "pl")


def known_language(tag: str | None) -> str | None:
    """The one of LANGUAGES that is meant: `de_AT`, `de-DE` and `DE` mean `de`."""
    language = (tag or "").replace("_", "-").split("-")[0].strip().lower()
    return language if language in LANGUAGES else None


def find_language(*wanted: str | None) -> str:
    """The first that there are texts in, else English."""
    return next(filter(None, map(known_language, wanted)), SOURCE_LANGUAGE)


class Catalogues:
    """The texts of one package, translated by the files in its locales/, each read once."""

    def __init__(self, package: str) -> None:
        self._locales = files(package).joinpath("locales")
        self._of_language = cache(self._read)

    def _read(self, language: str) -> dict[str, str]:
        """The texts of a language by the English one."""
        if language == SOURCE_LANGUAGE:
            return {}
        with self._locales.joinpath(f"{language}.po").open("rb") as file:
            messages: Iterable[object] = read_po(file, locale=language)
            return {str(m.id): str(m.string) for m in messages if m.id}  # type: ignore[attr-defined]

    def translate(self, language: str, text: str) -> str:
        return self._of_language(language).get(text, text)
