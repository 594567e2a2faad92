"""The carriers known from the start, as data. An account adds its own beside them."""

from collections.abc import Iterable
from urllib.parse import quote

from msgspec import Struct

EUROPEAN_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
NETWORK = tuple(sorted([*EUROPEAN_UNION.split(), "CH", "GB", "LI", "MC", "NO", "US"]))
"""Where the road networks hand over, with the partners they hand over to."""

COUNTRIES = (
    "AD AE AF AG AI AL AM AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BM BN BO BQ BR BS BT "
    "BW BY BZ CA CD CF CG CH CI CK CL CM CN CO CR CU CV CW CY CZ DE DJ DK DM DO DZ EC EE EG ER "
    "ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT "
    "HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KR KW KY KZ LA LB LC LI LK LR "
    "LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC "
    "NE NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW "
    "SA SB SC SD SE SG SH SI SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TL TM TN TO TR "
    "TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
WORLD = tuple(COUNTRIES.split())
"""Where the posts and the express carriers hand over."""


class Carrier(Struct, frozen=True):
    """`code` is lower case, `countries` upper case; `tracking_url` holds `{tracking_code}`."""

    code: str
    name: str
    countries: tuple[str, ...]
    tracking_url: str | None


KNOWN_CARRIERS = {
    carrier.code: carrier
    for carrier in (
        Carrier(
            "brt",
            "BRT",
            NETWORK,
            "https://vas.brt.it/vas/sped_det_show.hsm?Nspediz={tracking_code}",
        ),
        Carrier(
            "bpost",
            "bpost",
            WORLD,
            "https://track.bpost.cloud/btr/web/#/search?itemCode={tracking_code}",
        ),
        Carrier("celeritas", "Celeritas", NETWORK, None),
        Carrier(
            "colissimo",
            "Colissimo",
            WORLD,
            "https://www.laposte.fr/outils/suivre-vos-envois?code={tracking_code}",
        ),
        Carrier(
            "deutschepost",
            "Deutsche Post",
            WORLD,
            "https://www.deutschepost.de/sendung/simpleQueryResult.html"
            "?form.sendungsnummer={tracking_code}",
        ),
        Carrier(
            "dhl",
            "DHL",
            WORLD,
            "https://www.dhl.com/de-en/home/tracking.html?tracking-id={tracking_code}",
        ),
        Carrier(
            "dpd",
            "DPD",
            NETWORK,
            "https://tracking.dpd.de/status/en_US/parcel/{tracking_code}",
        ),
        Carrier("gls", "GLS", NETWORK, "https://gls-group.com/track/{tracking_code}"),
        Carrier(
            "hermes",
            "Hermes",
            NETWORK,
            "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation"
            "#{tracking_code}",
        ),
        Carrier(
            "mondialrelay",
            "Mondial Relay",
            NETWORK,
            "https://www.mondialrelay.fr/suivi-de-colis/?numeroExpedition={tracking_code}",
        ),
        Carrier(
            "postat",
            "Post AT",
            WORLD,
            "https://www.post.at/sv/sendungsdetails?snr={tracking_code}",
        ),
        Carrier(
            "postnl",
            "PostNL",
            WORLD,
            "https://jouw.postnl.nl/track-and-trace/{tracking_code}",
        ),
        Carrier(
            "postnord",
            "PostNord",
            WORLD,
            "https://tracking.postnord.com/en/tracking?id={tracking_code}",
        ),
        Carrier("prime-network", "Prime Network", NETWORK, None),
        Carrier("ups", "UPS", WORLD, "https://www.ups.com/track?tracknum={tracking_code}"),
    )
}

_CODE_OF_NAME = {
    **{carrier.name.lower(): code for code, carrier in KNOWN_CARRIERS.items()},
    **{code: code for code in KNOWN_CARRIERS},
}


def carrier_key(name: str | None) -> str:
    """What two spellings of one carrier have in common; empty when none is given."""
    if not name:
        return ""
    spelled = name.strip().lower()
    return _CODE_OF_NAME.get(spelled, spelled)


def carriers_of(own: Iterable[Carrier]) -> dict[str, Carrier]:
    """The known carriers and an account's own by code, in order of code; its own win."""
    merged = {**KNOWN_CARRIERS, **{carrier.code: carrier for carrier in own}}
    return dict(sorted(merged.items()))


def carrier_label(carriers: dict[str, Carrier], carrier_name: str | None) -> str:
    """As the carrier calls itself, where it is known; else as it was given."""
    known = _known(carriers, carrier_name) if carrier_name else None
    return (carrier_name or "") if known is None else known.name


def carrier_tracking_url(
    carriers: dict[str, Carrier], carrier_name: str | None, tracking_code: str | None
) -> str | None:
    """Where the carrier itself shows the parcel, None where that is not known."""
    if not carrier_name or not tracking_code:
        return None
    carrier = _known(carriers, carrier_name)
    if carrier is None or carrier.tracking_url is None:
        return None
    plain = tracking_code.isascii() and tracking_code.isalnum()
    code = tracking_code if plain else quote(tracking_code, safe="")
    return carrier.tracking_url.replace("{tracking_code}", code)


def _known(carriers: dict[str, Carrier], carrier_name: str) -> Carrier | None:
    """By its code, or by its name in any spelling."""
    found = carriers.get(carrier_key(carrier_name))
    if found is not None:
        return found
    spelled = carrier_name.strip().lower()
    return next((c for c in carriers.values() if c.name.lower() == spelled), None)
