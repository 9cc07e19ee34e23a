"""The partner contract, version 1: the kinds that partners may publish, as models, JSON Schemas and examples."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from services.intake.contract.expert import Expert
from services.intake.contract.fields import ContractModel
from services.intake.contract.organisation import Organisation
from services.intake.contract.readiness import Readiness
from services.intake.contract.vacancy import Vacancy
from shared.programme.partner_id import PARTNER_ID_PATTERN
from shared.programme.plain_text import LINE_PATTERN

KINDS: Mapping[str, Mapping[int, type[ContractModel]]] = {
    "organisation-submitted": {1: Organisation},
    "readiness-reported": {1: Readiness},
    "expert-submitted": {1: Expert},
    "vacancy-submitted": {1: Vacancy},
}

MAX_ATTRIBUTE_LENGTH = 250
_DOT = r"(\.|%2[eE])"
_NO_DOT = r"([A-Za-z0-9_~!$&'()*+,;=:@-]|%[013-9a-fA-F][0-9a-fA-F]|%2[0-9A-Da-d])"
BELOW_SOURCE_PATTERN = rf"(/({_DOT}*{_NO_DOT}({_DOT}|{_NO_DOT})*)?)*([?#][A-Za-z0-9._~!$&'()*+,;=:@/?#%-]*)?"
"""Suffix allowed after a partner's `source`: the rest of a URI reference (RFC 3986) in which no segment is `.` or `..`."""
_SOURCE_PATTERN = f"^/partner/{PARTNER_ID_PATTERN}{BELOW_SOURCE_PATTERN}$"

STRUCTURED: Sequence[tuple[str, bytes]] = (("content-type", b"application/cloudevents+json"),)
EXAMPLE_DATE_OFFSETS = {"starts_on": 49, "available_from": 8}  # days after the example's `time`


def type_name(kind: str, major: int = 1) -> str:
    """`organisation-submitted` → `tandem.partner.organisation-submitted.v1`."""
    return f"tandem.partner.{kind}.v{major}"


def source(partner: str) -> str:
    """The `source` of this partner's events; a path below it is valid too."""
    return f"/partner/{partner}"


@cache
def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event of this kind in structured mode. Raises `KeyError` for an unknown kind."""
    major, model = max(KINDS[kind].items())
    data = model.model_json_schema()
    definitions = data.pop("$defs", {})
    line = {"pattern": LINE_PATTERN, "maxLength": MAX_ATTRIBUTE_LENGTH}
    optional, text = {"type": ["string", "null"]}, {"type": "string"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tandem:contract:{kind}:v{major}",
        "title": type_name(kind, major),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": text | line | {"description": "unique in its source; kept for 30 days once accepted"},
            "source": text | {"maxLength": MAX_ATTRIBUTE_LENGTH, "pattern": _SOURCE_PATTERN, "description": "/partner/<your id>"},
            "type": {"const": type_name(kind, major)},
            "time": text | {"format": "date-time", "description": "with its zone (RFC 3339); 2000 to 2100, at most a day ahead"},
            "subject": optional | line,
            "datacontenttype": optional | {"pattern": r"^\s*application/json\s*(;.*)?$", "description": "in upper or lower case"},
            "dataschema": optional | line,
            "traceparent": optional | {"description": "passed on if it is valid (W3C)"},
            "tracestate": optional,
            "data": data,
        },
        "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
        "propertyNames": {"pattern": "^[a-z0-9]+$"},
        "$defs": definitions,
    }


def example(kind: str, partner: str, id: str, time: datetime) -> dict[str, Any]:
    """A valid event of this kind to start from, in structured mode. Raises `KeyError` for an unknown kind."""
    major, data = max(KINDS[kind]), json.loads(_example(kind))
    dates = {name: str(time.date() + timedelta(days=days)) for name, days in EXAMPLE_DATE_OFFSETS.items() if name in data}
    return {
        "specversion": "1.0",
        "id": id,
        "source": source(partner),
        "type": type_name(kind, major),
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": data | dates,
    }


@cache
def _example(kind: str) -> str:
    return (Path(__file__).with_name("examples") / f"{kind}.json").read_text(encoding="utf-8")


def record_key(event: Mapping[str, Any]) -> str | None:
    """The Kafka key that preserves the order: the partner's id of the organisation, or of the expert, that the event is about."""
    data = event.get("data")
    external_id = (data.get("organisation") or data.get("expert")) if isinstance(data, Mapping) else None
    return external_id if isinstance(external_id, str) else None
