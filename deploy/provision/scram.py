"""SCRAM password verifiers, computed here so that the password itself never reaches PostgreSQL's logs."""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096


def scram_verifier(password: str) -> str:
    """A SCRAM-SHA-256 verifier (RFC 5803) with a random salt, as `ALTER ROLE … PASSWORD` accepts it."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${ITERATIONS}:{_base64(salt)}${_base64(stored)}:{_base64(server)}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
