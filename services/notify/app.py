"""The wiring of notify's two processes: one consumes and sends emails, one serves the pages."""

from services.notify import contact_changes, store
from services.notify.domain.decider import decider
from services.notify.domain.effects import EraseContact, SaveContact, SaveText, SendEmail
from services.notify.domain.inputs import LOCAL_INPUTS, PUBLISHED_INPUTS
from services.notify.emails.sender import Sender
from services.notify.links import Links
from services.notify.pages import drafts
from services.notify.pages.server import PagesServer
from shared.kafka.decoding import decoder_for
from shared.kafka.route import Route
from shared.pipeline.component import Component
from shared.programme.local_dates import preload_holidays
from shared.programme.policy import Policy, load_policy
from shared.runtime.service import Service
from shared.settings import Settings, strong_secret

TOPICS = r"tandem\.(private|intake|matching|coaching)$"
STORED_EFFECTS = Component(
    effect_handlers={
        SendEmail: store.insert_emails,
        SaveContact: store.save_contacts,
        EraseContact: store.save_contacts,
        SaveText: store.save_texts,
    },
    local_inputs=LOCAL_INPUTS,
)
"""Both processes run the same decider and store its effects; only the first sends emails."""


def service(settings: Settings) -> Service:
    preload_holidays()
    policy = load_policy(settings.policy)
    sender = Sender(policy, links(policy, settings))
    return Service(
        "notify",
        decider(policy),
        stores=store.STORES,
        routes=[Route(pattern=TOPICS, decode=decoder_for(*PUBLISHED_INPUTS))],
        components=[
            STORED_EFFECTS,
            Component(workers=[sender.extend_claims, sender.send, *contact_changes.WORKERS]),
        ],
    )


def pages(settings: Settings) -> Service:
    preload_holidays()
    policy = load_policy(settings.policy)
    server = PagesServer(links(policy, settings), policy)
    return Service(
        "notify",
        decider(policy),
        stores=store.STORES,
        components=[STORED_EFFECTS, Component(workers=[server.serve, drafts.purge], is_healthy=lambda: server.open)],
    )


def links(policy: Policy, settings: Settings) -> Links:
    """Raises `FatalError` without a proper secret: then anyone could make links."""
    secret = strong_secret(settings.link_secret, "TANDEM_LINK_SECRET", "it signs the links in emails")
    return Links(secret, settings.pages_url, policy.link_days)
