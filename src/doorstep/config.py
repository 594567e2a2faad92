"""The settings: one table, and how command line, environment and files fill it."""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from doorstep.database_url import read_database_url, without_password
from doorstep.domain.limits import LIMITS, Limits
from doorstep.logs import FORMATS

PREFIX = "DOORSTEP_"
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
MOST_PROCESSES = 64
MIN_SECRET_BYTES = 32
"""As long as the hash of HS256: a shorter key is the weaker part of a token's signature."""


class ConfigError(ValueError):
    """One sentence for the user: which variable or option is wrong, and what it must be."""


class Form(NamedTuple):
    """What a setting's text must be, and the function that reads it or raises ValueError."""

    must_be: str
    read: Callable[[str], object]


def _whole_number(lowest: int, highest: int) -> Form:
    def read(text: str) -> int:
        # int() alone would also take "1_000", " 7" and the digits of other scripts.
        if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
            raise ValueError
        return int(text)

    return Form(f"a whole number from {lowest} to {highest}", read)


def _read_host(text: str) -> str:
    if ":" in text:
        ipaddress.IPv6Address(text)
    elif not re.fullmatch("[A-Za-z0-9._-]+", text):
        raise ValueError
    return text


def _read_public_url(text: str) -> str:
    url = urlsplit(text)
    if not re.fullmatch("[!-~]+", text) or re.search(r'[?#@\\"<>]', text):
        raise ValueError
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        raise ValueError
    return text.rstrip("/")


def _read_proxies(text: str) -> str:
    # uvicorn takes what it cannot parse for a name, which then never matches an address.
    for address in text.split(",") if text != "*" else ():
        ipaddress.ip_network(address.strip())
    return text


def _read_networks(text: str) -> str:
    for network in text.split(","):
        ipaddress.ip_network(network.strip())
    return text


def _read_durations(text: str) -> str:
    for seconds in text.split(","):
        if not (re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", seconds.strip()) and len(text) < 1_000):
            raise ValueError
    return text


def _read_smtp_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("smtp", "smtps") or not url.hostname or url.port == 0:
        raise ValueError
    if url.path not in ("", "/") or url.query or url.fragment:
        raise ValueError
    if url.password and not url.username:
        # It would never be shown to the server, and mails would go out without TLS.
        raise ValueError
    return text


def _read_mail_address(text: str) -> str:
    if (
        not re.fullmatch(r"[^@\s<>,;:\\\"()]{1,64}@[A-Za-z0-9.-]{1,255}", text)
        or not text.isascii()
    ):
        raise ValueError
    return text


def _read_secret(text: str) -> str:
    if len(text.encode()) < MIN_SECRET_BYTES:
        raise ValueError
    return text


def _one_of(words: tuple[str, ...]) -> Form:
    """One of some words, in whatever case."""
    return Form(f"one of {', '.join(words)}", lambda text: words[words.index(text.lower())])


FLAG = Form("true or false", lambda text: ("false", "true").index(text.lower()) == 1)


class Setting(NamedTuple):
    """One row of the table of settings; without a default, `otherwise` tells what holds."""

    name: str
    form: Form
    default: str | int | bool | None
    meaning: str
    secret: bool = False
    otherwise: str = ""

    @property
    def variable(self) -> str:
        return PREFIX + self.name.upper()

    @property
    def variables(self) -> tuple[str, ...]:
        """The variable itself and, for a secret, the one that names a file."""
        return (self.variable, f"{self.variable}_FILE") if self.secret else (self.variable,)

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


SETTINGS = (
    Setting(
        "database",
        Form(
            "a URL such as sqlite:///doorstep.db or postgresql://doorstep@localhost/doorstep "
            "(%40 for @ in a password, %2F for /, %3F for ?, %23 for #, %25 for %)",
            read_database_url,
        ),
        "sqlite:///doorstep.db",
        "Where everything is kept: a file (`sqlite:////` with four slashes begins an absolute "
        "path) or a PostgreSQL database, with all that libpq takes in its URL.",
        # The URL may hold a password, which no refusal of it may repeat.
        secret=True,
    ),
    Setting(
        "host",
        Form("a host name or an IP address without port", _read_host),
        "127.0.0.1",
        "The address to listen on; `0.0.0.0` for every one.",
    ),
    Setting("port", _whole_number(0, 65535), 8080, "The TCP port to listen on; 0: a free one."),
    Setting(
        "processes",
        _whole_number(1, MOST_PROCESSES),
        1,
        "Processes that share the port; more than one need PostgreSQL.",
    ),
    Setting(
        "public_url",
        Form("an http or https URL in ASCII without user, query or fragment", _read_public_url),
        None,
        "The URL under which shops and customers reach doorstep, used in links.",
        otherwise="made from host and port",
    ),
    Setting(
        "forwarded_allow_ips",
        Form("a * alone, or IP addresses and networks separated by commas", _read_proxies),
        "127.0.0.1",
        "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    ),
    Setting(
        "signing_secret",
        Form(f"a text of at least {MIN_SECRET_BYTES} bytes", _read_secret),
        None,
        "What tokens are signed with; a new one ends all tokens.",
        secret=True,
        otherwise="kept in the database",
    ),
    Setting(
        "log_level",
        _one_of(LOG_LEVELS),
        "info",
        "The least weight of a message that is logged.",
    ),
    Setting(
        "log_format",
        _one_of(FORMATS),
        "auto",
        "How the log is written; auto: text on a terminal, JSON anywhere else.",
    ),
    Setting(
        "access_log",
        FLAG,
        False,
        "Whether every request is logged, and not only what goes wrong.",
    ),
    Setting(
        "queue_size",
        _whole_number(1, 1_000_000),
        10_000,
        "Most requests that wait for the writer; more are answered 503.",
    ),
    Setting(
        "group_size",
        _whole_number(1, 1024),
        64,
        "Most requests in one commit (an entry of an array counts as one).",
    ),
    Setting(
        "request_seconds",
        _whole_number(1, 3600),
        60,
        "Seconds within which a request must be whole, and an answer be read on.",
    ),
    Setting(
        "worker",
        FLAG,
        True,
        "Whether `doorstep serve` does the work of `doorstep worker` as well.",
    ),
    Setting(
        "worker_port",
        _whole_number(0, 65535),
        None,
        "The TCP port on which `doorstep worker` answers /healthz, /readyz and /metrics; 0: a free "
        "one.",
        otherwise="none",
    ),
    Setting(
        "retry_seconds",
        Form("seconds separated by commas, such as 5,30,120", _read_durations),
        "5,30,120,600,1800,3600,7200,14400,28800,50400,64800,86400",
        "How long a webhook or a mail waits after each failed try, a little more or less; after "
        "one more try it is given up.",
    ),
    Setting(
        "webhook_seconds",
        _whole_number(1, 120),
        15,
        "Seconds that one try of a webhook may take.",
    ),
    Setting(
        "webhook_allow_networks",
        Form("IP networks separated by commas, such as 127.0.0.0/8,10.1.0.0/16", _read_networks),
        None,
        "Networks to which webhooks may be sent though they are no public addresses.",
        otherwise="public addresses only",
    ),
    Setting(
        "smtp_url",
        Form(
            "a URL such as smtp://user:password@mail.example.com:587 or smtps://…", _read_smtp_url
        ),
        None,
        "The server that takes mails to customers: `smtp` with STARTTLS where it is offered, "
        "`smtps` with TLS from the start.",
        secret=True,
        otherwise="no mails are sent",
    ),
    Setting(
        "mail_from",
        Form("a mail address such as shop@example.com", _read_mail_address),
        None,
        "The address that mails to customers come from.",
        otherwise="doorstep@ and the public URL's host",
    ),
    *(
        Setting(name, _whole_number(1, limit.ceiling), limit.default, limit.meaning)
        for name, limit in LIMITS.items()
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings in force, each as SETTINGS describes it; made by `load`."""

    database: str = field(repr=False)
    host: str
    port: int
    processes: int
    public_url: str | None
    forwarded_allow_ips: str
    signing_secret: str | None = field(repr=False)
    log_level: str
    log_format: str
    access_log: bool
    queue_size: int
    group_size: int
    request_seconds: int
    worker: bool
    worker_port: int | None
    retry_seconds: str
    webhook_seconds: int
    webhook_allow_networks: str | None
    smtp_url: str | None = field(repr=False)
    mail_from: str | None
    limits: Limits
    sources: Mapping[str, str] = field(repr=False, compare=False)
    """For each setting's name, where its value is from."""

    def base_url(self, bound_port: int | None = None) -> str:
        """The public URL, else one made from host and port; without a trailing slash.

        `bound_port` is the port that the system chose when `port` is 0.
        """
        if self.public_url is not None:
            return self.public_url
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        host = f"[{host}]" if ":" in host else host
        return f"http://{host}:{self.port if bound_port is None else bound_port}"


def load(overrides: Mapping[str, object] = {}, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings from options of the command line, else the environment, files, defaults.

    `overrides` goes by the settings' names; None, like an empty variable, means not given.
    Raises ConfigError for the first value or variable that is not as it must be.
    """
    given = _given(environ)
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        values[setting.name], sources[setting.name] = _value(
            setting, overrides.get(setting.name), given
        )
    limits = Limits(**{name: values.pop(name) for name in LIMITS})
    return Settings(**values, limits=limits, sources=sources)


# For a service named doorstep Kubernetes tells every container in the namespace where it is.
_OF_KUBERNETES = re.compile(
    "DOORSTEP_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
    "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
    "|DOORSTEP_PORT=(tcp|udp|sctp)://[^/]+:[0-9]+"
)


def _given(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for doorstep that are not empty; ConfigError for an unknown one."""
    known = [variable for setting in SETTINGS for variable in setting.variables]
    given = {}
    for variable, text in sorted(environ.items()):
        if not variable.startswith(PREFIX) or _OF_KUBERNETES.fullmatch(variable):
            continue
        if variable not in known:
            nearest = difflib.get_close_matches(variable, known, n=1, cutoff=0)[0]
            raise ConfigError(f"{variable} is not a setting; the nearest one is {nearest}.")
        if text and not _OF_KUBERNETES.fullmatch(f"{variable}={text}"):
            given[variable] = text
    return given


def _value(setting: Setting, override: object, given: Mapping[str, str]) -> tuple[object, str]:
    """A setting's value and where it is from."""
    present = [variable for variable in setting.variables if variable in given]
    if len(present) > 1:
        raise ConfigError(f"Only one of {' and '.join(present)} may be given.")
    if override is not None:
        return _read(setting, setting.option, str(override)), "command line"
    if not present:
        return setting.default, "default"
    text = given[present[0]]
    if present[0] == setting.variable:
        return _read(setting, setting.variable, text), "environment"
    return _read(setting, present[0], _content(present[0], text)), f"file {text}"


def _content(variable: str, path: str) -> str:
    try:
        return Path(path).read_bytes().decode().removesuffix("\n")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
    raise ConfigError(f"{variable} names a file that cannot be read: {path} ({reason}).")


def _read(setting: Setting, where: str, text: str) -> object:
    try:
        return setting.form.read(text)
    except ValueError:
        found = "" if setting.secret else f", not {text!r}"
    # Raised out here, so that no traceback shows an error that holds the secret.
    raise ConfigError(f"{where} must be {setting.form.must_be}{found}.")


class Effective(NamedTuple):
    """A setting as it is in force; `value` is text without any secret."""

    name: str
    variable: str
    value: str
    source: str
    meaning: str


def effective(settings: Settings) -> list[Effective]:
    """Every setting as it is in force, secrets masked."""
    return [
        Effective(
            setting.name,
            setting.variable,
            _shown(setting, settings),
            settings.sources[setting.name],
            setting.meaning,
        )
        for setting in SETTINGS
    ]


def _shown(setting: Setting, settings: Settings) -> str:
    value = getattr(settings.limits if setting.name in LIMITS else settings, setting.name)
    if value is None:
        return setting.otherwise
    if setting.name == "database":
        return without_password(value)
    return "***" if setting.secret else written(value)


def written(value: object) -> str:
    """A value as a variable would give it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_INTRODUCTION = """\
# Settings

<!-- Made from the code; to make it anew: python -m doorstep.config > docs/settings.md -->

An option of the command line comes before the variable of the environment, the variable before
the default. A secret may also stand in a file that a variable ending in `_FILE` names (one newline
at its end is left out); giving both variables is an error. An empty variable counts as not given.
An unknown variable that begins with `DOORSTEP_` is an error, except what Kubernetes sets for a
service named `doorstep`. `doorstep config` shows the values in force and where each is from.

| Variable | Must be | Default | Meaning |
|---|---|---|---|
"""


def settings_markdown() -> str:
    """The text of docs/settings.md."""
    rows = []
    for setting in SETTINGS:
        variables = ", ".join(f"`{variable}`" for variable in setting.variables)
        default = setting.otherwise if setting.default is None else f"`{written(setting.default)}`"
        rows.append(f"| {variables} | {setting.form.must_be} | {default} | {setting.meaning} |\n")
    return _INTRODUCTION + "".join(rows)


if __name__ == "__main__":
    print(settings_markdown(), end="")
