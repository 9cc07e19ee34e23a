"""Where everything of one running stack is reached, and what a service process is told of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

SERVICES = ("intake", "matching", "coaching", "notify")
ROLES = tuple(f"tandem_{service}" for service in SERVICES)
POLICY = Path(__file__).parents[1] / "config/policy.toml"
CLOCK = "clock"


@dataclass(frozen=True)
class Endpoints:
    """A stack, embedded or in containers: `database` is the administrator's URL, `passwords` are by role."""

    kafka: str
    database: str = field(repr=False)
    smtp_host: str
    smtp_port: int
    pages_url: str
    pages_port: int
    mailbox_url: str
    passwords: Mapping[str, str] = field(repr=False)
    link_secret: str = field(repr=False)
    var: Path

    @property
    def clock(self) -> Path:
        """The file that names the days by which the development clock is ahead."""
        return self.var / CLOCK

    def database_of(self, service: str) -> str:
        """The database's URL with the read-write role of one service."""
        role = f"tandem_{service}"
        parts = urlsplit(self.database)
        address = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{role}:{quote(self.passwords[role], safe='')}@{address}"))


def environment(endpoints: Endpoints, process: str) -> dict[str, str]:
    """The whole environment of one process (`intake` … `notify`, `pages`): ours without any stray TANDEM_ variable."""
    service = "notify" if process == "pages" else process
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
    return inherited | settings(endpoints, service) | (notify_settings(endpoints) if service == "notify" else {})


def settings(endpoints: Endpoints, service: str) -> dict[str, str]:
    """What every service needs to know."""
    return {
        "TANDEM_PROFILE": "development",
        "TANDEM_KAFKA": endpoints.kafka,
        "TANDEM_DATABASE": endpoints.database_of(service),
        "TANDEM_POLICY": str(POLICY),
        "TANDEM_CLOCK_FILE": str(endpoints.clock),
    }


def notify_settings(endpoints: Endpoints) -> dict[str, str]:
    """What only `notify` needs: the mail server, the pages, the secret that signs links."""
    return {
        "TANDEM_SMTP_HOST": endpoints.smtp_host,
        "TANDEM_SMTP_PORT": str(endpoints.smtp_port),
        "TANDEM_PAGES_PORT": str(endpoints.pages_port),
        "TANDEM_PAGES_URL": endpoints.pages_url,
        "TANDEM_LINK_SECRET": endpoints.link_secret,
    }
