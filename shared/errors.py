"""The errors of the pipeline, grouped by the pipeline's reaction.

Transient: caused by the infrastructure and expected to clear. The batch is retried until it succeeds. Those of the PostgreSQL
driver are listed in `shared/postgres/transient_errors.py`.
Fatal: something is wrong with the service, not with a message. The process ends; a dead letter per message would stop all traffic.
Poison: anything else, so also any exception of a decider. Bisection finds the message, which becomes a dead letter.
`TopicNotDeclared` is none of these: the batch is retried too, but only once the topology has been read again.
"""


class TandemError(Exception):
    """An error whose text is safe to log and to show: it contains no message content."""


class TransientError(TandemError):
    """An error that clears by itself; the same work is tried again."""


class FatalError(TandemError):
    """An error that ends the process."""


class PoisonError(TandemError):
    """An error of one message, which becomes a dead letter."""


class ConnectionLost(TransientError):
    """The connection to PostgreSQL was lost during a statement."""


class NotProvisioned(FatalError):
    """The database or Kafka lacks something that the service needs; the text names the command that creates it."""


class WiringError(FatalError):
    """The service lacks a handler, store or local input that its decider uses."""


class TopicRecreated(FatalError):
    """A topic in use was deleted and created again. Its offsets restart at zero, which the service applies at its next start."""


class Stopping(FatalError):
    """The service stops before the work could be done; nothing of it has happened. The only fatal error that is not a failure."""


class DecodeError(PoisonError):
    """The bytes of a record are invalid; the text names the location in the record, never the value."""


class MessageTooLarge(PoisonError):
    """An output message exceeds the size limit of a record."""


class TransientErrorInDecider(PoisonError):
    """A decider raised an error that counts as transient elsewhere; a decider is pure, so that a retry would not help."""


class MissingTopic(TandemError):
    """A topic is not in the topology, or not in the version that this process has read.

    `TopicNotDeclared` is for an incoming topic, `UnknownTopic` for an outgoing one.
    """

    def __init__(self, topic: str) -> None:
        super().__init__(f"{topic} is not in the topology: run `tandem kafka apply`")


class UnknownTopic(MissingTopic, PoisonError):
    """Outgoing: an output message is for a topic that is not in the topology.

    If reading the topology again does not help, its cause becomes a dead letter; logged as `message_dead_lettered`.
    """


class TopicNotDeclared(MissingTopic):
    """Incoming: a batch comes from a topic that is not in the topology. The batch waits until it is; logged as `topic_unknown`."""
