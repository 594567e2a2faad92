"""The command line: what each command prints, and one clear line for each mistake."""

import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from doorstep import __version__, cli
from doorstep.cli.accounts import find_account
from doorstep.service.access import SCOPES
from doorstep.service.accounts import Account
from doorstep.store.store import Store
from tests.conftest import Api, Server, clean_environment, doorstep

ROOT = Path(__file__).parents[1]


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(
    sqlite_file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs a command on the test's database in this process."""
    monkeypatch.setenv("DOORSTEP_DATABASE", f"sqlite:///{sqlite_file}")

    def run(*arguments: str) -> Result:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        printed = capsys.readouterr()
        return Result(int(ended.value.code or 0), printed.out, printed.err)

    return run


def mistake(result: Result) -> str:
    """The one line that a mistake prints."""
    assert result.code == 2
    assert result.out == ""
    assert result.err.count("\n") == 1, result.err
    assert result.err.startswith("doorstep: ")
    return result.err


def test_an_account_is_created_with_its_key(run: Run) -> None:
    made = run("account", "create", "Möbel & Co.", "--json").json
    assert made["account_id"] == 1
    assert made["slug"] == "mobel-co"
    assert re.fullmatch(r"ds_1_[0-9a-f]{10}_[\w-]{43}", made["access_key"])
    assert made["key_id"] in made["access_key"]
    again = run("account", "create", "Möbel & Co.", "--json").json
    assert (again["account_id"], again["slug"]) == (2, "mobel-co-2")
    listed = run("account", "list", "--json").json
    assert [account["name"] for account in listed] == ["Möbel & Co.", "Möbel & Co."]
    assert "access_key" not in listed[0]
    assert "Several accounts" in mistake(run("key", "create", "Möbel & Co."))


USUAL = "shipped,out_for_delivery,delivered,delayed"


def test_an_accounts_settings_are_changed(run: Run) -> None:
    run("account", "create", "Shop")
    changed = run(
        *("account", "set", "shop", "--time-zone", "Europe/Vienna", "--language", "de"),
        *("--slug", "wien", "--untrackable-days", "7", "--retention-days", "730"),
        *("--logo-url", "https://shop.example/logo.png", "--colour", "#0a7d5c"),
        *("--order-link", "open"),
        "--json",
    ).json
    assert changed == {
        "account_id": 1,
        "name": "Shop",
        "slug": "wien",
        "time_zone": "Europe/Vienna",
        "language": "de",
        "untrackable_days": 7,
        "mail_events": "shipped,out_for_delivery,delivered,delayed",
        "retention_days": 730,
        "logo_url": "https://shop.example/logo.png",
        "colour": "#0a7d5c",
        "order_link": "open",
        "created_at": changed["created_at"],
    }
    off = run("account", "set", "wien", "--untrackable-days", "off", "--json").json
    assert off["untrackable_days"] is None
    bare = run("account", "set", "wien", "--logo-url", "none", "--colour", "none", "--json").json
    assert (bare["logo_url"], bare["colour"], bare["order_link"]) == (None, None, "open")
    for given, shown in (("paid, shipped", "paid,shipped"), ("none", ""), ("usual", USUAL)):
        chosen = run("account", "set", "wien", "--mail-events", given, "--json").json
        assert chosen["mail_events"] == shown
    assert off["time_zone"] == "Europe/Vienna"


def test_account_set_keeps_what_is_set_meanwhile(
    run: Run, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("account", "create", "Shop")
    find = find_account

    async def find_and_change(store: Store, named: str) -> Account:
        found = await find(store, named)
        with closing(sqlite3.connect(sqlite_file)) as other:
            other.execute("UPDATE accounts SET time_zone = 'Europe/Vienna'")
            other.commit()
        return found

    monkeypatch.setattr("doorstep.cli.accounts.find_account", find_and_change)
    changed = run("account", "set", "shop", "--language", "de", "--json").json
    assert (changed["time_zone"], changed["language"]) == ("Europe/Vienna", "de")
    assert run("account", "list", "--json").json == [changed]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["account", "set", "shop", "--time-zone", "Mars/Olympus"], "Mars/Olympus is not the name"),
        (["account", "set", "shop", "--untrackable-days", "soon"], "a whole number or off"),
        (["account", "set", "shop", "--untrackable-days", "366"], "from 0 to 365"),
        (["account", "set", "shop", "--slug", "Über"], "lower-case letters"),
        (["account", "set", "shop", "--slug", "other"], "Another account has the slug"),
        (["account", "set", "nobody", "--language", "de"], "There is no account nobody"),
        (["account", "create", " "], "needs a name"),
        (["key", "create", "nobody"], "There is no account nobody"),
        (["key", "create", "shop", "--scope", "root"], "scope"),
        (["key", "revoke", "0000"], "There is no key 0000"),
        (["warehouse", "set", "nobody", "Main", "Wien"], "There is no account nobody"),
        (["warehouse", "set", "shop", "", ""], "needs a name"),
        (["warehouse", "set", "shop", " ", "Wien"], "needs a name"),
        (["warehouse", "set", "shop", "Main", ""], "needs an address"),
        (["warehouse", "set", "shop", "x" * 4_097, "Wien"], "a name of 4096 characters at most"),
        (["warehouse", "set", "shop", "Main", "x" * 4_097], "an address of 4096 characters"),
        (["nonsense"], "nonsense"),
        (["account", "create"], "name"),
        (["serve", "--port", "eighty"], "--port must be a whole number"),
        (["serve", "--database", "mysql://x"], "--database must be"),
    ],
)
def test_a_mistake_is_one_clear_line(run: Run, arguments: list[str], said: str) -> None:
    run("account", "create", "Shop")
    run("account", "create", "Other")
    assert said in mistake(run(*arguments))


def test_keys_are_created_listed_and_revoked(run: Run) -> None:
    run("account", "create", "Shop")
    made = run("key", "create", "shop", "--scope", "carrier", "--json").json
    assert made["scope"] == "carrier"
    listed = run("key", "list", "--json").json
    assert [key["scope"] for key in listed] == ["full", "carrier"]
    assert made["access_key"].split("_", 3)[3] not in run("key", "list", "--json").out
    revoked = run("key", "revoke", made["key_id"], "--json").json
    assert revoked["key_id"] == made["key_id"]
    assert run("key", "revoke", made["key_id"], "--json").json == revoked
    assert run("key", "list", "--json").json[1]["revoked_at"] == revoked["revoked_at"]


def test_a_keys_last_use_is_listed(run: Run, sqlite_api: Api) -> None:
    sqlite_api.access_key(scope="read")
    sqlite_api.token()
    sqlite_api.run(sqlite_api.services.access.key_use.close())
    used, unused = run("key", "list", "--json").json
    assert used["last_used_at"].startswith("2027-01-15T08:00:00")
    assert unused["last_used_at"] is None


def test_a_key_has_any_scope_there_is_and_no_other(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("account", "create", "Shop")
    for scope in SCOPES:
        assert run("key", "create", "shop", "--scope", scope, "--json").json["scope"] == scope
    monkeypatch.setattr("doorstep.service.access.SCOPES", ("full", "read"))
    said = mistake(run("key", "create", "shop", "--scope", "carrier"))
    assert said == "doorstep: --scope must be one of full, read, not carrier.\n"


def test_secrets_are_stored_as_hashes_only(run: Run, sqlite_file: Path) -> None:
    made = run("account", "create", "Shop", "--json").json
    secret = made["access_key"].split("_", 3)[3]
    with closing(sqlite3.connect(sqlite_file)) as connection:
        everything = "\n".join(connection.iterdump())
    assert made["key_id"] in everything
    assert secret not in everything


def test_a_warehouse_is_set(run: Run) -> None:
    run("account", "create", "Shop")
    made = run("warehouse", "set", "shop", "Main", "Lagerstraße 5, Wien", "--json").json
    assert made == {"name": "Main", "address": "Lagerstraße 5, Wien"}


def test_the_settings_in_force_are_shown_without_secrets(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOORSTEP_SIGNING_SECRET", "s" * 40)
    shown = {line["setting"]: line for line in run("config", "--json").json}
    assert shown["signing_secret"]["value"] == "***"
    assert shown["port"] == {
        "setting": "port",
        "variable": "DOORSTEP_PORT",
        "value": "8080",
        "source": "default",
    }


def test_an_unknown_variable_names_the_nearest(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOORSTEP_PUBLIC_ULR", "https://x")
    assert "DOORSTEP_PUBLIC_URL" in mistake(run("config"))


def test_migrate_makes_a_database(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    assert run("migrate", "--database", f"sqlite:///{path}").code == 0
    assert path.exists()
    assert "makes one" in mistake(run("account", "list", "--database", "sqlite:////nowhere/x.db"))


@pytest.mark.parametrize("command", [["migrate"], ["serve", "--port", "0"]])
def test_a_file_that_cannot_be_written_is_one_line(run: Run, command: list[str]) -> None:
    said = mistake(run(*command, "--database", "sqlite:////nowhere/at/all.db"))
    assert "/nowhere/at/all.db cannot be used" in said


def test_a_newer_schema_is_one_line(run: Run, sqlite_file: Path) -> None:
    with closing(sqlite3.connect(sqlite_file)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    assert "newer than this version" in mistake(run("serve", "--port", "0"))


def test_a_port_in_use_is_one_line(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = mistake(run("serve", "--port", str(port)))
    assert f"127.0.0.1:{port}" in said
    assert "in use" in said


def test_several_processes_need_postgresql(run: Run) -> None:
    said = mistake(run("serve", "--port", "0", "--processes", "2"))
    assert said == (
        "doorstep: SQLite is written by one process; more than one need a database on PostgreSQL.\n"
    )


def test_versions(run: Run) -> None:
    assert run("version").out == f"{__version__}\n"
    assert run("--version").out == f"{__version__}\n"


def test_verify_finds_nothing_in_a_sound_database(sqlite_api: Api, run: Run) -> None:
    sqlite_api.order("A", order_items=[{"sku": "X"}], recipient={"first_name": "J"})
    sqlite_api.order("B", promised_delivery_date="2027-01-16T00:00:00Z")
    sqlite_api.shipment("A", tracking_code="T-1")
    sqlite_api.update(tracking_code="T-1", status="delivered")
    sqlite_api.delete("/v2/orders/B")
    assert run("verify").out == "2 orders replayed, 0 faults\n"
    assert run("verify", "--json").json == {"orders": 2, "faults": []}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE orders SET state = 'paid'", "state differ"),
        ("UPDATE orders SET delayed_from = 1", "delayed_from does not fit"),
        ("UPDATE order_items SET fields = '{}'", "items differ"),
        ("UPDATE order_states SET location = 'Wien'", "history differ"),
        ("UPDATE orders SET promised_by = 1", "promised_by does not fit"),
        ("UPDATE shipments SET carrier = 'ups'", "carrier does not fit"),
        ("UPDATE shipments SET delivery_assumed_from = 1", "delivery_assumed_from does not fit"),
        ("UPDATE order_blocks SET last_created_at = 1", "its block's summary leaves it out"),
        ("DELETE FROM order_blocks", "its block's summary leaves it out"),
        ("DELETE FROM shipment_names", "not found by its tracking_code"),
        ("UPDATE shipment_names SET name = 'T-2'", "does not bear it"),
        ("DELETE FROM events", "no event tells of it"),
        (
            "DELETE FROM order_states; DELETE FROM order_tags; DELETE FROM order_items;"
            "DELETE FROM carrier_updates; DELETE FROM shipment_names; DELETE FROM shipments;"
            "DELETE FROM orders",
            "it is not there",
        ),
        ("UPDATE recipients SET contact_email = 'b@example.com'", "contact_email does not fit"),
        ("UPDATE recipients SET contact_name = NULL", "contact_name does not fit"),
        ("INSERT INTO recipients VALUES (1, 5, 1, '{}', NULL, NULL)", "outlived it"),
        ("INSERT INTO recipients VALUES (1, 5, 1, NULL, 'schmidt', NULL)", "outlived it"),
    ],
)
def test_verify_finds_what_was_damaged(
    sqlite_api: Api, run: Run, sqlite_file: Path, damage: str, said: str
) -> None:
    recipient = {"last_name": "Schmidt", "email": "a@example.com"}
    sqlite_api.order("A", order_items=[{"sku": "X"}], recipient=recipient)
    sqlite_api.shipment("A", tracking_code="T-1", carrier={"name": "dhl"})
    with closing(sqlite3.connect(sqlite_file)) as connection:
        connection.executescript(damage)
    found = run("verify")
    assert found.code == 1
    assert said in found.out


def test_a_backup_is_whole_and_never_overwrites(sqlite_api: Api, run: Run, tmp_path: Path) -> None:
    sqlite_api.order("A")
    copy = tmp_path / "copy.db"
    assert run("backup", str(copy)).code == 0
    assert run("verify", "--database", f"sqlite:///{copy}").out == "1 orders replayed, 0 faults\n"
    assert "never overwrites" in mistake(run("backup", str(copy)))
    assert "no directory" in mistake(run("backup", str(tmp_path / "no" / "copy.db")))


def test_the_module_runs_as_a_program() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "doorstep.cli", "version"], capture_output=True, text=True
    )
    assert said.stdout == f"{__version__}\n"


def test_without_a_terminal_no_value_is_cut(tmp_path: Path) -> None:
    path = tmp_path / ("long" * 30) / "doorstep.db"
    path.parent.mkdir()
    environ = {"DOORSTEP_DATABASE": f"sqlite:///{path}", "COLUMNS": "80"}
    name = "A shop of many words " * 10
    made = json.loads(doorstep("account", "create", name, "--json", **environ).stdout)
    for command, value in (
        (["account", "list"], made["slug"]),
        (["account", "list"], name),
        (["key", "list"], made["key_id"]),
        (["config"], environ["DOORSTEP_DATABASE"]),
    ):
        assert value in doorstep(*command, **environ).stdout


@pytest.mark.parametrize("command", [["config"], ["config", "--json"], ["version"]])
def test_an_output_that_cannot_be_written(command: list[str]) -> None:
    def write_to(output: int) -> tuple[int, str]:
        said = subprocess.run(
            [sys.executable, "-m", "doorstep.cli", *command],
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        return said.returncode, said.stderr

    reading, writing = os.pipe()
    os.close(reading)
    assert write_to(writing) == (141, "")
    os.close(writing)
    with open("/dev/full", "wb") as full:
        assert write_to(full.fileno()) == (2, "doorstep: No space left on device.\n")


def test_the_quickstart_works_as_it_is_written(tmp_path: Path) -> None:
    """The printed walk, then each command and snippet of the page in its order."""
    page = (ROOT / "docs/quickstart.md").read_text(encoding="utf-8")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    program = tmp_path / ".venv/bin/doorstep"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m doorstep.cli "$@"\n')
    program.chmod(0o755)
    path = tmp_path / "doorstep.db"
    environ = {**clean_environment(), "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"}

    def follow(*command: str) -> str:
        said = subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
        )
        assert said.returncode == 0, said.stderr
        return said.stdout

    server = Server(path, "--quickstart")
    try:
        walk = "".join(line for line in server.log if line.startswith("  "))
        assert '"state":"completed"' in follow("bash", "-euc", walk).splitlines()[-1]
        key = ""
        blocks = re.findall(r"```python\n([^`]*)```|((?:^    .*\n)+)", page, re.M)
        assert len(blocks) == 5
        for snippet, commands in blocks:
            if snippet:
                shown = re.sub(r'"ds_2_…"', repr(key), snippet).replace(
                    "http://127.0.0.1:8080", server.url
                )
                assert shown.count(key) == 1, "the key of the shop's own account is assigned"
                assert follow(sys.executable, "-c", shown) == "shipped\n"
            elif ".venv/bin/" in commands:
                said = follow("sh", "-euc", commands)
                found = re.search(r"access_key: (ds_2_\S+)", said)
                key = key or (found[1] if found else "")
                assert "fault" not in said or "0 faults" in said
    finally:
        server.stop()
