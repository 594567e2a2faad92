"""The metrics that docs/operations.md and deploy/alerts.yml name are those that doorstep has."""

import re

from doorstep.database_url import SQLITE
from tests.conftest import Api
from tests.deploy.test_operations import section
from tests.deploy.tools import DEPLOY

ONLY_ON_SQLITE = {"doorstep_database_bytes": "gauge", "doorstep_wal_bytes": "gauge"}
"""The sizes of its files; the page says that PostgreSQL's are not doorstep's to watch."""


def exposed(api: Api) -> dict[str, str]:
    """The names of the metrics with their types, without the companions that say since when.

    Those of SQLite's files are among them on either database.
    """
    found = re.findall(r"^# TYPE (\w+) (\w+)$", api.raw("GET", "/metrics").text, re.MULTILINE)
    own = {name: kind for name, kind in found if not name.endswith("_created")}
    assert (ONLY_ON_SQLITE.items() <= own.items()) is api.database.startswith(SQLITE)
    return own | ONLY_ON_SQLITE


def test_the_page_names_every_metric_of_doorsteps_own_and_no_other(api: Api) -> None:
    own = {name for name in exposed(api) if not name.startswith("process_")}
    shown = re.findall(r"^\| `(\w+)` \|", section("Metrics"), re.MULTILINE)
    assert sorted(shown) == sorted(own)


def test_the_alerts_ask_for_metrics_that_are_there(api: Api) -> None:
    known = exposed(api)
    rules = (DEPLOY / "alerts.yml").read_text()
    asked = set(re.findall(r"\b(?:doorstep|process)_\w+", rules))
    assert asked <= {
        f"{name}_bucket" if kind == "histogram" else name for name, kind in known.items()
    }


def test_the_reasons_of_refusals_in_the_page_and_the_alerts_exist(api: Api) -> None:
    lines = api.raw("GET", "/metrics").text
    reasons = set(re.findall(r'doorstep_rejected_total\{reason="(\w+)"\}', lines))
    rules = (DEPLOY / "alerts.yml").read_text()
    assert (
        {"queue_full", "database_unavailable"}
        <= set(re.findall(r'reason="(\w+)"', rules))
        <= reasons
    )
    assert all(f"`{reason}`" in section("Metrics") for reason in reasons)
