"""Every text of the mails is there in every language, and says as much in each."""

import pytest

from doorstep.service.accounts import MAIL_EVENTS
from doorstep.service.languages import LANGUAGES, find_language
from doorstep.service.mails.wording import WORDING
from tests.catalogues import TRANSLATED, check_catalogue, check_languages, used

PACKAGE = "doorstep.service.mails"


def test_the_languages_are_those_of_the_product() -> None:
    assert LANGUAGES == ("en", "de", "fr", "it", "es", "nl", "pl")
    check_languages(PACKAGE)


def test_every_kind_has_its_words() -> None:
    assert set(WORDING) == set(MAIL_EVENTS)
    assert len(used(PACKAGE)) == 3 * len(WORDING) + 5


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_text_and_no_other(language: str) -> None:
    check_catalogue(PACKAGE, language)


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
