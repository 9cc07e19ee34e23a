"""Changes to a document as text and bytes: syntax, encodings, damage. Pure."""

import codecs
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from deploy.simulator import corruption


def encode(random: Random, document: Any) -> bytes:
    """Write JSON: compact or not, ASCII or UTF-8; lone surrogates as the bytes that a careless program writes."""
    separators = random.choice(((",", ":"), (", ", ": "), (" ,\n", "\t: ")))
    return json.dumps(document, ensure_ascii=random.random() < 0.5, separators=separators).encode("utf-8", "surrogatepass")


def damage(random: Random, value: bytes) -> bytes:
    """Return the document with its text or bytes changed."""
    return random.choice(_DAMAGES)(random, value)


def _duplicate_name(random: Random, value: bytes) -> bytes:
    names = re.findall(rb'"[a-z_]+"\s*:', value)
    return value.replace(b"{", b"{" + random.choice(names) + b'"x",', 1) if names else value


def _odd_literal(random: Random, value: bytes) -> bytes:
    literal = random.choice(
        (b"NaN", b"Infinity", b"1e400", b"-1e400", b"01", b"+1", b".5", b"0x1F", b"1" * 5000, b"'x'", b"undefined")
    )
    return re.sub(rb":\s*(true|false|null|-?\d+|\"[^\"]*\")", lambda _: b":" + literal, value, count=1)


def _encoding(random: Random, value: bytes) -> bytes:
    text = value.decode("utf-8", "replace")
    return random.choice((codecs.BOM_UTF8 + value, text.encode("utf-16"), text.encode("utf-16-le"), text.encode("utf-32"),
                          text.encode("latin-1", "replace")))  # fmt: skip


def _escapes(random: Random, value: bytes) -> bytes:
    return re.sub(rb"[a-z]", lambda match: b"\\u%04x" % match.group()[0] if random.random() < 0.1 else match.group(), value)


def _surroundings(random: Random, value: bytes) -> bytes:
    return random.choice(
        (b"\n\n" + value, value + b" \r\n", value + value, b"// x\n" + value, value + b",", b"\x1f\x8b" + value, b")]}'" + value)
    )


def _nesting(random: Random, value: bytes) -> bytes:
    depth = random.choice((50, 600, 5_000, 60_000))
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}")))
    return value[:-1] + b',"deep":' + opening * depth + b"0" + closing * depth + b"}" if value else value


def _cut(random: Random, value: bytes) -> bytes:
    return value[: random.randrange(len(value) + 1)]


def _padding(random: Random, value: bytes) -> bytes:
    size = random.choice((200 << 10, (256 << 10) - len(value), 300 << 10, 900 << 10))
    return value[:-1] + b" " * max(size, 0) + b"}"


_DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    corruption.mutate, corruption.mutate, _duplicate_name, _odd_literal, _encoding, _escapes, _surroundings,
    _nesting, _cut, _padding,
)  # fmt: skip
