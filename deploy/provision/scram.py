"""What PostgreSQL keeps of a password, made here so that the password itself never reaches its logs."""

import base64
import hashlib
import hmac
import secrets

ROUNDS = 4096


def verifier(password: str) -> str:
    """A SCRAM-SHA-256 verifier (RFC 5803) with a fresh salt, as `ALTER ROLE … PASSWORD` takes it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ROUNDS}:{_text(salt)}${_text(stored)}:{_text(server)}"


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
