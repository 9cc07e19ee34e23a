"""Decompresses record batches, up to a size: a batch of a few kilobytes may hold gigabytes."""

import struct
import zlib
from collections.abc import Callable
from functools import cache
from mmap import mmap

import cramjam

MAX_BATCH_BYTES = 16 << 20
"""Maximum size of a decompressed batch. Producers limit theirs to about 1 MiB, most of them before they compress."""
_XERIAL_MAGIC, _XERIAL_HEADER = b"\x82SNAPPY\x00", 16
_GZIP = 16 + zlib.MAX_WBITS


def decompress(codec: int, data: bytes) -> bytes:
    """Decompress with one of Kafka's codecs. Raises errors of many types: invalid data, an unknown codec, too large a result."""
    return _DECOMPRESS[codec](data)


def _gunzip(data: bytes) -> bytes:
    parts, size = list[bytes](), 0
    while data:  # a gzip file may have several members
        member = zlib.decompressobj(_GZIP)
        parts.append(member.decompress(data, MAX_BATCH_BYTES - size + 1))
        size += len(parts[-1])
        if size > MAX_BATCH_BYTES or not member.eof:
            raise ValueError("too large, or incomplete")
        data = member.unused_data
    return b"".join(parts)


def _unsnappy(data: bytes) -> bytes:
    """Decompress Snappy: a single block, or blocks in the framing of Java's clients, each after its length."""
    if not data.startswith(_XERIAL_MAGIC):
        return _unsnappy_block(data, MAX_BATCH_BYTES)
    parts, position, left = list[bytes](), _XERIAL_HEADER, MAX_BATCH_BYTES
    while position < len(data):
        (length,) = struct.unpack_from("!I", data, position)
        position += 4 + length
        parts.append(_unsnappy_block(data[position - length : position], left))
        left -= len(parts[-1])
    return b"".join(parts)


def _unsnappy_block(block: bytes, most: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(block) > most:
        raise ValueError("too large")
    return bytes(cramjam.snappy.decompress_raw(block))


def _decompress_into(decompressor: Callable[[bytes, mmap], int]) -> Callable[[bytes], bytes]:
    """Return a decompressor that fills the buffer, and raises where that is too small."""

    def bounded(data: bytes) -> bytes:
        size = decompressor(data, _buffer())
        return _buffer()[:size]

    return bounded


@cache
def _buffer() -> mmap:
    """A buffer of the size limit that is used again and again; memory is only allocated for the part that was ever written."""
    return mmap(-1, MAX_BATCH_BYTES)


_DECOMPRESS: dict[int, Callable[[bytes], bytes]] = {
    0: bytes,
    1: _gunzip,
    2: _unsnappy,
    3: _decompress_into(cramjam.lz4.decompress_into),
    4: _decompress_into(cramjam.zstd.decompress_into),
}
