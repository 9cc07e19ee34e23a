"""The pages that show emails. Nothing in an email is executed, loaded or submitted."""

from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.mail_catcher.mail import Mail
from deploy.stack.endpoints import POLICY
from shared.programme import policy

TEMPLATES = Environment(loader=PackageLoader("deploy.mail_catcher"), undefined=StrictUndefined, autoescape=True)


def mail_page(mail: Mail) -> str:
    """Render one email: its HTML in a sandboxed frame, its text, its calendar entries, its headers."""
    return TEMPLATES.get_template("mail.html").render(
        mail=summary(mail),
        sender=mail.header("From"),
        html=[in_new_tab(part) for part in mail.parts("text/html")],
        text=list(mail.parts("text/plain")),
        calendar=list(mail.parts("text/calendar")),
    )


def gallery_page(mails: list[Mail]) -> str:
    """Render the list of all emails, newest first."""
    return TEMPLATES.get_template("gallery.html").render(mails=[summary(mail) for mail in reversed(mails)])


def not_found_page() -> str:
    return TEMPLATES.get_template("not_found.html").render()


def summary(mail: Mail) -> dict[str, str]:
    """Return the fields that a list shows, with the time in the programme's zone."""
    return mail.summary() | {"time": mail.time(zone())}


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(policy.load_policy(POLICY).zone)


def in_new_tab(html: str) -> str:
    """Make links open a new tab, the only navigation that the sandbox allows."""
    return f'<base target="_blank">{html}'
