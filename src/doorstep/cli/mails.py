"""Looking at mails to customers, and trying the way to the mail server."""

import asyncio
import secrets
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from doorstep import app
from doorstep.cli.accounts import find_account
from doorstep.cli.commands import Database, Mistake
from doorstep.cli.running import in_store, settings_of
from doorstep.clock import now
from doorstep.config import Settings
from doorstep.domain.carriers import KNOWN_CARRIERS
from doorstep.service.accounts import MAIL_EVENTS, Account, AccountView
from doorstep.service.languages import LANGUAGES, known_language
from doorstep.service.mails.content import Content, content
from doorstep.service.mails.message import Mail, UnusableAddress, mail_of
from doorstep.service.mails.sample import sample_order, sample_subject
from doorstep.worker.mail_server import read_smtp_url
from doorstep.worker.smtp import NotTaken, ServerAway, SmtpConnection

NOBODY = Account(0, "Your Shop", "your-shop", "UTC", "en", None, 0)

Language = Annotated[
    str | None, Parameter(help=f"One of {', '.join(LANGUAGES)}; else the account's.")
]
OfAccount = Annotated[
    str | None, Parameter(name="--account", help="Whose name, language and time zone it bears.")
]


def preview(
    event: Annotated[str, Parameter(help=f"One of {', '.join(MAIL_EVENTS)}.")],
    *,
    language: Language = None,
    output: Annotated[
        str,
        Parameter(
            help="The file for the HTML, for a browser; without it the text is shown here.",
            show_default=False,
        ),
    ] = "-",
    text: Annotated[bool, Parameter(negative="", help="The text instead of the HTML.")] = False,
    account: OfAccount = None,
    database: Database = None,
) -> None:
    """Show what customers get when something happens to an order, with a sample order."""
    said = _sample(settings_of(database=database), event, language, account)
    if output == "-":
        print(f"{said.subject}\n\n{said.text}", end="")
        return
    Path(output).write_text(said.text if text else said.html, encoding="utf-8")
    print(f"{said.subject}: {output}")


def send_sample(
    address: str,
    *,
    event: Annotated[str, Parameter(help=f"One of {', '.join(MAIL_EVENTS)}.")] = "shipped",
    language: Language = None,
    account: OfAccount = None,
    database: Database = None,
) -> None:
    """Send a sample to an address of your own, by the mail server of the settings."""
    settings = settings_of(database=database)
    if settings.smtp_url is None:
        raise Mistake("No mails are sent: DOORSTEP_SMTP_URL names no mail server.")
    said = _sample(settings, event, language, account)
    sender, server = (
        app.mail_sender(settings, settings.base_url()),
        read_smtp_url(settings.smtp_url),
    )
    try:
        mail = mail_of(
            said,
            sender=sender.address,
            recipient=address,
            message_id=f"<{secrets.token_hex()}@{sender.domain}>",
            created_at=now(),
        )
        asyncio.run(_send(SmtpConnection(server, sender.address), mail))
    except UnusableAddress:
        raise Mistake(f"{address} is not an address that mails can be sent to.") from None
    except ServerAway as error:
        raise Mistake(f"{server.host}:{server.port} takes no mails: {error}.") from error
    except NotTaken as error:
        raise Mistake(f"{server.host}:{server.port} did not take this mail: {error}.") from error
    print(f"{server.host}:{server.port} took it, from {sender.address}: {said.subject}")


async def _send(connection: SmtpConnection, mail: Mail) -> None:
    try:
        await connection.send(mail)
    finally:
        await connection.close()


def _sample(settings: Settings, event: str, language: str | None, account: str | None) -> Content:
    if event not in MAIL_EVENTS:
        raise Mistake(f"{event} is no kind of mail; there are {', '.join(MAIL_EVENTS)}.")
    if language is not None and known_language(language) is None:
        raise Mistake(f"There are no mails in {language}; there are {', '.join(LANGUAGES)}.")
    its = NOBODY if account is None else in_store(settings, lambda s: find_account(s, account))
    view = AccountView(its, ZoneInfo(its.time_zone), {}, dict(KNOWN_CARRIERS))
    order = sample_order(event, language, now())
    return content(sample_subject(event), order, view, settings.base_url())
