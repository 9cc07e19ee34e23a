"""Every named query has a purpose line: an imperative sentence."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PURPOSES = [
    pytest.param(purpose, id=f"{file.relative_to(ROOT)}-{name}")
    for folder in ("services", "shared", "deploy")
    for file in sorted((ROOT / folder).rglob("*.sql"))
    for name, purpose in re.findall(r"^-- (\w+): (.*(?:\n-- .*)*)", file.read_text(encoding="utf-8"), re.MULTILINE)
]
NO_VERB = r"(A|All|An|The|How|What|Where|Whether|Which|Whose|\w+s)\b"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_purpose_of_a_query_is_an_imperative_sentence(purpose: str) -> None:
    assert re.match(r"[A-Z][a-z]+ ", purpose) and not re.match(NO_VERB, purpose)
    assert purpose.endswith(".")
