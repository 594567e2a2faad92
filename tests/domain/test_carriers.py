"""The carriers known from the start, and how a parcel finds its own."""

import re
import string
from importlib.resources import files

import pytest

from doorstep.domain.carriers import (
    COUNTRIES,
    KNOWN_CARRIERS,
    Carrier,
    carrier_key,
    carrier_label,
    carrier_tracking_url,
    carriers_of,
)

KNOWN = (
    "brt bpost celeritas colissimo deutschepost dhl dpd gls hermes mondialrelay postat postnl "
    "postnord prime-network ups"
)
THE_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
AT_LEAST = frozenset(f"{THE_UNION} CH GB NO US".split())


def test_the_known_carriers():
    assert list(KNOWN_CARRIERS) == KNOWN.split()
    assert all(code == carrier.code for code, carrier in KNOWN_CARRIERS.items())


@pytest.mark.parametrize("carrier", KNOWN_CARRIERS.values(), ids=lambda carrier: carrier.code)
class TestEach:
    def test_the_code_is_lower_case_and_there_is_a_name(self, carrier):
        assert re.fullmatch(r"[a-z][a-z-]*", carrier.code)
        assert carrier.name.strip() == carrier.name != ""

    def test_the_countries_hold_the_eu_with_ch_gb_no_us(self, carrier):
        assert set(carrier.countries) >= AT_LEAST
        assert all(re.fullmatch(r"[A-Z]{2}", country) for country in carrier.countries)

    def test_each_country_once_and_in_order(self, carrier):
        assert list(carrier.countries) == sorted(set(carrier.countries))

    def test_the_tracking_url_has_one_place_for_the_code(self, carrier):
        if carrier.tracking_url is not None:
            fields = [name for _, name, _, _ in string.Formatter().parse(carrier.tracking_url)]
            assert [name for name in fields if name is not None] == ["tracking_code"]
            assert carrier.tracking_url.startswith("https://")


def test_no_country_is_spelled_in_another_way_than_iso_3166():
    table = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    assigned = {line.split("	")[0] for line in table.splitlines() if not line.startswith("#")}
    assert len(assigned) > 240
    # Kosovo has no code of its own there; posts and carriers use this one.
    assert set(COUNTRIES.split()) - assigned == {"XK"}


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("dhl", "dhl"),
        ("DHL", "dhl"),
        (" Dhl ", "dhl"),
        ("Deutsche Post", "deutschepost"),
        ("DEUTSCHEPOST", "deutschepost"),
        ("Mondial Relay", "mondialrelay"),
        ("Prime Network", "prime-network"),
        ("prime-network", "prime-network"),
        ("Post AT", "postat"),
        ("Fritz' Fahrradkurier", "fritz' fahrradkurier"),
        ("DHL Express", "dhl express"),
        ("  ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_spellings_of_one_carrier_have_one_key(name, key):
    assert carrier_key(name) == key


def url(name, code, *own):
    return carrier_tracking_url(carriers_of(own), name, code)


class TestTrackingUrl:
    def test_of_a_known_carrier_in_any_spelling(self):
        expected = "https://gls-group.com/track/00340"
        assert url("GLS", "00340") == url("gls", "00340") == url(" Gls ", "00340") == expected

    @pytest.mark.parametrize(
        ("code", "quoted"),
        [
            ("a b", "a%20b"),
            ("a/b?c#d&e=f", "a%2Fb%3Fc%23d%26e%3Df"),
            ("100%", "100%25"),
            ("ü", "%C3%BC"),
            ("{tracking_code}", "%7Btracking_code%7D"),
            ('"><script>', "%22%3E%3Cscript%3E"),
        ],
    )
    def test_the_code_is_quoted(self, code, quoted):
        assert url("gls", code) == f"https://gls-group.com/track/{quoted}"

    @pytest.mark.parametrize(
        ("name", "code"),
        [(None, "1"), ("", "1"), ("dhl", None), ("dhl", ""), ("celeritas", "1"), ("Fritz", "1")],
    )
    def test_none_where_it_is_not_known(self, name, code):
        assert url(name, code) is None

    def test_an_accounts_own_by_code_and_by_name(self):
        fritz = Carrier("fritz", "Fritz' Kurier", ("DE",), "https://fritz.example/{tracking_code}")
        assert url("FRITZ", "7", fritz) == url("fritz' kurier", "7", fritz)
        assert url("fritz", "7", fritz) == "https://fritz.example/7"

    def test_an_accounts_own_wins_over_the_known_one(self):
        own = Carrier("dhl", "DHL", ("DE",), "https://example.com/{tracking_code}")
        assert url("DHL", "7", own) == "https://example.com/7"
        assert carriers_of([own])["dhl"] is own


def test_all_carriers_in_order_of_code():
    merged = carriers_of([Carrier("fritz", "Fritz", ("DE",), None)])
    assert list(merged) == sorted([*KNOWN.split(), "fritz"])
    assert "fritz" not in KNOWN_CARRIERS


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("dhl", "DHL"),
        (" DHL ", "DHL"),
        ("My Van", "My Van"),
        ("van", "Our van"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_carrier_is_called_as_it_calls_itself(name, label):
    assert carrier_label(carriers_of([Carrier("van", "Our van", (), None)]), name) == label
