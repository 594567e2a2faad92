"""What the catalogues of a package's texts have to hold, in every language."""

import re
from importlib.resources import files

from babel.messages.extract import extract
from babel.messages.pofile import read_po

from doorstep.service.languages import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def used(package: str) -> set[str]:
    """The texts that code and templates mark for translation."""
    home = files(package)
    sources = [("python", home.joinpath("wording.py"))]
    for template in home.joinpath("templates").iterdir():
        sources.append(("jinja2.ext:babel_extract", template))
    found = set()
    for method, path in sources:
        with path.open("rb") as file:
            options = {"trim_blocks": "true"}
            found |= {message for _, message, _, _ in extract(method, file, options=options)}
    return found


def check_languages(package: str) -> None:
    there = {path.name for path in files(package).joinpath("locales").iterdir()}
    assert there == {f"{language}.po" for language in TRANSLATED}


def check_catalogue(package: str, language: str) -> None:
    """It has each text and no other, and each says as much as the English one."""
    texts = _catalogue(package, language)
    assert set(texts) == used(package), set(texts) ^ used(package)
    for english, text in texts.items():
        assert text, f"{english} is not translated"
        assert _placeholders(text) == _placeholders(english), text
        assert text[-1:] == english[-1:] or english[-1].isalnum() or english.endswith(")s"), text


def _catalogue(package: str, language: str) -> dict[str, str]:
    with files(package).joinpath(f"locales/{language}.po").open("rb") as file:
        return {m.id: m.string for m in read_po(file, abort_invalid=True) if m.id and not m.fuzzy}


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\([a-z_]+\)s|%", text))
