"""Every text of the tracking page is there in every language, and says as much in each."""

import pytest

from tests.catalogues import TRANSLATED, check_catalogue, check_languages

PACKAGE = "doorstep.web"


def test_the_languages_are_those_of_the_product() -> None:
    check_languages(PACKAGE)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_text_and_no_other(language: str) -> None:
    check_catalogue(PACKAGE, language)
