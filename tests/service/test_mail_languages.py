"""Every text of the mails is there in every language, and says as much in each."""

import re
from importlib.resources import files

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from doorstep.service.accounts import MAIL_EVENTS
from doorstep.service.languages import LANGUAGES, find_language
from doorstep.service.mails.wording import WORDING

PACKAGE = files("doorstep.service.mails")
TRANSLATED = [language for language in LANGUAGES if language != "en"]


def used() -> set[str]:
    """The texts that code and templates mark for translation."""
    found = set()
    for method, path in (
        ("python", "wording.py"),
        ("jinja2.ext:babel_extract", "templates/mail.html"),
        ("jinja2.ext:babel_extract", "templates/mail.txt"),
    ):
        with PACKAGE.joinpath(path).open("rb") as file:
            options = {"trim_blocks": "true"}
            found |= {message for _, message, _, _ in extract(method, file, options=options)}
    return found


def catalogue(language: str) -> dict[str, str]:
    with PACKAGE.joinpath(f"locales/{language}.po").open("rb") as file:
        return {m.id: m.string for m in read_po(file, abort_invalid=True) if m.id and not m.fuzzy}


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\([a-z_]+\)s|%", text))


def test_the_languages_are_those_of_the_product() -> None:
    assert LANGUAGES == ("en", "de", "fr", "it", "es", "nl", "pl")
    there = {path.name for path in PACKAGE.joinpath("locales").iterdir()}
    assert there == {f"{language}.po" for language in TRANSLATED}


def test_every_kind_has_its_words() -> None:
    assert set(WORDING) == set(MAIL_EVENTS)
    assert len(used()) == 3 * len(WORDING) + 5


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_text_and_no_other(language: str) -> None:
    texts = catalogue(language)
    assert set(texts) == used()
    for english, text in texts.items():
        assert text, f"{english} is not translated"
        assert placeholders(text) == placeholders(english), text
        assert text[-1:] == english[-1:] or english[-1].isalnum() or english.endswith(")s"), text


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (("de",), "de"),
        (("de_AT",), "de"),
        (("de-DE",), "de"),
        (("DE",), "de"),
        (("sv", "fr_BE"), "fr"),
        ((None, "nl"), "nl"),
        (("", "pl"), "pl"),
        (("sv", "no"), "en"),
        (("deutsch",), "en"),
        (("../de",), "en"),
    ],
)
def test_a_language_is_found_by_the_names_that_shops_use(
    wanted: tuple[str | None, ...], found: str
) -> None:
    assert find_language(*wanted) == found
