"""Decoder of CloudEvents 1.0 in Kafka records, structured or binary content mode, with every error of the attributes."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import UNSET

from services.intake.contract import BELOW_SOURCE_PATTERN, MAX_ATTRIBUTE_LENGTH, source
from services.intake.ingress.strict_json import RejectRecord, for_receipt, loads, pointer
from services.intake.problems import problem
from shared.kafka.record import KafkaRecord
from shared.messages.intake import FieldError
from shared.messages.serialization import valid_traceparent
from shared.programme.plain_text import LINE_PATTERN

MAX_RECORD_BYTES = 256 << 10
MAX_HEADERS = 100
MAX_CONTENT_TYPE_LENGTH = 200
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
REQUIRED = ("specversion", "id", "source", "type", "time")
OPTIONAL = ("subject", "datacontenttype", "dataschema")
TRACE = ("traceparent", "tracestate")
KNOWN = frozenset((*REQUIRED, *OPTIONAL, *TRACE))
BODIES = frozenset(("data", "data_base64"))
ADD_HEADER = "For a whole event, add the header content-type: application/cloudevents+json"
MODES = "application/cloudevents+json (structured mode), or ce_ headers with application/json (binary mode)"

_NAME = re.compile(r"[a-z0-9]+")
_LINE = re.compile(LINE_PATTERN)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:)(\d\d)((?:\.\d+)?)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_BELOW = re.compile(BELOW_SOURCE_PATTERN)


class Event(NamedTuple):
    """An event with its valid, known attributes and the names of its extensions. `data` is UNSET if it has none.

    `errors`: of its attributes and its JSON.
    """

    attributes: Mapping[str, str]
    extensions: tuple[str, ...]
    data: Any
    errors: tuple[FieldError, ...]

    @property
    def traceparent(self) -> str | None:
        """The W3C trace context, if it is valid."""
        return valid_traceparent(self.attributes.get("traceparent"))


def decode(record: KafkaRecord, now: datetime) -> Event:
    """Decode the event in a record that was received at `now` (UTC). Raises `RejectRecord` if there is none."""
    value = _value(record)
    headers, duplicates = _headers(record)
    if _is_structured(headers, duplicates):
        return _from_object(*loads(value), now)
    errors = [FieldError(pointer(name), "appears more than once") for name in sorted(duplicates) if name.startswith("ce_")]
    data, json_errors = loads(value, "/data")
    return _from_headers(headers, data, [*errors, *json_errors], now)


def is_line(value: str) -> bool:
    """Return True for one line with a visible character."""
    return _LINE.fullmatch(value) is not None


def valid_source(value: str, partner: str) -> bool:
    """Return True for the partner's own source, or a path below it without `..` or any other step to somewhere else."""
    own = source(partner)
    return value == own or (value.startswith(own) and _BELOW.fullmatch(value, len(own)) is not None)


def _value(record: KafkaRecord) -> bytes:
    if record.value is None:
        raise RejectRecord(problem("no-value", "A record without a value (a tombstone) is not an event."))
    if len(record.headers) > MAX_HEADERS:
        raise RejectRecord(problem("too-complex", f"The limit is {MAX_HEADERS} headers; this record has {len(record.headers)}."))
    size = len(record.value) + len(record.key or b"") + sum(len(name) + len(value or b"") for name, value in record.headers)
    if size > MAX_RECORD_BYTES:
        raise RejectRecord(
            problem("too-large", f"The limit is {MAX_RECORD_BYTES} bytes, including key and headers; this record has {size}.")
        )
    return record.value


def _headers(record: KafkaRecord) -> tuple[dict[str, bytes], set[str]]:
    """The headers by lower-case name, and the names that appear more than once."""
    headers = {name.lower(): value or b"" for name, value in record.headers}
    if len(headers) == len(record.headers):
        return headers, set()
    counts = Counter(name.lower() for name, _ in record.headers)
    return headers, {name for name, count in counts.items() if count > 1}


def _is_structured(headers: Mapping[str, bytes], duplicates: set[str]) -> bool:
    """Return True for structured content mode, False for binary. Raises `RejectRecord` for any other content type."""
    media, charset = _media_type(headers.get("content-type", b"")[:MAX_CONTENT_TYPE_LENGTH])
    if media.startswith("application/cloudevents-batch"):
        raise RejectRecord(problem("batch-mode", f"Send one event per record, as {MODES}."))
    if "content-type" in duplicates or charset not in ("utf-8", "utf8", "us-ascii"):
        raise RejectRecord(problem("wrong-content-type", f"Send exactly one content-type header, in UTF-8, for {MODES}."))
    if media == "application/cloudevents+json":
        return True
    if media == "application/json" and any(name.startswith("ce_") for name in headers):
        return False
    raise RejectRecord(problem("wrong-content-type", f"{ADD_HEADER}. Supported: {MODES}."))


@lru_cache(256)
def _media_type(content_type: bytes) -> tuple[str, str]:
    """The media type and the charset."""
    media, _, parameters = content_type.decode(errors="replace").lower().partition(";")
    charset = dict(part.strip().partition("=")[::2] for part in parameters.split(";")).get("charset", "utf-8")
    return media.strip(), charset.strip('"')


def _from_object(event: Any, errors: list[FieldError], now: datetime) -> Event:
    if not isinstance(event, dict) or not any(name in event for name in ("specversion", "id", "source", "type")):
        raise RejectRecord(problem("no-cloudevent", "Expected a JSON object with specversion, id, source, type, time and data."))
    given = {name: value for name, value in event.items() if name not in BODIES and value is not None}
    if "data_base64" in event:
        errors.append(FieldError("/data_base64", "is not supported; send the data as JSON in `data`"))
    elif "data" not in event:
        errors.append(FieldError("/data", "is missing"))
    return _validated(given, event.get("data", UNSET), errors, now)


def _from_headers(headers: Mapping[str, bytes], data: Any, errors: list[FieldError], now: datetime) -> Event:
    given: dict[str, Any] = {}
    for name, value in headers.items():
        if name.startswith("ce_"):
            attribute = name.removeprefix("ce_")
            try:
                given[attribute] = value.decode()
            except UnicodeDecodeError:
                errors.append(FieldError(pointer(attribute), "is not UTF-8"))
    return _validated(given, data, _as_structured(errors), now)


def _as_structured(errors: list[FieldError]) -> list[FieldError]:
    """Pointers name an attribute the same way in both modes: /source, never /ce_source."""
    return [FieldError(error.pointer.replace("/ce_", "/", 1), error.detail) for error in errors]


def _validated(given: Mapping[str, Any], data: Any, errors: list[FieldError], now: datetime) -> Event:
    attributes: dict[str, str] = {}
    reported = {error.pointer for error in errors}
    for name in dict.fromkeys((*REQUIRED, *given)):
        if reported and pointer(name) in reported:
            continue
        if detail := _attribute_error(name, given.get(name), now):
            errors.append(FieldError(for_receipt(pointer(name)), detail))
        else:
            attributes[name] = str(given[name])
    extensions = tuple(sorted(name for name in attributes if name not in KNOWN))
    return Event({name: attributes[name] for name in attributes if name in KNOWN}, extensions, data, tuple(errors))


def _attribute_error(name: str, value: Any, now: datetime) -> str | None:
    """Return the error of an attribute, or None if it is valid."""
    if value is None:
        return "is missing"
    if name not in KNOWN:
        return _extension_error(name, value)
    if not isinstance(value, str):
        return "must be a string"
    return next(_text_errors(name, value, now), None)


def _extension_error(name: str, value: Any) -> str | None:
    if not _NAME.fullmatch(name):
        return "is not a valid attribute name: only a to z and 0 to 9"
    whole = isinstance(value, float) and value.is_integer()  # JSON Schema calls 2.0 an integer
    return None if whole or isinstance(value, str | bool | int) else "must be a string, a whole number or a boolean"


def _text_errors(name: str, value: str, now: datetime) -> Iterator[str]:
    if name in TRACE:
        return
    if not is_line(value):
        yield "must contain a visible character; no line break, control character or change of reading direction"
    if len(value) > MAX_ATTRIBUTE_LENGTH:
        yield f"is too long: at most {MAX_ATTRIBUTE_LENGTH} characters"
    if name == "specversion" and value != "1.0":
        yield "must be 1.0"
    if name == "datacontenttype" and value.lower().partition(";")[0].strip() != "application/json":
        yield "must be application/json"
    if name == "time":
        yield from time_errors(value.upper(), now)


def time_errors(value: str, now: datetime) -> Iterator[str]:
    """Yield the errors of a time (RFC 3339 in upper case)."""
    if not (match := _TIME.fullmatch(value)):
        yield "must be a date and time with its zone (RFC 3339), such as 2027-01-31T09:00:00+01:00"
    elif not match[4]:
        yield "has no zone: add Z or an offset such as +01:00"
    else:
        yield from _range_errors(match, now)


def _range_errors(match: re.Match[str], now: datetime) -> Iterator[str]:
    minute, second, fraction, zone = match.groups()
    leap = second == "60"
    try:
        moment = datetime.fromisoformat(f"{minute}{'59' if leap else second}{fraction[:7]}{zone}")
    except ValueError:
        yield "is not an existing date or time"
        return
    if leap and moment.astimezone(UTC).strftime("%H:%M") != "23:59":
        yield "has a leap second; only the last minute of a UTC day may have one"
    if not EARLIEST <= moment < LATEST:
        yield "is outside the years 2000 to 2100"
    elif moment > now + timedelta(days=1):
        yield "is more than a day in the future"
