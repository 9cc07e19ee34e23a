"""The record batches of a fetch response as bytes."""

import struct

_LENGTH_OFFSET, _OVERHEAD, _MIN_BATCH = struct.calcsize(">q"), struct.calcsize(">qi"), struct.calcsize(">qiib")


class FetchedBatches:
    """The bytes of the record batches in a fetch response; an incomplete one at the end is left out."""

    def __init__(self, data: bytes) -> None:
        self._data, self._position = data, 0

    def size_in_bytes(self) -> int:
        return len(self._data)

    def has_next(self) -> bool:
        return self._position < self._end()

    def next_batch(self) -> bytes:
        start, self._position = self._position, self._end()
        return self._data[start : self._position]

    def next_offset(self) -> int:
        """Return the first offset of the next batch."""
        (offset,) = struct.unpack_from(">q", self._data, self._position)
        return int(offset)

    def drop_rest(self) -> None:
        """Leave the rest to the next fetch."""
        self._position = len(self._data)

    def _end(self) -> int:
        """Return where the next batch ends; where it begins if it is incomplete."""
        start = self._position
        if len(self._data) - start < _MIN_BATCH:
            return start
        (length,) = struct.unpack_from(">i", self._data, start + _LENGTH_OFFSET)
        end: int = start + _OVERHEAD + length if length > _MIN_BATCH - _OVERHEAD else len(self._data)
        return end if end <= len(self._data) else start
