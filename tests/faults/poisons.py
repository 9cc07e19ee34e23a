"""What cannot be handled: unreadable records on our topics, rules that raise, answers too large. And what others may add."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import islice
from uuid import UUID
from zlib import crc32

from aiokafka import AIOKafkaProducer

from deploy import parked
from shared.messages.envelope import CONTENT_TYPE, derived
from tests.faults.audit.evidence import Rows
from tests.faults.scene import Scene

ROOT = UUID(int=11)
HEADERS = [("content-type", CONTENT_TYPE.encode())]


async def unreadable(scene: Scene) -> None:
    """Bytes of every wrong sort on our own topic: parked by all who might have heard them, and given up; nobody else waits."""
    key = f"organisation/{derived(ROOT, f'{scene.seed}')}"
    kind = "tandem.intake.organisation-registered"
    values = (b"\xff\xfe", None, b"[]", b'{"type":"%s.v2"}' % kind.encode(), b'{"type":"%s.v1","id":1}' % kind.encode())
    before = await rows(scene)
    await put(scene, "tandem.intake", key, *values)
    await scene.load(3)
    await until_parked(scene, len(before.parked) + 5 + 5 + 3)
    causes = Counter(it.error for it in (await rows(scene)).parked) - Counter(it.error for it in before.parked)
    assert causes == {"Unreadable": 5 + 5 + 3}, causes
    await scene.quiet()
    for service in ("matching", "coaching", "notify"):
        for row in await parked.listed(scene.site.endpoints.database, service):
            await parked.discard(scene.site.endpoints.database, service, row["seq"])


async def raising_rule(scene: Scene) -> None:
    """A rule raises for one organisation: it and all behind it are parked, others keep their pace, a replay mends it (I5, I7)."""
    (first, *others) = [event for event in islice(scene.stream("second", "raising"), 200) if event.expected == "accepted"]
    own = [event for event in others if event.key == first.key][:3]
    file = scene.site.var / "poison"
    await scene.site.again({"intake": ("--poison", str(file))})
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
    await scene.site.again({"intake": ()})


async def answer_too_large(scene: Scene) -> None:
    """Shortlists and others above a limit cannot leave: their causes are parked, and go on when the limit does."""
    await scene.site.again({"matching": ("--largest", "900")})
    await scene.load(5)
    async with asyncio.timeout(40):
        while not (await rows(scene)).parked:  # noqa: ASYNC110
            await asyncio.sleep(0.3)
    await scene.site.again({"matching": ()})
    for _ in range(5):
        await replay_all(scene, "matching")
        await asyncio.sleep(1.5)
    await until_parked(scene, 0)


async def newer_others(scene: Scene) -> None:
    """A newer publisher says a kind that is not known, and more fields in a kind that is: nobody stumbles."""
    id, organisation = derived(ROOT, f"newer/{scene.seed}"), str(derived(ROOT, f"{scene.seed}"))
    subject, time = f"organisation/{organisation}", "2027-01-01T08:00:00+00:00"
    said = {"id": str(id), "source": "/tandem/intake", "specversion": "1.0", "subject": subject, "time": time}
    said |= {"datacontenttype": "application/json", "causationid": str(id), "of_tomorrow": "1"}
    unknown = said | {"type": "tandem.intake.organisation-praised.v1", "data": {"organisation": organisation}}
    data = {"organisation": organisation, "vacancy": None, "missing_b": [], "missing_s": ["RC-501"], "of_tomorrow": 1}
    known = said | {"type": "tandem.intake.readiness-progressed.v1", "data": data}
    scene.witness.planted.add(str(id))
    before = len((await rows(scene)).parked)
    await put(scene, "tandem.intake", subject, json.dumps(unknown).encode(), json.dumps(known).encode())
    await scene.load(3)
    await scene.quiet()
    found = await rows(scene)
    assert len(found.parked) == before, found.parked
    assert all(str(id) in found.inbox[service] for service in ("coaching", "notify")), "a message with a field more was not handled"


async def replay_all(scene: Scene, service: str) -> None:
    """Asks for everything that it has parked, as an operator does."""
    url = scene.site.endpoints.database
    if waiting := [row["seq"] for row in await parked.listed(url, service)]:
        await parked.replay(url, service, waiting)


async def put(scene: Scene, topic: str, key: str, *values: bytes | None) -> None:
    """Puts these bytes on one of our topics, as its publisher would."""
    async with AIOKafkaProducer(bootstrap_servers=scene.site.endpoints.kafka, acks="all") as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key.encode(), crc32(key.encode()) % 12, headers=HEADERS)


async def rows(scene: Scene) -> Rows:
    return await scene.witness.rows()


async def until_parked(scene: Scene, count: int) -> None:
    """Returns when so many are parked. Raises TimeoutError."""
    async with asyncio.timeout(60):
        while len((await rows(scene)).parked) != count:  # noqa: ASYNC110
            await asyncio.sleep(0.3)


FAULTS: dict[str, tuple[Callable[[Scene], Awaitable[None]], bool]] = {
    "unreadable": (unreadable, False),
    "raising-rule": (raising_rule, False),
    "answer-too-large": (answer_too_large, False),
    "newer-others": (newer_others, False),
}
