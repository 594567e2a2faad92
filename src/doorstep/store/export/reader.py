"""Reading the lines of an export: each is what it should be, and together they are whole."""

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from typing import NamedTuple, Union

import msgspec
from msgspec import Struct

from doorstep.store import schema
from doorstep.store.export.records import FORMAT, OLDEST_SCHEMA, RECORDS, End, Header, Record

LINES_AT_ONCE = 5_000
BYTES_AT_ONCE = 8 * 1024 * 1024
"""Of one batch: each costs a flush of the disk, and is in memory as a whole."""

MOST_LINE_BYTES = 1024 * 1024 * 1024
"""Above what a row can take in whatever way it is written: a body of 64 MiB, escaped."""

LINES_AROUND = 2
"""The header and the end, which are no rows."""

GZIP = b"\x1f\x8b"


class UnusableExport(Exception):
    """Why an export cannot be read or written, for the user."""


class Batch(NamedTuple):
    """Records of lines that follow each other, and where the last of them is."""

    end: int
    records: list[Record]


class _Format(Struct, tag_field="record", tag="header"):
    """What the first line of every format says."""

    format: int


class ExportReader:
    """Reads the header at once, the rest by `batches`. Raises UnusableExport."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = _unpacked(stream)
        self._checksum = hashlib.sha256()
        self._bytes = 0
        self._decoder = msgspec.json.Decoder(Union[*RECORDS, End])
        self.line = 0
        self.header = self._header()

    @property
    def rows(self) -> int:
        """How many there should be."""
        return sum(self.header.rows.values())

    @property
    def checksum(self) -> str:
        """Of all bytes up to the last line that was given out."""
        return self._checksum.hexdigest()

    def skip_to(self, line: int) -> None:
        """Passes over what lies before and this line itself, or to the end."""
        while self.line < line and not isinstance(self._record(), End):
            pass

    def batches(self) -> Iterator[Batch]:
        """Ends only where the export is whole."""
        records, size = list[Record](), self._bytes
        while not isinstance(record := self._record(), End):
            records.append(record)
            if len(records) == LINES_AT_ONCE or self._bytes - size >= BYTES_AT_ONCE:
                yield Batch(self.line, records)
                records, size = [], self._bytes
        self._check_end(record)
        if records:
            yield Batch(self.line - 1, records)

    def _record(self) -> Record | End:
        text = self._next()
        try:
            record: Record | End = self._decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UnusableExport(f"line {self.line} is damaged: {error}") from None
        if not isinstance(record, End):
            self._take(text)
        return record

    def _take(self, text: bytes) -> None:
        self._checksum.update(text)
        self._bytes += len(text)

    def _header(self) -> Header:
        text = self._next()
        try:
            found = msgspec.json.decode(text, type=_Format).format
            if found != FORMAT:
                raise UnusableExport(f"it has format {found}, this version reads format {FORMAT}")
            header = msgspec.json.decode(text, type=Header)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UnusableExport("it does not begin as an export of doorstep does") from None
        if header.schema > schema.NEWEST:
            raise UnusableExport(
                f"it has schema {header.schema}, which is newer than this version of doorstep "
                f"knows ({schema.NEWEST}); install the newer version"
            )
        if header.schema < OLDEST_SCHEMA:
            raise UnusableExport(
                f"it has schema {header.schema}, older than {OLDEST_SCHEMA}, whose rows no longer "
                "fit; `doorstep migrate` and export there again"
            )
        self._take(text)
        return header

    def _next(self) -> bytes:
        """The next line with its end."""
        try:
            text = self._stream.readline(MOST_LINE_BYTES)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            text = b""
        if not text.endswith(b"\n"):
            raise UnusableExport(
                f"it is cut off or damaged after line {self.line}"
                if self.line
                else "it does not begin as an export of doorstep does"
            )
        self.line += 1
        return text

    def _check_end(self, end: End) -> None:
        if self._stream.read(1):
            raise UnusableExport(f"something follows line {self.line}, which is its end")
        is_whole = end.rows == self.rows == self.line - LINES_AROUND
        if not is_whole or end.sha256 != self.checksum:
            raise UnusableExport("it is damaged, as its checksum does not fit")


def _unpacked(stream: io.BufferedReader) -> io.BufferedIOBase:
    is_packed = stream.peek(len(GZIP)).startswith(GZIP)
    return gzip.GzipFile(fileobj=stream) if is_packed else stream
