"""A stack that runs elsewhere (Compose, a server), named by STACK_… environment variables."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.stack.endpoints import UNKNOWN_FOLDER, Endpoints


class ExternalStackSettings(BaseSettings):
    """STACK_KAFKA and STACK_DATABASE (the administrator's URL) are required; the rest only where a command needs it.

    Nothing is assumed in place of a variable that is not set, and an empty one counts as unset.
    """

    model_config = SettingsConfigDict(env_prefix="STACK_", env_nested_delimiter="__", env_ignore_empty=True, frozen=True)

    kafka: str
    database: SecretStr
    passwords: dict[str, SecretStr] = Field({}, description="by role, as STACK_PASSWORDS__TANDEM_INTAKE")
    pages_url: str = ""
    mail_catcher_url: str = ""
    public_mail_catcher_url: str = Field("", description="where people read the emails, if not at mail_catcher_url")
    var: Path = Field(UNKNOWN_FOLDER, description="the folder of the clock file")

    def endpoints(self) -> Endpoints:
        """The endpoints that the commands need. Only the services send mail, so there is no mail server among them."""
        return Endpoints(
            kafka=self.kafka,
            database=self.database.get_secret_value(),
            smtp_host="",
            smtp_port=0,
            pages_url=self.pages_url,
            pages_port=0,
            mail_catcher_url=self.mail_catcher_url,
            public_mail_catcher_url=self.public_mail_catcher_url,
            passwords={role.lower(): password.get_secret_value() for role, password in self.passwords.items()},
            link_secret="",
            person_secret="",
            var=self.var,
        )
