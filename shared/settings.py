"""Settings of a process, read once from the environment at start-up."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.error_text import validation_text
from shared.errors import FatalError

MIN_SECRET_LENGTH = 16


class Settings(BaseSettings):
    """Environment variables named `TANDEM_<FIELD>`. An unknown `TANDEM_` variable is an error, so that a misspelling is noticed."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True)

    profile: Literal["development", "production"] = "production"
    kafka: str = Field("127.0.0.1:9092", description="Kafka bootstrap servers")
    database: SecretStr = Field(description="PostgreSQL URL, with the role of this service")
    policy: Path = Field(Path("deploy/config/policy.toml"), description="policy file of the programme")
    clock_file: Path | None = Field(None, description="file with days to add to the clock; development only (shared/clock.py)")
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    pages_host: str = Field("127.0.0.1", description="address that the pages server binds")
    pages_port: int = 8080
    pages_url: str = Field("http://127.0.0.1:8080", description="public base URL of the pages, used in every link")
    link_secret: SecretStr = Field(SecretStr(""), description="secret that signs the links in emails")
    person_secret: SecretStr = Field(SecretStr(""), description="secret of the hashes by which intake recognises a person")
    ready_file: Path | None = Field(None, description="touched every few seconds while the process is healthy")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process, or exit with one sentence for each missing or invalid variable."""
        try:
            return cls()
        except ValidationError as error:
            raise SystemExit("; ".join(map(_format_error, error.errors()))) from None

    @model_validator(mode="after")
    def _require_development_for_clock_file(self) -> "Settings":
        if self.clock_file and self.profile != "development":
            raise ValueError("TANDEM_CLOCK_FILE sets the clock ahead and requires the development profile: unset it")
        return self

    @model_validator(mode="after")
    def _reject_unknown_variables(self) -> "Settings":
        known = {f"TANDEM_{name.upper()}" for name in type(self).model_fields}
        unknown = sorted(name for name in os.environ if name.startswith("TANDEM_") and name not in known)
        if unknown:
            raise ValueError(f"unknown settings {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        return self


def strong_secret(secret: SecretStr, variable: str, purpose: str) -> str:
    """Return the secret. Raises `FatalError` if it is too short to be one."""
    text = secret.get_secret_value()
    if len(text) < MIN_SECRET_LENGTH:
        raise FatalError(f"{variable} must have at least {MIN_SECRET_LENGTH} characters: {purpose}")
    return text


def _format_error(error: Mapping[str, Any]) -> str:
    """Describe one validation error, without the value, which may be a secret."""
    name = f"TANDEM_{error['loc'][0].upper()}: " if error["loc"] else ""
    if error["type"] == "missing":
        return f"{name}missing, set it in the environment"
    return f"{name}{validation_text(error)}"
