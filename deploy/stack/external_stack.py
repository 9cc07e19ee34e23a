"""A stack that somebody else runs (Compose, a server): where it is reached, as STACK_… variables state it."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.stack.endpoints import Endpoints


class ExternalStackSettings(BaseSettings):
    """STACK_KAFKA and STACK_DATABASE (the administrator's URL) name a stack; the rest is asked for by what needs it."""

    model_config = SettingsConfigDict(env_prefix="STACK_", env_nested_delimiter="__", frozen=True)

    kafka: str
    database: SecretStr
    passwords: dict[str, SecretStr] = Field({}, description="STACK_PASSWORDS__TANDEM_INTAKE and so on: by role")
    pages_url: str = "http://127.0.0.1:8080"
    mailbox_url: str = "http://127.0.0.1:8025"
    var: Path = Field(Path("var"), description="the folder of the clock's file")

    def endpoints(self) -> Endpoints:
        """What the commands ask for. Mail is sent by the services alone, so no mail server is named."""
        return Endpoints(
            kafka=self.kafka,
            database=self.database.get_secret_value(),
            smtp_host="",
            smtp_port=0,
            pages_url=self.pages_url,
            pages_port=0,
            mailbox_url=self.mailbox_url,
            passwords={role.lower(): password.get_secret_value() for role, password in self.passwords.items()},
            link_secret="",
            var=self.var,
        )
