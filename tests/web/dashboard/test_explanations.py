"""Why an order is where it is, in the language of who looks at the dashboard."""

from functools import partial
from zoneinfo import ZoneInfo

import pytest

from doorstep.domain import reasons as r
from doorstep.domain.explanation_words import Telling, explanation_text, reason_text
from doorstep.domain.order import DAY, HOUR
from doorstep.web.dashboard.rendering import translate
from tests.conftest import START, Api
from tests.web.dashboard.visitor import Visitor

IN_GERMAN = Telling(START, ZoneInfo("Europe/Vienna"), partial(translate, "de"))


@pytest.mark.parametrize(
    ("reasons", "text"),
    [
        (
            (r.WaitsForFirstParcel(0), r.WaitsForBoardingComplete()),
            "Versandt mit ihrem ersten Paket; abgeschlossen, sobald alle ihre Pakete zugestellt "
            "sind und alle Pakete als angekündigt gemeldet sind.",
        ),
        (
            (r.WaitsForDeliveries(1, 2), r.ParcelLost(1)),
            "Abgeschlossen, sobald noch 1 von 2 Paketen zugestellt ist. 1 Paket ist verloren: "
            "Die Bestellung wartet darauf, solange es gezählt wird.",
        ),
        (
            (r.Ended("completed", START), r.PromiseMissed(START - HOUR, 3_600)),
            "Abgeschlossen am 15. Januar, 09:00 Uhr. "
            "Mit einer Stunde Verspätung zugestellt: zugesagt bis 15. Januar, 08:00 Uhr.",
        ),
        (
            (r.LateSince(START - 30 * DAY, 30 * 86_400),),
            "Zu spät seit 30 Tagen: zugesagt bis 16. Dezember 2026, 09:00 Uhr.",
        ),
    ],
)
def test_it_reads_in_german(reasons: tuple[r.Reason, ...], text: str) -> None:
    assert explanation_text(reasons, IN_GERMAN) == text


def test_a_reason_is_a_sentence_in_german_too() -> None:
    assert reason_text(r.WaitsForDeliveries(1, 2), IN_GERMAN) == (
        "Wartet noch auf die Zustellung von 1 von 2 Paketen."
    )


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_page_says_it_in_the_language_of_the_browser(api: Api) -> None:
    order = api.order()
    path, visitor = f"/dashboard/orders/{order['id']}", Visitor(api)
    assert "<li>Wartet auf ihr erstes Paket.</li>" in visitor.page(
        path, **{"Accept-Language": "de"}
    )
    assert "<li>Waits for its first parcel.</li>" in visitor.page(path, **{"Accept-Language": "fr"})
    asked = api.get(f"/v2/orders/{order['id']}/explanation", headers={"Accept-Language": "de"})
    assert asked.json()["text"].startswith("Ships with its first parcel;")
