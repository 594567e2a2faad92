"""docs/scaling.md: its settings are taken, its figures those of the benchmark, its sums right."""

import re

import pytest
import yaml

from doorstep.config import SETTINGS, load
from doorstep.store.postgres.database import LISTING_THREADS
from doorstep.store.postgres.schema import OLDEST_VERSION
from doorstep.store.postgres.session import LIVENESS, SESSION
from tests.conftest import doorstep
from tests.deploy.tools import ROOT
from tests.postgres import Postgres

PAGE = (ROOT / "docs/scaling.md").read_text()
BENCHMARKS = (ROOT / "benchmarks/README.md").read_text().split("## On PostgreSQL")
"""On SQLite, and on PostgreSQL: as the columns of the page are."""

CONNECTIONS_OF_A_PROCESS = 2 + LISTING_THREADS
OWNER = "owner_of_the_page"
SECONDS_OF_A_DAY_BUT_HALF_SPARE = 43_200


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def row(start: str) -> list[str]:
    """The other cells of the row that begins so."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def number(text: str) -> float:
    found = re.search(r"[\d,.]*\d", text)
    assert found is not None, text
    return float(found[0].replace(",", ""))


def test_every_variable_that_the_page_names_is_a_setting() -> None:
    known = {variable for setting in SETTINGS for variable in setting.variables}
    assert set(re.findall(r"DOORSTEP_[A-Z_]+", PAGE)) <= known


def test_doorstep_takes_each_url_of_the_page() -> None:
    urls = re.findall(r"DOORSTEP_DATABASE=(post\S+)", PAGE)
    assert len(urls) == 2
    for url in urls:
        given = url.replace("…", "secret")
        assert load(environ={"DOORSTEP_DATABASE": given}).database == given


def test_a_role_that_owns_its_database_is_all_that_doorstep_needs(postgres: Postgres) -> None:
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    with postgres.connect() as connection:
        # The tests' superuser bears the page's name already.
        for statement in block.replace("doorstep", OWNER).split(";")[:-1]:
            connection.execute(statement.encode())
        url = postgres.url(OWNER, user=OWNER)
        assert doorstep("migrate", "--database", url).returncode == 0
        made = doorstep("account", "create", "Shop", "--database", url)
        assert made.returncode == 0, made.stderr
        postgres.drop_database(OWNER)
        connection.execute(f"DROP ROLE {OWNER}".encode())


def test_patroni_is_told_to_lose_nothing() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    told = yaml.safe_load(block)["bootstrap"]["dcs"]
    assert told["synchronous_mode"] is told["synchronous_mode_strict"] is True
    parameters = told["postgresql"]["parameters"]
    assert parameters["synchronous_commit"] == "on"
    assert "synchronous_standby_names" not in parameters
    # Patroni's own rule: else a leader loses its lock while it still tries to renew it.
    assert told["loop_wait"] + 2 * told["retry_timeout"] <= told["ttl"]


def test_what_doorstep_sets_is_what_the_page_says() -> None:
    options = dict(re.findall(r"`(\w+)=(\d+)`", section("PostgreSQL")))
    assert options == {name: str(value) for name, value in LIVENESS.items()}
    assert f"Version {OLDEST_VERSION} or newer" in PAGE
    patience = f"`lock_timeout` of {SESSION['lock_timeout'].removesuffix('s')}\nseconds"
    assert patience in PAGE
    vanished = SESSION["idle_in_transaction_session_timeout"].removesuffix("s")
    assert f"and {vanished} seconds after which" in PAGE


def test_so_many_connections_are_enough() -> None:
    text = section("Connections")
    assert f"A process holds {CONNECTIONS_OF_A_PROCESS} connections at most" in text
    formula = f"processes × {CONNECTIONS_OF_A_PROCESS} + commands × 2 + 10"
    assert formula in text
    (most,) = re.findall(r"(\d+) is enough for (\d+) processes with three commands", text)
    allowed, processes = map(int, most)
    assert processes * CONNECTIONS_OF_A_PROCESS + 3 * 2 + 10 <= allowed - 3
    assert f"`{allowed}`, as it comes, is enough for {processes} processes" in PAGE


@pytest.mark.parametrize("what", ["create order", "add shipment", "carrier update", "get by id"])
def test_the_figures_are_those_of_the_benchmark(what: str) -> None:
    line = re.compile(rf"^\| {what}, 64 \| ([\d,]+) \|.*\| (\d+) \|$", re.MULTILINE)
    for cell, figures in zip(row(f"{what}, 64 connections"), BENCHMARKS, strict=True):
        (found,) = line.findall(figures)
        assert cell.startswith(f"{found[0]} a second, {found[1]} µs")


def test_the_sums_are_right() -> None:
    for column in (0, 1):
        creation, shipment, update = (
            int(row(f"{what}, 64 connections")[column].split(", ")[1].split()[0])
            for what in ("create order", "add shipment", "carrier update")
        )
        of_a_life = round(creation + 1.4 * shipment + 1.3 * update)
        sum_of_it = f"{creation} + 1.4 × {shipment} + 1.3 × {update}"
        assert sum_of_it in " ".join(line for line in PAGE.splitlines() if "for a life:" in line)
        assert row("processor time for a life")[column].endswith(f"{of_a_life:,} µs")
        lives = number(row("lives a second")[column])
        assert lives == round(1_000_000 / of_a_life)
        a_day = lives * SECONDS_OF_A_DAY_BUT_HALF_SPARE / 10
        assert number(row("orders a day")[column]) == a_day
    sizes = [number(cell) for cell in row("disk, an order")]
    years = [number(cell) for cell in row("disk for a year")]
    assert years == [round(size * 3_650_000 / 1e9, 1) for size in sizes]
