"""Compose: a service with volumes of its own replaces those of its template, so it must repeat what it reads."""

import re

import pytest

from deploy.stack.current_stack import ROOT

SERVICES = re.split(
    r"\n(?=  [a-z-]+:)", (ROOT / "docker-compose.yml").read_text().partition("\nservices:")[2].partition("\nvolumes:")[0]
)
FROM_TEMPLATE = [service for service in SERVICES if re.search(r"<<: \*(tools|service)\b", service)]


@pytest.mark.parametrize("service", FROM_TEMPLATE, ids=lambda service: service.split(":")[0].strip())
def test_service_with_volumes_of_its_own_still_reads_the_policy(service: str) -> None:
    assert "volumes:" not in service or "*policy" in service


def test_demo_reads_the_declared_topics_too() -> None:
    (demo,) = (service for service in FROM_TEMPLATE if service.lstrip().startswith("demo:"))

    assert "*topology" in demo
