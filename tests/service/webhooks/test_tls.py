"""TLS: a receiver's certificate has to be one that the machine trusts, for the name called."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.service.webhooks.names import resolve_to
from tests.service.webhooks.receiver import Receiver
from tests.service.webhooks.test_sending import send

NAME = "receiver.example"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_nobody_vouches_for(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    resolve_to(monkeypatch, ["127.0.0.1"])
    with Receiver(tls=tls) as receiver:
        sent = send(f"https://{NAME}:{receiver.port}/")
    assert (sent.error, sent.http_status) == ("certificate_refused", None)
    assert receiver.received == []


def test_a_certificate_of_the_file_that_is_named(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    resolve_to(monkeypatch, ["127.0.0.1"])
    with Receiver(tls=tls) as receiver:
        assert send(f"https://{NAME}:{receiver.port}/").http_status == 204
        assert send(f"https://other.example:{receiver.port}/").error == "certificate_refused"
    assert len(receiver.received) == 1


def test_https_to_a_port_that_speaks_http() -> None:
    with Receiver() as receiver:
        assert send(f"https://127.0.0.1:{receiver.port}/").error == "tls_failed"
