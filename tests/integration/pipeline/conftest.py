"""The fixtures of the pipeline's tests."""

import itertools
from collections.abc import AsyncIterator

import pytest

from deploy.stack.endpoints import Endpoints
from tests.support.counter_service import Harness, counter_service

names = (f"counter_{nth}" for nth in itertools.count())


@pytest.fixture
async def harness(stack: Endpoints) -> AsyncIterator[Harness]:
    """A counter service with a schema and topics of its own."""
    async with counter_service(stack, next(names)) as harness:
        yield harness
