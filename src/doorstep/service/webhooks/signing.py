"""Signatures after Standard Webhooks: `v1` is HMAC-SHA256, `v1a` is ed25519."""

import base64
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks import Webhook

SIGNATURES = ("v1", "v1a")
SECRET_BYTES = 32
"""As long as the hash of `v1`, and as a key of `v1a` has to be; the specification asks for 24."""

SHARED = "whsec_"
PRIVATE = "whsk_"
PUBLIC = "whpk_"


def new_secret(signature: str) -> str:
    """A shared secret for `v1`, a private key for `v1a`, each with its prefix."""
    prefix = SHARED if signature == "v1" else PRIVATE
    return prefix + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def public_key(secret: str) -> str | None:
    """The public key that belongs to a private one; None for a shared secret."""
    if not secret.startswith(PRIVATE):
        return None
    return PUBLIC + base64.b64encode(_private_key(secret).public_key().public_bytes_raw()).decode()


def _private_key(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(secret.removeprefix(PRIVATE)))


def sign(given: Iterable[str], webhook_id: str, seconds: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each secret. `seconds` since 1970."""
    return " ".join(_signature(secret, webhook_id, seconds, body) for secret in given)


def _signature(secret: str, webhook_id: str, seconds: int, body: bytes) -> str:
    if not secret.startswith(PRIVATE):
        return Webhook(secret).sign(webhook_id, datetime.fromtimestamp(seconds, UTC), body.decode())
    signed = _private_key(secret).sign(f"{webhook_id}.{seconds}.".encode() + body)
    return f"v1a,{base64.b64encode(signed).decode()}"
