"""How the mail server is reached: its URL, TLS, passwords."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from doorstep.service.mails.message import Mail
from doorstep.worker.mail_server import MailServer, read_smtp_url
from doorstep.worker.smtp import ServerAway, SmtpConnection

MAIL = Mail("anna@example.com", "<1@example.com>", b"Subject: x\r\n\r\nx\r\n")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25, False, None, None)),
        ("smtp://a:b@mail.example.com", MailServer("mail.example.com", 587, False, "a", "b")),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, True, None, None)),
        (
            "smtps://a%40b:p%3A%2F%C3%BC%20+@[::1]:99/",
            MailServer("::1", 99, True, "a@b", "p:/ü +"),
        ),
    ],
)
def test_a_url_is_read(url: str, server: MailServer) -> None:
    assert read_smtp_url(url) == server


class Certified:
    """A server's TLS context, and the file of the certificate that vouches for it."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "doorstep's test")])
        today = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(today - datetime.timedelta(days=1))
            .not_valid_after(today + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
            )
            .sign(key, hashes.SHA256())
        )
        self.file, key_file = folder / "cert.pem", folder / "key.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.file, key_file)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return Certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def trusted(certified: Certified, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system's own certificates are."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certified.file))


class Server:
    """Notes what it took and whether that came over TLS, and takes one user's password."""

    def __init__(self) -> None:
        self.taken: list[bool] = []
        self.logins: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data.password)
        return AuthResult(success=data.password == "p:/ü".encode(), handled=False)


@asynccontextmanager
async def serving(server: Server, tls: Any = None, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    made = {"hostname": "localhost", "loop": loop, "authenticator": server.authenticate, **options}
    listening = await loop.create_server(lambda: SMTP(server, **made), "127.0.0.1", 0, ssl=tls)
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def send(url: str) -> None:
    connection = SmtpConnection(read_smtp_url(url), "shop@example.com")
    try:
        await connection.send(MAIL)
        await connection.send(MAIL)
    finally:
        await connection.close()


async def plain(server: Server) -> None:
    async with serving(server) as port:
        await send(f"smtp://127.0.0.1:{port}")


async def starttls(server: Server, certified: Certified, who: str = "") -> None:
    async with serving(server, tls_context=certified.context) as port:
        await send(f"smtp://{who}127.0.0.1:{port}")


async def smtps(server: Server, certified: Certified) -> None:
    async with serving(server, certified.context) as port:
        await send(f"smtps://127.0.0.1:{port}")


def test_without_tls_where_none_is_offered() -> None:
    server = Server()
    asyncio.run(plain(server))
    assert server.taken == [False, False]


@pytest.mark.usefixtures("trusted")
def test_starttls_where_it_is_offered(certified: Certified) -> None:
    server = Server()
    asyncio.run(starttls(server, certified))
    assert server.taken == [True, True]


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_start(certified: Certified) -> None:
    server = Server()
    asyncio.run(smtps(server, certified))
    assert server.taken == [True, True]


@pytest.mark.parametrize("how", [starttls, smtps])
def test_a_certificate_that_nobody_vouches_for_is_not_trusted(how: Any, certified: Any) -> None:
    server = Server()
    with pytest.raises(ServerAway, match="CERTIFICATE_VERIFY_FAILED"):
        asyncio.run(how(server, certified))
    assert server.taken == []


@pytest.mark.usefixtures("trusted")
def test_a_password_is_given_over_tls(certified: Certified) -> None:
    server = Server()
    asyncio.run(starttls(server, certified, "user:p%3A%2F%C3%BC@"))
    assert server.taken == [True, True]
    assert server.logins == ["p:/ü".encode()]


@pytest.mark.usefixtures("trusted")
def test_a_wrong_password_is_the_server_s_word_on_all_mails(certified: Certified) -> None:
    server = Server()
    with pytest.raises(ServerAway, match="535"):
        asyncio.run(starttls(server, certified, "user:wrong@"))
    assert server.taken == []


def test_a_server_that_wants_a_login_late_does_not_get_the_address_into_the_log() -> None:
    class Late(Server):
        async def handle_RCPT(  # noqa: N802
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            return f"530 5.7.1 <{address}>: sign in first"

    with pytest.raises(ServerAway, match=r"^530 5\.7\.1$"):
        asyncio.run(plain(Late()))


def test_a_password_is_never_given_in_the_clear() -> None:
    async def run(server: Server) -> None:
        async with serving(server, auth_require_tls=False) as port:
            await send(f"smtp://user:p%3A%2F%C3%BC@127.0.0.1:{port}")

    server = Server()
    with pytest.raises(ServerAway, match="STARTTLS"):
        asyncio.run(run(server))
    assert (server.logins, server.taken) == ([], [])
