"""Notify as it is put together, for both its processes, read from top to bottom."""

from collections.abc import Mapping

from services.notify import store
from services.notify.domain.decider import decider
from services.notify.domain.effects import SaveContact, SaveText, SendEmail
from services.notify.domain.inputs import LOCAL_INPUTS, PUBLISHED_INPUTS
from services.notify.emails.sender import Sender
from services.notify.links import Links
from services.notify.pages.server import PagesServer
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.pipeline.decider import Effect
from shared.pipeline.runner import EffectHandler
from shared.programme.policy import Policy
from shared.runtime.service import Service
from shared.settings import Settings

TOPICS = r"tandem\.(private|intake|matching|coaching)$"
EFFECT_HANDLERS: Mapping[type[Effect], EffectHandler] = {
    SendEmail: store.insert_emails,
    SaveContact: store.save_contacts,
    SaveText: store.save_texts,
}


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
        stores=store.STORES,
        effect_handlers=EFFECT_HANDLERS,
        routes=[Route(pattern=TOPICS, decode=decoder_for(*PUBLISHED_INPUTS))],
        workers=[sender.extend_claims, sender.send],
        local_inputs=LOCAL_INPUTS,
    )


def pages(policy: Policy, settings: Settings) -> Service:
    """The pages: what people answer there goes through the same rules, and leaves by this process's own relay."""
    doors = PagesServer(links(policy, settings), policy)
    return Service(
        "notify",
        decider(policy),
        stores=store.STORES,
        effect_handlers=EFFECT_HANDLERS,
        workers=[doors.serve],
        local_inputs=LOCAL_INPUTS,
        healthy=lambda: doors.open,
    )
