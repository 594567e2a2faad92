"""The settings: where each value comes from, what is refused, and what is never shown."""

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from doorstep.config import (
    SETTINGS,
    ConfigError,
    Settings,
    effective,
    load,
    settings_markdown,
    written,
)
from doorstep.database_url import sqlite_path
from doorstep.domain.limits import LIMITS, Limits

ROOT = Path(__file__).parents[1]
SECRET = "correct-horse-battery-staple-0123"  # 33 bytes
MIB = 1024 * 1024

DEFAULTS = {
    "database": "sqlite:///doorstep.db",
    "host": "127.0.0.1",
    "port": 8080,
    "processes": 1,
    "public_url": None,
    "forwarded_allow_ips": "127.0.0.1",
    "signing_secret": None,
    "log_level": "info",
    "log_format": "auto",
    "access_log": False,
    "queue_size": 10_000,
    "group_size": 64,
    "request_seconds": 60,
    "worker": True,
    "worker_port": None,
    "retry_seconds": "5,30,120,600,1800,3600,7200,14400,28800,50400,64800,86400",
    "webhook_seconds": 15,
    "webhook_allow_networks": None,
    "smtp_url": None,
    "mail_from": None,
}
LIMIT_DEFAULTS = {
    "max_body_bytes": MIB,
    "max_identifier_length": 255,
    "max_url_length": 2048,
    "max_text_length": 4096,
    "max_tags": 100,
    "max_items_per_order": 1000,
    "max_shipments_per_order": 500,
    "max_updates_per_order": 2000,
    "max_listed": 50_000,
    "max_updates_per_request": 1000,
    "max_early_updates": 10_000,
    "max_webhook_endpoints": 20,
    "max_event_streams": 100,
}
ACCEPTED = [
    ("database", "sqlite:////var/lib/doorstep/a.db", "sqlite:////var/lib/doorstep/a.db"),
    ("host", "0.0.0.0", "0.0.0.0"),
    ("host", "::1", "::1"),
    ("host", "shop.example", "shop.example"),
    ("port", "0", 0),
    ("port", "65535", 65535),
    ("processes", "64", 64),
    ("public_url", "https://track.example", "https://track.example"),
    ("public_url", "https://track.example/", "https://track.example"),
    ("public_url", "http://track.example:8443/a/b//", "http://track.example:8443/a/b"),
    ("public_url", "http://[::1]:8080", "http://[::1]:8080"),
    ("forwarded_allow_ips", "*", "*"),
    ("forwarded_allow_ips", "10.0.0.1, 192.168.0.0/16,::1", "10.0.0.1, 192.168.0.0/16,::1"),
    ("signing_secret", "x" * 32, "x" * 32),
    ("signing_secret", "ü" * 16, "ü" * 16),
    ("log_level", "WARNING", "warning"),
    ("log_level", "debug", "debug"),
    ("log_format", "JSON", "json"),
    ("access_log", "True", True),
    ("access_log", "false", False),
    ("queue_size", "1", 1),
    ("group_size", "1024", 1024),
]
REFUSED = [
    ("database", "doorstep.db"),
    ("database", "postgresql:/localhost/doorstep"),
    ("database", "postgresql://local host/doorstep"),
    ("database", "postgresql://localhost/doorstep#fragment"),
    ("database", "postgresql://localhost/doorstep%00"),
    ("database", "postgresql://localhost/doorstep?sslmode"),
    # libpq would take some of these apart elsewhere than where the password ends, and say so.
    ("database", "postgresql://me:hun@ter2@localhost/doorstep"),
    ("database", "postgresql://me:hun/ter2@localhost/doorstep"),
    ("database", "postgresql://me:hun?ter=2@localhost/doorstep"),
    ("database", "postgresql://me:hun%ter2@localhost/doorstep"),
    ("database", "mysql://localhost/doorstep"),
    ("database", "sqlite://doorstep.db"),
    ("database", "sqlite:///"),
    ("database", "sqlite:///:memory:"),
    ("database", "sqlite:///%3Amemory%3A"),
    ("database", "sqlite:///a.db?mode=ro"),
    ("database", "sqlite:///a.db#b"),
    ("database", "sqlite:///%ff"),
    ("database", "sqlite:///a%00"),
    ("log_format", "xml"),
    ("access_log", "yes"),
    ("host", "127.0.0.1:8080"),
    ("host", "[::1]"),
    ("host", "http://shop.example"),
    ("host", "a b"),
    ("port", "-1"),
    ("port", "65536"),
    ("port", "8_080"),
    ("port", "8080.0"),
    ("port", " 8080"),
    ("port", "٨٠٨٠"),
    ("port", "http"),
    ("port", "9" * 5000),
    ("public_url", "track.example"),
    ("public_url", "ftp://track.example"),
    ("public_url", "https://"),
    ("public_url", "https:///a"),
    ("public_url", "https://track.example/?a=1"),
    ("public_url", "https://track.example?"),
    ("public_url", "https://track.example/#a"),
    ("public_url", "https://me:secret@track.example"),
    ("public_url", "https://track.example:port"),
    ("public_url", "https://track.example:99999"),
    ("public_url", "https://träck.example"),
    ("public_url", "https://track.example/a b"),
    ("public_url", "https://track.example\n"),
    ("public_url", "https://track.example/<a>"),
    ("public_url", "https://[::1"),
    ("forwarded_allow_ips", "proxy"),
    ("forwarded_allow_ips", "10.0.0.1,"),
    ("forwarded_allow_ips", "*,10.0.0.1"),
    ("forwarded_allow_ips", "10.0.0.1/8"),
    ("signing_secret", "x" * 31),
    ("signing_secret", "\udcff" * 32),
    ("log_level", "loud"),
    ("processes", "0"),
    ("processes", "65"),
    ("queue_size", "0"),
    ("queue_size", "1000001"),
    ("group_size", "0"),
    ("group_size", "1025"),
    ("smtp_url", "smtp://:password@mail.example"),
    ("smtp_url", "smtps://mail.example:99999"),
    ("smtp_url", "http://mail.example"),
    ("smtp_url", "smtp://user@"),
    ("mail_from", "Shop <shop@example.com>"),
    ("mail_from", "shop@example.com\nBcc: other@example.com"),
    ("retry_seconds", "5,,30"),
    ("retry_seconds", "-5"),
    ("webhook_allow_networks", "10.0.0.1/8"),
]
FROM_KUBERNETES = [
    ("DOORSTEP_SERVICE_HOST", "10.0.0.1"),
    ("DOORSTEP_SERVICE_PORT", "8080"),
    ("DOORSTEP_SERVICE_PORT_HTTP", "8080"),
    ("DOORSTEP_SERVICE_PORT_HTTP_ALT", "8080"),
    ("DOORSTEP_PORT", "tcp://10.0.0.1:8080"),
    ("DOORSTEP_PORT", "udp://10.0.0.1:8080"),
    ("DOORSTEP_PORT", "sctp://[fd00::1]:8080"),
    *(
        (f"DOORSTEP_PORT_8080_{protocol}{part}", "any")
        for protocol in ("TCP", "UDP", "SCTP")
        for part in ("", "_PROTO", "_PORT", "_ADDR")
    ),
]
UNKNOWN = [
    ("DOORSTEP_PROT", "DOORSTEP_PORT"),
    ("DOORSTEP_PUBLIC_URI", "DOORSTEP_PUBLIC_URL"),
    ("DOORSTEP_DATABASE_FIEL", "DOORSTEP_DATABASE_FILE"),
    ("DOORSTEP_MAX_TAG", "DOORSTEP_MAX_TAGS"),
    ("DOORSTEP_PORT_FILE", "DOORSTEP_PORT"),  # a file is for secrets alone
    ("DOORSTEP_Port", "DOORSTEP_PORT"),
    ("DOORSTEP_SERVICE_PROT", "DOORSTEP_"),
    ("DOORSTEP_SERVICE_HOST_A", "DOORSTEP_"),
    ("DOORSTEP_PORT_HTTP_TCP", "DOORSTEP_PORT"),
    ("DOORSTEP_PORT_8080_ICMP", "DOORSTEP_PORT"),
    ("DOORSTEP_PORT_8080_TCP_NAME", "DOORSTEP_PORT"),
    ("DOORSTEP_", "DOORSTEP_"),
]


def refusal(overrides: dict[str, object], environ: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load(overrides, environ)
    # What holds the secret is not even chained to the error, so no traceback can show it.
    assert caught.value.__context__ is None
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def shown(settings: Settings) -> dict[str, str]:
    return {row.name: row.value for row in effective(settings)}


def test_defaults() -> None:
    settings = load({}, {})
    assert {name: getattr(settings, name) for name in DEFAULTS} == DEFAULTS
    assert settings.limits == Limits() == Limits(**LIMIT_DEFAULTS)
    assert [setting.name for setting in SETTINGS] == [*DEFAULTS, *LIMIT_DEFAULTS]


def test_every_default_is_what_its_setting_must_be() -> None:
    for setting in SETTINGS:
        if setting.default is None:
            assert setting.otherwise
        else:
            # As `doorstep config` shows it, so that what is shown can be given.
            assert setting.form.read(written(setting.default)) == setting.default


@pytest.mark.parametrize(("name", "text", "value"), ACCEPTED)
def test_accepted_by_option_and_by_variable(name: str, text: str, value: object) -> None:
    assert getattr(load({name: text}, {}), name) == value
    assert getattr(load({}, {f"DOORSTEP_{name.upper()}": text}), name) == value


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_refused_by_option_and_by_variable(name: str, text: str) -> None:
    variable = f"DOORSTEP_{name.upper()}"
    secret = name in ("database", "signing_secret", "smtp_url")
    for where, sentence in (
        (f"--{name.replace('_', '-')}", refusal({name: text}, {})),
        (variable, refusal({}, {variable: text})),
    ):
        assert sentence.startswith(f"{where} must be ")
        assert (f"not {text!r}." in sentence) is not secret


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_has_a_variable_a_ceiling_and_a_floor(name: str) -> None:
    variable, ceiling = f"DOORSTEP_{name.upper()}", LIMITS[name].ceiling
    assert ceiling > LIMIT_DEFAULTS[name]
    for value in (1, ceiling):
        assert getattr(load({}, {variable: str(value)}).limits, name) == value
        assert getattr(load({name: value}, {}).limits, name) == value
    for value in (0, -1, ceiling + 1):
        accepted = f"must be a whole number from 1 to {ceiling}, not"
        assert refusal({}, {variable: str(value)}) == f"{variable} {accepted} '{value}'."
        with pytest.raises(ValueError, match=f"^{name} {accepted} {value}[.]$"):
            Limits(**{name: value})


def test_settings_and_limits_are_frozen() -> None:
    settings = load({}, {})
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        settings.limits.max_tags = 1  # type: ignore[misc]


def test_option_before_variable_before_file_before_default(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("sqlite:///file.db")
    variable = {"DOORSTEP_DATABASE": "sqlite:///variable.db"}
    of_file = {"DOORSTEP_DATABASE_FILE": str(file)}
    for overrides, environ, name, source in (
        ({"database": "sqlite:///option.db"}, variable, "option", "command line"),
        ({"database": "sqlite:///option.db"}, of_file, "option", "command line"),
        ({"database": None}, variable, "variable", "environment"),
        ({}, variable, "variable", "environment"),
        ({}, of_file, "file", f"file {file}"),
        ({}, {}, "doorstep", "default"),
    ):
        settings = load(overrides, environ)
        assert settings.database == f"sqlite:///{name}.db"
        assert settings.sources["database"] == source


def test_an_option_makes_up_for_a_bad_variable() -> None:
    assert load({"port": 1}, {"DOORSTEP_PORT": "bad"}).port == 1


def test_an_empty_variable_is_not_given(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    empty = {variable: "" for setting in SETTINGS for variable in setting.variables}
    assert load({}, empty) == load({}, {})
    assert load({}, {**empty, "DOORSTEP_SIGNING_SECRET_FILE": str(file)}).signing_secret == SECRET
    refusal({"host": ""}, {})


def test_load_reads_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("DOORSTEP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("DOORSTEP_PORT", "4711")
    assert load().port == 4711


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (SECRET, SECRET),
        (f"{SECRET}\n", SECRET),
        (f"{SECRET}\n\n", f"{SECRET}\n"),
        (f" {SECRET} ", f" {SECRET} "),
    ],
)
def test_a_file_loses_one_newline_at_its_end(tmp_path: Path, content: str, secret: str) -> None:
    file = tmp_path / "secret"
    file.write_text(content)
    assert load({}, {"DOORSTEP_SIGNING_SECRET_FILE": str(file)}).signing_secret == secret


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff" * 40)
    variable = "DOORSTEP_SIGNING_SECRET_FILE"
    for path, reason in (
        (tmp_path / "absent", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (binary, "not UTF-8"),
    ):
        sentence = f"{variable} names a file that cannot be read: {path} ({reason})."
        assert refusal({}, {variable: str(path)}) == sentence


def test_a_file_with_a_bad_value(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for content in ("too-short-a-secret", ""):
        file.write_text(content)
        sentence = "DOORSTEP_SIGNING_SECRET_FILE must be a text of at least 32 bytes."
        assert refusal({}, {"DOORSTEP_SIGNING_SECRET_FILE": str(file)}) == sentence


@pytest.mark.parametrize("name", ["database", "signing_secret"])
def test_a_secret_is_given_once(name: str) -> None:
    variable = f"DOORSTEP_{name.upper()}"
    both = {variable: "sqlite:///a.db", f"{variable}_FILE": "/secret"}
    sentence = f"Only one of {variable} and {variable}_FILE may be given."
    assert refusal({}, both) == refusal({name: "sqlite:///b.db"}, both) == sentence


@pytest.mark.parametrize(("variable", "nearest"), UNKNOWN)
def test_an_unknown_variable_names_the_nearest(variable: str, nearest: str) -> None:
    for text in ("a-value", ""):
        sentence = refusal({}, {variable: text})
        assert sentence.startswith(f"{variable} is not a setting; the nearest one is {nearest}")
        assert "a-value" not in sentence


def test_other_variables_are_let_through() -> None:
    load({}, {"PATH": "/bin", "DOORSTEP": "a", "MY_DOORSTEP_PROT": "b", "DOORSTEPS_PORT": "c"})


@pytest.mark.parametrize(("variable", "text"), FROM_KUBERNETES)
def test_what_kubernetes_sets_is_ignored(variable: str, text: str) -> None:
    settings = load({}, {variable: text})
    assert settings == load({}, {})
    assert set(settings.sources.values()) == {"default"}


@pytest.mark.parametrize("text", ["tcp://10.0.0.1", "http://10.0.0.1:8080", "10.0.0.1:8080"])
def test_a_port_that_is_not_from_kubernetes(text: str) -> None:
    assert refusal({}, {"DOORSTEP_PORT": text}).startswith("DOORSTEP_PORT must be ")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///doorstep.db", "doorstep.db"),
        ("sqlite:///data/doorstep.db", "data/doorstep.db"),
        ("sqlite:////var/lib/doorstep.db", "/var/lib/doorstep.db"),
        ("sqlite:///a%20b%3F.db", "a b?.db"),
    ],
)
def test_database_path(url: str, path: str) -> None:
    assert sqlite_path(load({"database": url}, {}).database) == Path(path)


@pytest.mark.parametrize(
    ("overrides", "bound_port", "url"),
    [
        ({}, None, "http://127.0.0.1:8080"),
        ({"host": "shop.example", "port": 80}, None, "http://shop.example:80"),
        ({"host": "0.0.0.0"}, None, "http://127.0.0.1:8080"),
        ({"host": "::"}, None, "http://[::1]:8080"),
        ({"host": "fd00::1"}, None, "http://[fd00::1]:8080"),
        ({"port": 0}, 49152, "http://127.0.0.1:49152"),
        ({"public_url": "https://a.example/b/", "port": 0}, 49152, "https://a.example/b"),
    ],
)
def test_base_url(overrides: dict[str, object], bound_port: int | None, url: str) -> None:
    assert load(overrides, {}).base_url(bound_port) == url


def test_effective_tells_value_and_source() -> None:
    rows = {row.name: row for row in effective(load({"port": 1}, {"DOORSTEP_MAX_TAGS": "7"}))}
    assert list(rows) == [*DEFAULTS, *LIMIT_DEFAULTS]
    assert rows["port"][1:4] == ("DOORSTEP_PORT", "1", "command line")
    assert rows["max_tags"][1:4] == ("DOORSTEP_MAX_TAGS", "7", "environment")
    assert rows["max_tags"].meaning == LIMITS["max_tags"].meaning
    assert rows["host"][1:4] == ("DOORSTEP_HOST", "127.0.0.1", "default")
    assert rows["database"].value == "sqlite:///doorstep.db"
    assert rows["public_url"].value == "made from host and port"
    assert rows["signing_secret"].value == "kept in the database"


@pytest.mark.parametrize("url", ["sqlite:////a:b@c.db", "sqlite://///u:p@h/a&password=b.db"])
def test_the_path_of_a_database_is_shown_as_it_is(url: str) -> None:
    assert shown(load({"database": url}, {}))["database"] == url


@pytest.mark.parametrize(
    ("url", "readable"),
    [
        ("postgresql://db/a", "postgresql://db/a"),
        ("postgresql://me@db:5433/a?sslmode=require", "postgresql://me@db:5433/a?sslmode=require"),
        ("postgresql://me:hunter2@db/a", "postgresql://me:***@db/a"),
        ("postgres://me:hunter2%40%2f@a,b:5433/a", "postgres://me:***@a,b:5433/a"),
        ("postgresql:///a?host=/run&password=hunter2", "postgresql:///a?host=/run&password=***"),
        (
            "postgresql://db/a?user=me&p%61ssword=hunter2",
            "postgresql://db/a?user=me&p%61ssword=***",
        ),
        ("postgresql://db/a?sslpassword=hunter2", "postgresql://db/a?sslpassword=***"),
    ],
)
def test_a_database_is_shown_without_its_password(url: str, readable: str) -> None:
    settings = load({"database": url}, {})
    assert settings.database == url
    assert shown(settings)["database"] == readable
    assert "hunter2" not in repr(settings)


def test_no_secret_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    variable = "DOORSTEP_SIGNING_SECRET"
    for environ in ({variable: SECRET}, {f"{variable}_FILE": str(file)}):
        settings = load({}, environ)
        assert settings.signing_secret == SECRET
        assert shown(settings)["signing_secret"] == "***"
        assert SECRET not in f"{effective(settings)}{settings!r}{settings.sources}"
    settings = load({"database": "sqlite:///se-cret.db"}, {})
    assert "se-cret" not in repr(settings)
    for name, text in (("database", "postgres:/me:hunter2@db/a"), ("signing_secret", "hunter2")):
        assert "hunter2" not in refusal({name: text}, {})
        assert "hunter2" not in refusal({}, {f"DOORSTEP_{name.upper()}": text})


def test_the_settings_page_is_made_from_the_code() -> None:
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert page == settings_markdown(), "run: python -m doorstep.config > docs/settings.md"
    command = [sys.executable, "-m", "doorstep.config"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    assert subprocess.check_output(command, env=environ, text=True) == page


def test_the_settings_page_is_complete() -> None:
    page = settings_markdown()
    assert "python -m doorstep.config > docs/settings.md" in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(SETTINGS)
    for setting, row in zip(SETTINGS, rows, strict=True):
        assert row.count("|") == 5
        assert all(f"`{variable}`" in row for variable in setting.variables)
        assert setting.meaning.endswith(".")
        assert setting.meaning in row
