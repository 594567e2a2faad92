"""What the simulated shop sells, to whom, from where, and who carries it: made up, as data."""

from typing import NamedTuple


class Place(NamedTuple):
    country: str
    language: str
    zip_code: str
    city: str
    hub: str
    carriers: tuple[str, ...]


class Product(NamedTuple):
    sku: str
    name: str
    sales_price: float


PLACES = (
    Place("AT", "de", "1070", "Wien", "Wien Inzersdorf", ("postat", "dpd", "gls")),
    Place("AT", "de", "8010", "Graz", "Kalsdorf", ("postat", "dhl")),
    Place("DE", "de", "04109", "Leipzig", "Radefeld", ("dhl", "hermes", "ups")),
    Place("DE", "de", "50667", "Köln", "Köln-Eifeltor", ("dhl", "dpd")),
    Place("FR", "fr", "69002", "Lyon", "Corbas", ("colissimo", "mondialrelay")),
    Place("IT", "it", "40121", "Bologna", "Interporto Bologna", ("brt", "gls")),
    Place("ES", "es", "46001", "València", "Riba-roja de Túria", ("celeritas", "ups")),
    Place("NL", "nl", "3511", "Utrecht", "Nieuwegein", ("postnl", "dhl")),
    Place("PL", "pl", "00-001", "Warszawa", "Pruszków", ("dpd", "ups")),
    Place("GB", "en", "LS1 4AP", "Leeds", "Normanton", ("dpd", "ups")),
)

PRODUCTS = (
    Product("BLANKET-WOOL", "Wool blanket", 89.9),
    Product("MUG-BLUE", "Stoneware mug, blue", 18.5),
    Product("LAMP-BRASS", "Reading lamp, brass", 149.0),
    Product("BASKET-M", "Willow basket, medium", 34.0),
    Product("TOWEL-LINEN", "Linen towel", 24.9),
    Product("VASE-SMALL", "Glass vase, small", 42.0),
    Product("CLOCK-OAK", "Wall clock, oak", 64.0),
    Product("CANDLE-3", "Beeswax candles, set of three", 16.0),
)

FIRST_NAMES = ("Anna", "Björn", "Chiara", "Daan", "Élodie", "Frida", "Grzegorz", "Hugo", "Inés")
LAST_NAMES = ("Adler", "Bakker", "Conti", "Dubois", "Evans", "Ferrer", "Gruber", "Nowak", "Weiß")
STREETS = ("Park", "Mill", "Station", "Garden", "Church", "Harbour")

WAREHOUSES = {
    "Main Warehouse Vienna": "Lagerstraße 5, 1200 Wien, AT",
    "Warehouse Leipzig": "Hafenweg 12, 04159 Leipzig, DE",
}
