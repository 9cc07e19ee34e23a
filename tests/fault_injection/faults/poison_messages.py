"""What cannot be handled: unreadable records on our topics, rules that raise, answers too large. And what others may add."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import islice
from uuid import UUID
from zlib import crc32

from aiokafka import AIOKafkaProducer

from deploy.operations import dead_letters
from shared.messages.envelope import CONTENT_TYPE
from shared.messages.ids import deterministic_uuid
from tests.fault_injection.history.model import Rows
from tests.fault_injection.run_context import RunContext

ROOT = UUID(int=11)
HEADERS = [("content-type", CONTENT_TYPE.encode())]


async def unreadable(scene: RunContext) -> None:
    """Bytes of every wrong sort on our own topic: parked by all who might have heard them, and given up; nobody else waits."""
    key = f"organisation/{deterministic_uuid(ROOT, f'{scene.seed}')}"
    kind = "tandem.intake.organisation-registered"
    values = (b"\xff\xfe", None, b"[]", b'{"type":"%s.v2"}' % kind.encode(), b'{"type":"%s.v1","id":1}' % kind.encode())
    before = await rows(scene)
    await put(scene, "tandem.intake", key, *values)
    await scene.load(3)
    await until_parked(scene, len(before.parked) + 5 + 5 + 3)
    causes = Counter(it.error for it in (await rows(scene)).parked) - Counter(it.error for it in before.parked)
    assert causes == {"DecodeError": 5 + 5 + 3}, causes
    await scene.quiet()
    for service in ("matching", "coaching", "notify"):
        for row in await dead_letters.fetch_all(scene.cluster.endpoints.database, service):
            await dead_letters.discard(scene.cluster.endpoints.database, service, row["id"])


async def raising_rule(scene: RunContext) -> None:
    """A rule raises for one organisation: it and all behind it are parked, others keep their pace, a replay mends it (I5, I7)."""
    (first, *others) = [event for event in islice(scene.stream("second", "raising"), 200) if event.expected == "accepted"]
    own = [event for event in others if event.key == first.key][:3]
    file = scene.cluster.var / "poison"
    await scene.cluster.again({"intake": ("--poison", str(file))})
    (place,) = await scene.sent("second", [first])
    await scene.answered([place], 30)
    file.write_text(scene.receipts[place].data["about"])
    await scene.sent("second", own)
    beside = [event for event in others if event.key != first.key and event not in own]
    seconds = await scene.answered(await scene.sent("second", beside), 40)
    scene.undisturbed(seconds)
    await until_parked(scene, len(own))
    causes = [it.error for it in (await rows(scene)).parked]
    assert causes == ["LookupError"] + [None] * (len(own) - 1), causes
    file.unlink()
    await replay_all(scene, "intake")
    await until_parked(scene, 0)
    await scene.quiet()
    await scene.cluster.again({"intake": ()})


async def answer_too_large(scene: RunContext) -> None:
    """Shortlists and others above a limit cannot leave: their causes are parked, and go on when the limit does."""
    await scene.cluster.again({"matching": ("--largest", "900")})
    await scene.load(5)
    async with asyncio.timeout(40):
        while not (await rows(scene)).parked:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
    await scene.cluster.again({"matching": ()})
    for _ in range(5):
        await replay_all(scene, "matching")
        await asyncio.sleep(1.5)
    await until_parked(scene, 0)


async def newer_others(scene: RunContext) -> None:
    """A newer publisher says a kind that is not known, and more fields in a kind that is: nobody stumbles."""
    id, organisation = deterministic_uuid(ROOT, f"newer/{scene.seed}"), str(deterministic_uuid(ROOT, f"{scene.seed}"))
    subject, time = f"organisation/{organisation}", "2027-01-01T08:00:00+00:00"
    said = {"id": str(id), "source": "/tandem/intake", "specversion": "1.0", "subject": subject, "time": time}
    said |= {"datacontenttype": "application/json", "causationid": str(id), "of_tomorrow": "1"}
    unknown = said | {"type": "tandem.intake.organisation-praised.v1", "data": {"organisation": organisation}}
    data = {"organisation": organisation, "vacancy": None, "missing_b": [], "missing_s": ["RC-501"], "of_tomorrow": 1}
    known = said | {"type": "tandem.intake.readiness-progressed.v1", "data": data}
    scene.collector.planted.add(str(id))
    before = len((await rows(scene)).parked)
    await put(scene, "tandem.intake", subject, json.dumps(unknown).encode(), json.dumps(known).encode())
    await scene.load(3)
    await scene.quiet()
    found = await rows(scene)
    assert len(found.parked) == before, found.parked
    assert all(str(id) in found.inbox[service] for service in ("coaching", "notify")), "a message with a field more was not handled"


async def replay_all(scene: RunContext, service: str) -> None:
    """Asks for everything that it has parked, as an operator does."""
    url = scene.cluster.endpoints.database
    if waiting := [row["id"] for row in await dead_letters.fetch_all(url, service)]:
        await dead_letters.replay(url, service, waiting)


async def put(scene: RunContext, topic: str, key: str, *values: bytes | None) -> None:
    """Puts these bytes on one of our topics, as its publisher would."""
    async with AIOKafkaProducer(bootstrap_servers=scene.cluster.endpoints.kafka, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key.encode(), crc32(key.encode()) % 12, headers=HEADERS)


async def rows(scene: RunContext) -> Rows:
    return await scene.collector.rows()


async def until_parked(scene: RunContext, count: int) -> None:
    """Returns when so many are parked. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while len((await rows(scene)).parked) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.3)


FAULTS: dict[str, tuple[Callable[[RunContext], Awaitable[None]], bool]] = {
    "unreadable": (unreadable, False),
    "raising-rule": (raising_rule, False),
    "answer-too-large": (answer_too_large, False),
    "newer-others": (newer_others, False),
}
