"""The addresses and secrets of one running stack, and the environment that they give to a service process."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

SERVICES = ("intake", "matching", "coaching", "notify")
ROLES = tuple(f"tandem_{service}" for service in SERVICES)
POLICY = Path(__file__).parents[1] / "config/policy.toml"
CLOCK = "clock"
UNKNOWN_FOLDER = Path(os.devnull)
"""Holds no file and takes none."""


@dataclass(frozen=True)
class Endpoints:
    """A stack, embedded or elsewhere. `database` is the administrator's URL; `passwords` are by role.

    Of a stack elsewhere, what the environment does not name is empty, and `var` is `UNKNOWN_FOLDER`.
    """

    kafka: str
    database: str = field(repr=False)
    smtp_host: str
    smtp_port: int
    pages_url: str
    pages_port: int
    mail_catcher_url: str
    passwords: Mapping[str, str] = field(repr=False)
    link_secret: str = field(repr=False)
    person_secret: str = field(repr=False)
    var: Path
    public_mail_catcher_url: str = ""
    """Where people read the emails, if that differs from the address that the commands use."""

    @property
    def emails(self) -> str:
        """The address at which people read the emails."""
        return self.public_mail_catcher_url or self.mail_catcher_url

    @property
    def clock(self) -> Path:
        """The file that holds the offset of the development clock."""
        return self.var / CLOCK

    def database_of(self, service: str) -> str:
        """The database URL with the read-write role of one service."""
        role = f"tandem_{service}"
        parts = urlsplit(self.database)
        address = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(self.passwords[role], safe='')}@{address}"))


def environment(endpoints: Endpoints, process: str) -> dict[str, str]:
    """The environment of a process (a service's name or `pages`): inherited, with no TANDEM_ variables but its settings."""
    service = "notify" if process == "pages" else process
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    return inherited | service_settings(endpoints, service)


def service_settings(endpoints: Endpoints, service: str) -> dict[str, str]:
    """The settings that every service needs, and those that only this one needs."""
    own = {"notify": notify_settings, "intake": intake_settings}.get(service)
    return settings(endpoints, service) | (own(endpoints) if own else {})


def settings(endpoints: Endpoints, service: str) -> dict[str, str]:
    """The settings that every service needs."""
    return {
        "TANDEM_PROFILE": "development",
        "TANDEM_KAFKA": endpoints.kafka,
        "TANDEM_DATABASE": endpoints.database_of(service),
        "TANDEM_POLICY": str(POLICY),
        "TANDEM_CLOCK_FILE": str(endpoints.clock),
    }


def intake_settings(endpoints: Endpoints) -> dict[str, str]:
    """The setting that only `intake` needs."""
    return {"TANDEM_PERSON_SECRET": endpoints.person_secret}


def notify_settings(endpoints: Endpoints) -> dict[str, str]:
    """The settings that only `notify` needs: mail server, pages, link signing."""
    return {
        "TANDEM_SMTP_HOST": endpoints.smtp_host,
        "TANDEM_SMTP_PORT": str(endpoints.smtp_port),
        "TANDEM_PAGES_PORT": str(endpoints.pages_port),
        "TANDEM_PAGES_URL": endpoints.pages_url,
        "TANDEM_LINK_SECRET": endpoints.link_secret,
    }
