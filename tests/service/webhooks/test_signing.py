"""Signatures: those of the specification's own libraries, bit for bit."""

import base64
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from doorstep.service.webhooks.signing import SIGNATURES, new_secret, public_key, sign

VECTORS = {
    "v1": (
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ),
    "v1a": (
        "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=",
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==",
    ),
}
"""Of the tests of Standard Webhooks' Go library; the specification itself shows no key."""

WEBHOOK_ID, SECONDS, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


@pytest.mark.parametrize("signature", SIGNATURES)
def test_the_vectors(signature: str) -> None:
    secret, expected = VECTORS[signature]
    assert sign([secret], WEBHOOK_ID, SECONDS, BODY) == expected


def test_ed25519_as_in_rfc_8032() -> None:
    """Test 2 of its section 7.1: the public key that belongs to a private one."""
    private = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    secret = f"whsk_{base64.b64encode(private).decode()}"
    assert public_key(secret) == f"whpk_{base64.b64encode(public).decode()}"


def test_the_public_key_verifies_what_its_private_key_signed_and_nothing_else() -> None:
    secret = new_secret("v1a")
    public = public_key(secret)
    assert public is not None
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    version, _, signature = sign([secret], "evt_1_1", 7, b"{}").partition(",")
    assert version == "v1a"
    key.verify(base64.b64decode(signature), b"evt_1_1.7.{}")
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(signature), b"evt_1_1.8.{}")


def test_two_secrets_make_two_signatures() -> None:
    secrets = [new_secret("v1"), new_secret("v1a")]
    first, second = sign(secrets, "evt_1_1", 7, b"{}").split(" ")
    assert first == sign(secrets[:1], "evt_1_1", 7, b"{}")
    assert second == sign(secrets[1:], "evt_1_1", 7, b"{}")
    assert public_key(secrets[0]) is None


def test_secrets_are_never_the_same_and_of_the_promised_length() -> None:
    for signature, prefix in (("v1", "whsec_"), ("v1a", "whsk_")):
        made = {new_secret(signature) for _ in range(100)}
        assert len(made) == 100
        assert all(secret.startswith(prefix) for secret in made)
        assert {len(base64.b64decode(s.removeprefix(prefix), validate=True)) for s in made} == {32}


def test_text_beyond_ascii_is_signed_as_the_bytes_that_are_sent() -> None:
    secret = new_secret("v1")
    body = '{"a":"Grüße"}'.encode()
    given = {
        "webhook-id": "evt_1_1",
        "webhook-timestamp": "1614265330",
        "webhook-signature": sign([secret], "evt_1_1", 1614265330, body),
    }
    moment = datetime.fromtimestamp(1614265330, UTC)
    assert given["webhook-signature"] == Webhook(secret).sign("evt_1_1", moment, body.decode())
