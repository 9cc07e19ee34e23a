"""A raw record → a CloudEvent 1.0, in structured or binary content mode, with every error of its attributes: our own decoder."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import UNSET

from services.intake.ingress.strict_json import RejectRecord, clean, loads, pointer
from services.intake.problems import problem
from shared.kafka.record import KafkaRecord
from shared.messages.intake import FieldError

LARGEST = 256 << 10
LONGEST = 250
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
REQUIRED = ("specversion", "id", "source", "type", "time")
OPTIONAL = ("subject", "datacontenttype", "dataschema")
TRACE = ("traceparent", "tracestate")
KNOWN = frozenset((*REQUIRED, *OPTIONAL, *TRACE))
BODIES = frozenset(("data", "data_base64"))
MODES = "application/cloudevents+json (structured mode), or ce_ headers with application/json (binary mode)"

_NAME = re.compile(r"[a-z0-9]{1,20}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class Event(NamedTuple):
    """`attributes`: those of the profile that are sound. `data`: UNSET where there are none. `errors`: of attributes and JSON."""

    attributes: Mapping[str, str]
    extensions: tuple[str, ...]
    data: Any
    errors: tuple[FieldError, ...]

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context where it is valid; else none."""
        return traced(self.attributes.get("traceparent", ""))


def decode(record: KafkaRecord, now: datetime) -> Event:
    """The event in a record that arrived `now` (UTC). Raises `Refused` for what cannot be read at all."""
    value = _value(record)
    headers, doubled = _headers(record)
    if _structured(headers, doubled):
        return _from_object(*loads(value), now)
    errors = [FieldError(pointer(name), "stands more than once") for name in sorted(doubled) if name.startswith("ce_")]
    data, flaws = loads(value, "/data")
    return _from_headers(headers, data, [*errors, *flaws], now)


def traced(given: str) -> str | None:
    """A W3C trace context, if it is one."""
    return given if _TRACEPARENT.fullmatch(given) else None


def _value(record: KafkaRecord) -> bytes:
    if record.value is None:
        raise RejectRecord(problem("no-value", "A record without a value (a tombstone) is no event."))
    size = len(record.value) + len(record.key or b"") + sum(len(name) + len(value or b"") for name, value in record.headers)
    if size > LARGEST:
        raise RejectRecord(problem("too-large", f"At most {LARGEST} bytes with key and headers; this record has {size}."))
    return record.value


def _headers(record: KafkaRecord) -> tuple[dict[str, bytes], set[str]]:
    headers = {name.lower(): value or b"" for name, value in record.headers}
    if len(headers) == len(record.headers):
        return headers, set()
    counted = Counter(name.lower() for name, _ in record.headers)
    return headers, {name for name, n in counted.items() if n > 1}


def _structured(headers: Mapping[str, bytes], doubled: set[str]) -> bool:
    """Whether the content mode is structured (or else binary). Raises `Refused` for any other."""
    media, charset = _media(headers.get("content-type", b""))
    if media.startswith("application/cloudevents-batch"):
        raise RejectRecord(problem("batch-mode", f"Send each event in a record of its own: {MODES}."))
    if "content-type" in doubled or charset not in ("utf-8", "utf8", "us-ascii"):
        raise RejectRecord(problem("wrong-content-type", f"One content-type header, in UTF-8: {MODES}."))
    if media == "application/cloudevents+json":
        return True
    if media == "application/json" and any(name.startswith("ce_") for name in headers):
        return False
    raise RejectRecord(problem("wrong-content-type", f"We read {MODES}."))


@lru_cache(256)
def _media(content_type: bytes) -> tuple[str, str]:
    """Its media type and its charset."""
    media, _, parameters = content_type.decode(errors="replace").lower().partition(";")
    charset = dict(part.strip().partition("=")[::2] for part in parameters.split(";")).get("charset", "utf-8")
    return media.strip(), charset.strip('"')


def _from_object(event: Any, flaws: list[FieldError], now: datetime) -> Event:
    if not isinstance(event, dict) or not any(name in event for name in ("specversion", "id", "source", "type")):
        raise RejectRecord(problem("no-cloudevent", "Expected a JSON object with specversion, id, source, type, time and data."))
    given = {name: value for name, value in event.items() if name not in BODIES and value is not None}
    if "data_base64" in event:
        flaws.append(FieldError("/data_base64", "send the data as JSON, in data"))
    elif "data" not in event:
        flaws.append(FieldError("/data", "is missing"))
    return _checked(given, event.get("data", UNSET), flaws, now)


def _from_headers(headers: Mapping[str, bytes], data: Any, errors: list[FieldError], now: datetime) -> Event:
    given: dict[str, Any] = {}
    for name, value in headers.items():
        if name.startswith("ce_"):
            attribute = name.removeprefix("ce_")
            try:
                given[attribute] = value.decode()
            except UnicodeDecodeError:
                errors.append(FieldError(pointer(attribute), "is not UTF-8"))
    return _checked(given, data, _renamed(errors), now)


def _renamed(errors: list[FieldError]) -> list[FieldError]:
    """Pointers name an attribute the same way in both modes: /source, never /ce_source."""
    return [FieldError(error.pointer.replace("/ce_", "/", 1), error.detail) for error in errors]


def _checked(given: Mapping[str, Any], data: Any, errors: list[FieldError], now: datetime) -> Event:
    attributes: dict[str, str] = {}
    seen = {error.pointer for error in errors}
    for name in dict.fromkeys((*REQUIRED, *given)):
        if seen and pointer(name) in seen:
            continue
        if why := _wrong(name, given.get(name), now):
            errors.append(FieldError(clean(pointer(name)), why))
        else:
            attributes[name] = str(given[name])
    extensions = tuple(sorted(name for name in attributes if name not in KNOWN))
    return Event({name: attributes[name] for name in attributes if name in KNOWN}, extensions, data, tuple(errors))


def _wrong(name: str, value: Any, now: datetime) -> str | None:
    """What is wrong with an attribute; None when it is sound."""
    if value is None:
        return "is missing"
    if name not in KNOWN:
        return _wrong_extension(name, value)
    if not isinstance(value, str):
        return "must be a string"
    return next(_wrong_text(name, value, now), None)


def _wrong_extension(name: str, value: Any) -> str | None:
    if not _NAME.fullmatch(name):
        return "is no attribute's name: a to z and 0 to 9, at most 20"
    return None if isinstance(value, str | bool | int) else "must be a string, a whole number or a boolean"


def _wrong_text(name: str, value: str, now: datetime) -> Iterator[str]:
    if name in TRACE:
        return
    if not value or _CONTROL.search(value):
        yield "must not be empty, nor hold control characters"
    if len(value) > LONGEST:
        yield f"is too long: at most {LONGEST} characters"
    if name == "specversion" and value != "1.0":
        yield "must be 1.0"
    if name == "datacontenttype" and value.lower().partition(";")[0].strip() != "application/json":
        yield "must be application/json"
    if name == "time":
        yield from wrong_time(value.upper(), now)


def wrong_time(value: str, now: datetime) -> Iterator[str]:
    """What is wrong with a time as RFC 3339 writes it, in capitals."""
    match = _TIME.fullmatch(value)
    if not match:
        yield "must be a date and time with its zone (RFC 3339), as 2027-01-31T09:00:00+01:00"
    elif not match[2]:
        yield "has no zone: add Z or an offset as +01:00"
    else:
        yield from _absurd(value, now)


def _absurd(value: str, now: datetime) -> Iterator[str]:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        yield "is a date or time that does not exist"
        return
    if not EARLIEST <= moment < LATEST:
        yield "lies outside the years 2000 to 2100"
    elif moment > now + timedelta(days=1):
        yield "lies more than a day in the future"
