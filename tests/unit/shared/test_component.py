"""What a service gets from its components."""

from shared.messages.envelope import Message
from shared.pipeline.component import Component
from shared.pipeline.decider import Decider
from shared.pipeline.timer_scheduler import TIMERS, fire_due_timers
from shared.pipeline.timers import CancelTimers, ScheduleTimer, TimerDue
from shared.runtime.service import Service


def service(*components: Component) -> Service:
    def evolve(state: None, message: Message) -> None: ...

    decider: Decider[None] = Decider(initial_state=lambda _: None, keys=lambda _: (), decide=lambda *_: (), evolve=evolve)
    return Service("test", decider, stores=[], components=components)


def test_a_service_with_timers_has_their_effects_worker_and_input() -> None:
    with_timers = service(TIMERS)

    assert with_timers.runner.effect_handlers.keys() == {ScheduleTimer, CancelTimers}
    assert with_timers.local_inputs == {TimerDue.kind: TimerDue}
    assert fire_due_timers in TIMERS.workers


def test_a_service_is_healthy_while_its_components_are() -> None:
    assert service(Component()).is_healthy()
    assert not service(Component(), Component(is_healthy=lambda: False)).is_healthy()
