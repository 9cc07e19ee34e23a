"""What a process is told from outside: its settings, read once from the environment at start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every variable is named `TANDEM_…`; one that is not known here ends the start, so that no misspelling is silent."""

    model_config = SettingsConfigDict(env_prefix="TANDEM_", frozen=True)

    profile: Literal["development", "production"] = "production"
    kafka: str = Field("127.0.0.1:9092", description="Kafka's bootstrap servers")
    database: SecretStr = Field(description="PostgreSQL URL with this service's own role")
    policy: Path = Field(Path("deploy/config/policy.toml"), description="the programme's choices")
    clock_file: Path | None = Field(None, description="days to add to the clock; development only (shared/clock.py)")
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    pages_host: str = Field("127.0.0.1", description="where the pages listen")
    pages_port: int = 8080
    pages_url: str = Field("http://127.0.0.1:8080", description="how people reach the pages; stands in every link")
    link_secret: SecretStr = Field(SecretStr(""), description="signs the links in the mails")
    ready_file: Path | None = Field(None, description="touched every few seconds while the process is healthy")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def read(cls) -> "Settings":
        """Those of this process. Ends it with a sentence about each variable that is missing or wrong."""
        try:
            return cls()
        except ValidationError as error:
            raise SystemExit("; ".join(map(_format_error, error.errors()))) from None

    @model_validator(mode="after")
    def _clock_only_moves_in_development(self) -> "Settings":
        if self.clock_file and self.profile != "development":
            raise ValueError("TANDEM_CLOCK_FILE moves the clock and is for the development profile alone: unset it")
        return self

    @model_validator(mode="after")
    def _no_stranger_in_the_environment(self) -> "Settings":
        known = {f"TANDEM_{name.upper()}" for name in type(self).model_fields}
        strangers = sorted(name for name in os.environ if name.startswith("TANDEM_") and name not in known)
        if strangers:
            raise ValueError(f"unknown settings {', '.join(strangers)}; known are {', '.join(sorted(known))}")
        return self


def _format_error(fault: Mapping[str, Any]) -> str:
    """One fault, without the value: it may be a secret."""
    name = f"TANDEM_{fault['loc'][0].upper()}: " if fault["loc"] else ""
    return f"{name}{fault['msg']}" if fault["type"] != "missing" else f"{name}missing, set it in the environment"
