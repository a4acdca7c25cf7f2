"""Reading records with a header name that is not UTF-8, which aiokafka's own reader raises for.

A producer that isn't ours may write such a name. aiokafka 0.14 then raises out of every poll of
that partition, for good. Its pure-Python reader can be told what to do instead, at several times
the cost: so it is used only once such a record was met.
"""

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record import default_records, memory_records
from aiokafka.record.util import decode_varint


class _LenientBatch(default_records._DefaultRecordBatchPy):  # type: ignore[misc]
    """Gives a record with unreadable header names without its headers: consumers park those."""

    def _read_msg(self, *arguments: Any) -> Any:
        start = self._pos
        try:
            return super()._read_msg(*arguments)
        except UnicodeDecodeError:
            return self._without_headers(start)

    def _without_headers(self, start: int) -> Any:
        """The record's fields up to its headers (Kafka protocol, record batch v2)."""
        buffer = self._buffer
        length, position = decode_varint(buffer, start)
        self._pos = position + length
        _, position = decode_varint(buffer, position)  # attributes
        passed, position = decode_varint(buffer, position)
        appended = self.timestamp_type == self.LOG_APPEND_TIME
        timestamp = self.max_timestamp if appended else self.first_timestamp + passed
        offset_delta, position = decode_varint(buffer, position)
        key, position = _bytes_at(buffer, position)
        value, _ = _bytes_at(buffer, position)
        return default_records._DefaultRecordPy(
            self.base_offset + offset_delta, timestamp, self.timestamp_type, key, value, []
        )


def _bytes_at(buffer: bytearray, position: int) -> tuple[bytes | None, int]:
    length, position = decode_varint(buffer, position)
    if length < 0:
        return None, position
    return bytes(buffer[position : position + length]), position + length


def read_leniently() -> None:
    """From now on, in this process."""
    memory_records.DefaultRecordBatch = _LenientBatch
    fetcher.MemoryRecords = memory_records._MemoryRecordsPy
