"""How a caught mail looks on a page. Nothing in it runs, loads or submits anything."""

from functools import cache
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.mail_catcher.mail import Mail
from deploy.stack.endpoints import POLICY
from shared.programme import policy

TEMPLATES = Environment(loader=PackageLoader("deploy.mail_catcher"), undefined=StrictUndefined, autoescape=True)


def mail_page(mail: Mail) -> str:
    """One mail: its HTML in a sandboxed frame, its text, its calendar entries, its headers."""
    return TEMPLATES.get_template("mail.html").render(
        mail=shown(mail),
        sender=mail.header("From"),
        html=[in_new_tab(part) for part in mail.parts("text/html")],
        text=list(mail.parts("text/plain")),
        calendar=list(mail.parts("text/calendar")),
    )


def gallery_page(mails: list[Mail]) -> str:
    """All mails, newest first."""
    return TEMPLATES.get_template("gallery.html").render(mails=[shown(mail) for mail in reversed(mails)])


def shown(mail: Mail) -> dict[str, str]:
    """What a list shows of it, with the time on the programme's clocks."""
    return mail.summary() | {"time": mail.time(zone())}


def missing_page() -> str:
    """That there is no such mail, and the way back."""
    return TEMPLATES.get_template("missing.html").render()


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(policy.load_policy(POLICY).zone)


def in_new_tab(html: str) -> str:
    """The sandbox lets a link only open a tab of its own."""
    return f'<base target="_blank">{html}'
