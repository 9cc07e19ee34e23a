"""Fuzzes the policy file: either every service can be built from it, or the error names what to correct."""

import asyncio
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from pydantic import SecretStr

from deploy.stack.endpoints import POLICY
from services.coaching import app as coaching
from services.intake import app as intake
from services.matching import app as matching
from services.notify import app as notify
from shared.programme.policy import InvalidPolicy, load_policy
from shared.settings import Settings
from tests.fault_injection.run_context import RunContext
from tests.fuzz import raw_text, structure
from tests.fuzz.report import Report

INTERVAL, RELOAD_SECONDS = 0.2, 1.5
RELOAD_SHARE = 0.05
BUILDERS = (intake.service, matching.service, coaching.service, notify.service, notify.pages)
MAX_ERROR_LENGTH = 3_000


async def fuzz(run: RunContext, random: Random, report: Report) -> None:
    """Try mutated policy files until cancelled; let the running intake meet some of those that are invalid."""
    used, tried = run.cluster.var / "policy.toml", run.cluster.var / "tried.toml"
    for content in mutated_policies(random):
        await asyncio.sleep(INTERVAL)
        tried.write_bytes(content)
        outcome = verdict(tried)
        report.counts[f"policy: {outcome}"] += 1
        if outcome not in ("valid", "invalid"):
            report.add(f"policy: {outcome}", content)
        elif outcome == "invalid" and random.random() < RELOAD_SHARE:
            await use_for_a_while(used, content)
            report.counts["policy: met by the running intake"] += 1


async def use_for_a_while(used: Path, content: bytes) -> None:
    """Replace the policy file until the running intake has tried to reload it."""
    original = _replace_content(used, content)
    try:
        await asyncio.sleep(RELOAD_SECONDS)
    finally:
        _replace_content(used, original)


def _replace_content(file: Path, content: bytes) -> bytes:
    """Write the content; return what the file held before."""
    before = file.read_bytes()
    file.write_bytes(content)
    return before


def mutated_policies(random: Random) -> Iterator[bytes]:
    """Yield policy files with odd structure and values, or with damaged text."""
    while True:
        document = tomllib.loads(POLICY.read_text())
        structure.mutate(random, document)
        if random.random() < 0.3:
            structure.set_addresses(random, document)
        content = to_toml(document).encode("utf-8", "surrogatepass")
        yield raw_text.damage(random, content) if random.random() < 0.3 else content


def verdict(file: Path) -> str:
    """Return `valid` if every service can be built from the file, `invalid` if the error is clear, else what happened."""
    try:
        load_policy(file)
    except InvalidPolicy as error:
        return "invalid" if len(str(error)) < MAX_ERROR_LENGTH else "an error that is too long"
    except Exception as error:
        return f"{type(error).__name__} while it was read"
    try:
        for build in BUILDERS:
            build(_settings(file))
    except Exception as error:
        return f"{type(error).__name__} while a service was built"
    return "valid"


def _settings(file: Path) -> Settings:
    secret = SecretStr("a-secret-of-the-fuzz-run")
    database = SecretStr("postgresql://x")
    return Settings(profile="development", database=database, policy=file, link_secret=secret, person_secret=secret)


def to_toml(document: dict[str, Any]) -> str:
    """Write a document as TOML with inline tables; nothing that TOML lacks is translated."""
    return "".join(f"{json.dumps(str(key))} = {_value(value)}\n" for key, value in document.items() if value is not None)


def _value(value: Any) -> str:
    match value:
        case dict():
            return (
                "{"
                + ", ".join(f"{json.dumps(str(key))} = {_value(inner)}" for key, inner in value.items() if inner is not None)
                + "}"
            )
        case list():
            return "[" + ", ".join(_value(inner) for inner in value if inner is not None) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)
