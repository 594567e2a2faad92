"""Mails through `kill -9` of doorstep and of the mail server, which besides answers what it likes.

Every mail arrives under its one Message-ID, and a second time only where an attempt was cut off, as
the mail server itself saw. In the long form (`make kill-test`) 100 kills on each database.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from doorstep.worker.mail import CONNECTIONS
from tests.conftest import Server, new_access_key, progress
from tests.databases import Databases, Files, execute
from tests.e2e.signed_in import signed_in
from tests.mailbox import Mailbox

KILLS, KILLS_IN_SUITE = 100, 2
ORDERS_BETWEEN_KILLS = 20
MOST_SECONDS_BEFORE_A_KILL = 0.2
WORDS = (*["take"] * 12, "451", "421", "keep_and_drop", "drop")
SCHEDULE = ",".join(["0.1"] * 100)
"""On which nothing is given up here."""

MOST_LOOKS, LOOK_SECONDS = 6_000, 0.01


class Site:
    """doorstep and a mail server, each of which may be killed, and is started again."""

    def __init__(self, database: str, folder: Path, chance: Random) -> None:
        self.database = database
        self.kills: Counter[str] = Counter()
        self.orders = 0
        self._chance = chance
        self._access_key = new_access_key(database)
        self.mailbox = Mailbox(folder, self._plan())
        self._environ = {
            "DOORSTEP_SMTP_URL": self.mailbox.url,
            "DOORSTEP_MAIL_FROM": "shop@example.com",
            "DOORSTEP_RETRY_SECONDS": SCHEDULE,
        }
        self.serve()
        self.until("SELECT count(*) FROM mail_cursors", 1)

    def serve(self) -> None:
        self.server = Server(self.database, environ=self._environ)

    def _plan(self) -> list[str]:
        return self._chance.choices(WORDS, k=5 * ORDERS_BETWEEN_KILLS)

    def until(self, count: str, wanted: int) -> None:
        """Until what is stored comes to so many."""
        for _ in range(MOST_LOOKS):
            ((found,),) = execute(self.database, count)
            if found == wanted:
                return
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"{count}: {found} and not {wanted}; {self.server.log[-5:]}")

    def ship(self, orders: int) -> None:
        with signed_in(self.server.url, self._access_key) as http:
            for _ in range(orders):
                self.orders += 1
                order = {"order_id": f"O-{self.orders}", "recipient": {"email": "a@example.com"}}
                parcel = {"order": order, "tracking_code": f"T-{self.orders}"}
                http.post("/v2/shipments", json=parcel).raise_for_status()

    def kill(self) -> None:
        """At any moment of the mails that are just being sent."""
        time.sleep(self._chance.uniform(0, MOST_SECONDS_BEFORE_A_KILL))
        if sum(self.kills.values()) % 2:
            self.kills["mail server"] += 1
            self.mailbox.kill()
            self.mailbox.start(self._plan())
        else:
            self.kills["doorstep"] += 1
            self.server.process.kill()
            self.server.stop()
            self.serve()

    def close(self) -> None:
        self.server.stop()
        self.mailbox.kill()


@pytest.fixture
def site(databases: Files | Databases, tmp_path: Path, seed: int) -> Iterator[Site]:
    opened = Site(databases.new(), tmp_path / "mails", Random(seed))
    yield opened
    opened.close()


def cut_off(mailbox: Mailbox) -> tuple[dict[str, list[str]], Counter[str]]:
    """For each mail, what followed on its connection whenever it was kept; and how many of each.

    A client that goes on has committed the outcome before. `nothing` follows where the mail server
    was killed, `ended` where the client was, `dropped` where that was the plan.
    """
    life = 0
    followed: dict[tuple[int, int, int], str] = {}
    open_ones: dict[tuple[int, int], tuple[int, int, int]] = {}
    found: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for number, line in enumerate(mailbox.lines):
        if line["what"] == "started":
            life += 1
            continue
        connection = (life, line["connection"])
        if connection in open_ones:
            followed[open_ones.pop(connection)] = line["what"]
        if line["what"] == "kept":
            open_ones[connection] = attempt = (*connection, number)
            found[line["message_id"]].append(attempt)
    after = {
        mail: [followed.get(attempt, "nothing") for attempt in attempts]
        for mail, attempts in found.items()
    }
    return after, Counter(how for attempts in after.values() for how in attempts[:-1])


def test_every_mail_arrives_and_twice_only_where_it_was_cut_off(site: Site, long: bool) -> None:
    kills = KILLS if long else KILLS_IN_SUITE
    with progress("Killing", kills) as advance:
        for _ in range(kills):
            site.ship(ORDERS_BETWEEN_KILLS)
            site.kill()
            advance(1)
    site.until("SELECT count(*) FROM mails WHERE status = 'sent'", site.orders)
    site.server.stop()
    rows = execute(site.database, "SELECT message_id, order_number, kind FROM mails")
    arrived, again = cut_off(site.mailbox)
    assert len({order for _, order, _ in rows}) == len(rows) == site.orders
    assert set(arrived) == {message_id for message_id, _, _ in rows}
    assert set(again) <= {"dropped", "ended", "nothing"}, again
    assert again["ended"] <= CONNECTIONS * site.kills["doorstep"]
    assert again["nothing"] <= CONNECTIONS * site.kills["mail server"]
    print(f"{site.orders} mails, {sum(site.kills.values())} kills, sent again: {dict(again)}")


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_a_stop_in_order_sends_nothing_twice(site: Site) -> None:
    """What is under way is finished first, and its outcome written down."""
    site.mailbox.kill()
    site.mailbox.start(["slow"] * CONNECTIONS)
    site.ship(2 * CONNECTIONS)
    site.mailbox.wait_for(1)
    site.server.stop()
    site.serve()
    site.until("SELECT count(*) FROM mails WHERE status = 'sent'", site.orders)
    assert site.mailbox.count("kept") == site.orders
