"""Notify as it is put together, for both its processes, read from top to bottom."""

from collections.abc import Mapping

from services.notify import store
from services.notify.domain import decider
from services.notify.domain.heard import FROM_OTHERS, INSIDE
from services.notify.domain.letters import Letter
from services.notify.domain.words import ContactKept, TextKept
from services.notify.links import Links
from services.notify.pages.server import Doors
from services.notify.sender import Sender
from shared.consumer import reading
from shared.decider import Effect
from shared.policy import Policy
from shared.runner import Sink
from shared.service import Route, Service
from shared.settings import Settings

TOPICS = r"tandem\.(private|intake|matching|coaching)$"
SINKS: Mapping[type[Effect], Sink] = {Letter: store.add_letters, ContactKept: store.keep_contacts, TextKept: store.keep_texts}


def links(policy: Policy, settings: Settings) -> Links:
    """The links of this programme. Raises `ValueError` where no secret is set: anybody could write links then."""
    secret = settings.link_secret.get_secret_value()
    if len(secret) < 16:
        raise ValueError("TANDEM_LINK_SECRET must hold at least 16 characters: it signs the links in the mails")
    return Links(secret, settings.pages_url, policy.link_days)


def service(policy: Policy, settings: Settings) -> Service:
    """The worker: hears everything, writes letters, sends them."""
    sender = Sender(policy, links(policy, settings))
    return Service(
        "notify",
        decider(policy),
        rows=store.ROWS,
        sinks=SINKS,
        routes=[Route(None, TOPICS, reading(*FROM_OTHERS))],
        workers=[sender.hold, sender.send],
        own=INSIDE,
    )


def pages(policy: Policy, settings: Settings) -> Service:
    """The pages: what people answer there goes through the same rules, and leaves by this process's own relay."""
    doors = Doors(links(policy, settings), policy)
    return Service(
        "notify",
        decider(policy),
        rows=store.ROWS,
        sinks=SINKS,
        workers=[doors.serve],
        own=INSIDE,
        healthy=lambda: doors.open,
    )
