"""`doorstep mail`: looking at mails, and trying the way to the mail server."""

from pathlib import Path

import pytest

from tests.conftest import doorstep
from tests.mailbox import Mailbox


def test_preview_writes_a_page(tmp_path: Path) -> None:
    page = tmp_path / "mail.html"
    done = doorstep("mail", "preview", "shipped", "--language", "de", "--output", str(page))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"Ihre Bestellung 2024-1001 ist unterwegs: {page}\n"
    assert page.read_text().startswith('<!DOCTYPE html>\n<html lang="de">')


def test_preview_shows_the_text_and_needs_no_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = doorstep("mail", "preview", "delayed", "--language", "pl_PL")
    assert done.stdout.startswith("Zamówienie 2024-1001 jest opóźnione\n\nPaństwa zamówienie")
    assert done.stdout.endswith("Your Shop\n")
    assert list(tmp_path.iterdir()) == []


def test_preview_bears_an_account_s_name_and_language(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/mails.db"
    doorstep("account", "create", "Möbel & Söhne", "--database", database)
    doorstep("account", "set", "mobel-sohne", "--language", "fr", "--database", database)
    account = ["--account", "mobel-sohne", "--database", database]
    done = doorstep("mail", "preview", "paid", *account)
    assert done.stdout.startswith("Paiement reçu pour votre commande 2024-1001\n")
    assert done.stdout.endswith("commandé chez Möbel & Söhne\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["preview", "lost"], "lost is no kind of mail; there are paid, in_production, "),
        (["preview", "paid", "--language", "xx"], "There are no mails in xx; there are en, de, "),
        (["preview", "paid", "--output", "/nowhere/a"], "/nowhere/a: No such file or directory."),
        (["test", "a@example.com"], "No mails are sent: DOORSTEP_SMTP_URL names no mail server."),
    ],
)
def test_mistakes_are_one_sentence(arguments: list[str], sentence: str) -> None:
    done = doorstep("mail", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"doorstep: {sentence}")
    assert done.stderr.count("\n") == 1


def test_a_sample_is_sent_or_said_why_not(tmp_path: Path) -> None:
    def test(address: str) -> tuple[int, str]:
        environ = {
            "DOORSTEP_SMTP_URL": mailbox.url,
            "DOORSTEP_PUBLIC_URL": "https://orders.example.com",
        }
        done = doorstep("mail", "test", address, "--language", "nl", **environ)
        return done.returncode, done.stdout + done.stderr

    with Mailbox(tmp_path / "mails", ["take", "550"]) as mailbox:
        where = mailbox.url.removeprefix("smtp://")
        took = f"{where} took it, from doorstep@orders.example.com: Uw bestelling 2024-1001 is on"
        assert test("anna@example.com") == (0, f"{took}derweg\n")
        (message,) = mailbox.wait_for(1)
        assert message["To"] == "anna@example.com"
        refused = f"doorstep: {where} did not take this mail: 550 5.1.1.\n"
        assert test("anna@example.com") == (2, refused)
        not_one = "doorstep: anna is not an address that mails can be sent to.\n"
        assert test("anna") == (2, not_one)
    code, said = test("anna@example.com")
    assert code == 2
    assert said.startswith(f"doorstep: {where} takes no mails: Error connecting")
