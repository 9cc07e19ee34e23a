"""The ingress decodes any bytes that a partner sends into one message, which gets one receipt."""

import json
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.contract import KINDS, STRUCTURED
from services.intake.ingress.strict_json import pointer
from shared.kafka.record import StoredRecord
from shared.messages.intake import Receipt
from shared.messages.serialization import serialize_outputs
from tests.support.intake_harness import NOON, IntakeHarness, event

BINARY = ((b"content-type", b"application/json"), (b"ce_id", b"1"))
HEADERS = st.sampled_from(["content-type", "Content-Type", "ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "x"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec=None), max_size=5), inner, max_size=3),
    max_leaves=8,
)


def receipt_of(value: bytes | None, headers: tuple[tuple[str, bytes], ...]) -> Receipt:
    """The only receipt of a record, which must be serializable."""
    intake = IntakeHarness()
    sent = StoredRecord("tandem.partner.demo.submissions", 0, 0, 0, None, value, headers)
    incoming = intake.decode(sent, NOON)
    receipts = [m for m in intake.decide(incoming) if isinstance(m, Receipt)]
    (serialized,) = serialize_outputs(incoming, receipts)
    assert msgspec.json.decode(serialized.value)["type"] == Receipt.kind
    return receipts[0]


@settings(deadline=None)
@given(st.binary(max_size=60) | st.none(), st.lists(st.tuples(HEADERS, st.binary(max_size=40)), max_size=4))
def test_any_bytes_under_any_headers_get_a_receipt(value: bytes | None, headers: list[tuple[str, bytes]]) -> None:
    assert receipt_of(value, tuple(headers)).outcome == "rejected"


@settings(deadline=None)
@given(JSON, JSON)
def test_any_json_as_event_or_data_gets_a_receipt(value: Any, data: Any) -> None:
    whole = {**event("vacancy-submitted"), "data": data, "extra": value}

    assert receipt_of(json.dumps(value).encode(), (*STRUCTURED,)).outcome == "rejected"
    assert receipt_of(json.dumps(whole).encode(), (*STRUCTURED,)).outcome == "rejected"


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_value_of_any_field_gets_a_receipt_that_never_quotes_it(data: st.DataObject) -> None:
    whole = event(data.draw(st.sampled_from(list(KINDS))))
    fields: Any = whole["data"]
    name = data.draw(st.sampled_from(list(fields)))
    fields[name] = data.draw(JSON | st.just("Zeer Geheim 0123"))

    receipt = receipt_of(json.dumps(whole).encode(), (*STRUCTURED,))

    assert "Zeer Geheim" not in repr(receipt)


def test_all_errors_are_reported_at_once_those_of_the_attributes_first() -> None:
    broken = event("organisation-submitted", motives=["fit", "nope"], zone="Mars/Base", without=["name"]) | {
        "time": "2027-01-01T00:00:00"
    }

    problem = IntakeHarness().receipt(broken | {"source": "/partner/other"}).problem

    assert problem
    assert [error.pointer for error in problem.errors] == ["/time", "/source", "/data/name", "/data/motives/1", "/data/zone"]
    assert problem.type.endswith(":invalid-attributes")


def test_pointer_escapes_slash_and_tilde() -> None:
    assert pointer("data", "a/b~c", 0) == "/data/a~1b~0c/0"


def test_record_id_is_stable_and_differs_on_a_recreated_topic() -> None:
    intake = IntakeHarness()
    sent = StoredRecord("tandem.partner.demo.submissions", 3, 7, 1_764_000_000_000, None, b"", STRUCTURED)

    assert intake.decode(sent, NOON).id == intake.decode(sent, NOON).id
    assert intake.decode(sent, NOON).id != intake.decode(sent._replace(timestamp=1_764_000_000_001), NOON).id


def test_valid_traceparent_is_passed_on_and_an_invalid_one_is_dropped() -> None:
    good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    made = event("organisation-submitted")

    def trace(value: str) -> str | None:
        body = json.dumps(made | {"traceparent": value}).encode()
        return (
            IntakeHarness()
            .decode(StoredRecord("tandem.partner.demo.submissions", 0, 0, 0, None, body, STRUCTURED), NOON)
            .traceparent
        )

    assert trace(good) == good
    assert trace(good.replace("4bf9", "XXXX")) is None


def test_envelope_time_is_the_time_of_receipt_not_the_time_of_the_event() -> None:
    body = json.dumps(event("organisation-submitted") | {"time": "2020-01-01T00:00:00Z"}).encode()

    assert (
        IntakeHarness().decode(StoredRecord("tandem.partner.demo.submissions", 0, 0, 0, None, body, STRUCTURED), NOON).time == NOON
    )
