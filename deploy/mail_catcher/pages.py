"""The pages that show emails, as files and over HTTP. Nothing in an email is executed, loaded or submitted."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from deploy.mail_catcher.mail import Mail, local_time
from deploy.stack.endpoints import POLICY
from shared.programme import policy

TEMPLATES = Environment(loader=PackageLoader("deploy.mail_catcher"), undefined=StrictUndefined, autoescape=True)
INDEX = "index.html"


class Neighbours(NamedTuple):
    """The names of the emails before and after one, in the order in which they arrived."""

    previous: str | None = None
    next: str | None = None


class Selection(NamedTuple):
    """The emails that the list over HTTP shows: those to one person or all, oldest or newest first."""

    to: str = ""
    newest_first: bool = False


NO_NEIGHBOURS = Neighbours()


def mail_page(mail: Mail, neighbours: Neighbours = NO_NEIGHBOURS, all_mails: str = INDEX, query: str = "") -> str:
    """Render one email: its HTML in a sandboxed frame, its text, its calendar entries, its headers.

    `all_mails` is the address of the list; `query` is added to the links to the neighbours.
    """
    return TEMPLATES.get_template("mail.html").render(
        mail=with_local_time(mail.summary()),
        sender=mail.header("From"),
        reply_to=mail.header("Reply-To"),
        neighbours=neighbours,
        all_mails=all_mails,
        query=query,
        html=[in_new_tab(part) for part in mail.parts("text/html")],
        text=list(mail.parts("text/plain")),
        calendar=list(mail.parts("text/calendar")),
    )


def gallery_page(summaries: Sequence[Mapping[str, str]], folder: str = "mails/", selection: Selection | None = None) -> str:
    """Render the list of emails, in the order in which they arrived. `folder` is where their pages are.

    With a selection, it shows that part and has links to the others: a server has to answer them.
    """
    chosen = [mail for mail in summaries if not selection or selection.to in ("", mail["to"])]
    if selection and selection.newest_first:
        chosen.reverse()
    return TEMPLATES.get_template("gallery.html").render(
        mails=[with_local_time(mail) for mail in chosen],
        people=Counter(mail["to"] for mail in summaries) if selection else {},
        selection=selection,
        folder=folder,
    )


def not_found_page() -> str:
    return TEMPLATES.get_template("not_found.html").render()


def with_local_time(summary: Mapping[str, str]) -> dict[str, str]:
    """Return a summary with its time in the programme's zone."""
    return {**summary, "time": local_time(summary["time"], zone())}


@cache
def zone() -> tzinfo:
    return ZoneInfo(policy.load_policy(POLICY).zone)


def in_new_tab(html: str) -> str:
    """Make links open a new tab, the only navigation that the sandbox allows."""
    return f'<base target="_blank">{html}'
