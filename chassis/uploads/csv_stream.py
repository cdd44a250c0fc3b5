"""A CSV file as a stream of checked rows: bytes in whatever charset come in, blocks ready for COPY go out.

Memory stays flat: at most a block, an unfinished row and the faults are held.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chassis.uploads.charset import SAMPLE_BYTES, Utf8Lines, detect
from chassis.uploads.intake import Announced, Intake
from chassis.uploads.layout import HeadingRow, find_headings
from chassis.uploads.limits import UploadLimits
from chassis.uploads.rows import RowCheck, RowFault
from contracts.files.columns import FileLayout

_PIECE_BYTES = 32 * 1024


class CsvStream:
    """A file whose row of headings was found. `blocks` is iterated once; `faults` is complete afterwards."""

    def __init__(
        self,
        heading: HeadingRow,
        charset: str,
        lines: Utf8Lines,
        check: RowCheck,
        head: bytes,
        rest: AsyncIterator[bytes],
    ) -> None:
        self.heading = heading
        self.charset = charset
        self._lines = lines
        self._check = check
        self._head = head
        self._rest = rest

    @property
    def faults(self) -> tuple[RowFault, ...]:
        return tuple(self._check.faults)

    async def blocks(self) -> AsyncIterator[bytes]:
        """Well-formed rows in UTF-8, with an empty row for each malformed or blank one."""
        if block := self._check.feed(self._head):
            yield block
        async for chunk in _in_larger_pieces(self._rest):
            if block := self._check.feed(self._lines.feed(chunk)):
                yield block
        if block := self._check.feed(self._lines.feed(b"", final=True), final=True):
            yield block


@dataclass(frozen=True, slots=True)
class OpenFile:
    """An upload whose row of headings was found, and of which the rest has still to come.

    It needs no database yet: a connection is best taken now, and not while a sender or a workbook keeps one waiting.
    """

    stream: CsvStream
    intake: Intake
    layout: FileLayout


async def open_csv(
    body: AsyncIterator[bytes], *, layout: FileLayout, limits: UploadLimits, announced: Announced
) -> OpenFile:
    """Begin to read a CSV body. Raises what intake.py, charset.py and layout.py raise."""
    intake = Intake(body, announced, max_bytes=limits.max_bytes, idle_seconds=limits.idle_seconds)
    return OpenFile(await open_rows(aiter(intake), layout, limits, charset=announced.charset), intake, layout)


async def open_rows(
    chunks: AsyncIterator[bytes], layout: FileLayout, limits: UploadLimits, *, charset: str | None = None
) -> CsvStream:
    """Reads until the row of headings is known. Raises what charset.py and layout.py raise."""
    sample = bytearray()
    # An asynchronous generator is its own iterator: it is read on below where this loop leaves it.
    async for chunk in chunks:
        sample += chunk
        if len(sample) >= SAMPLE_BYTES:
            break
    found = detect(bytes(sample), charset)
    lines = Utf8Lines(found)
    head = lines.feed(bytes(sample))
    heading, start = find_headings(head, layout, max_columns=limits.max_columns)
    check = RowCheck(len(heading.headings), first_line=heading.line + 1, limits=limits)
    return CsvStream(heading, found, lines, check, head[start:], chunks)


async def _in_larger_pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Joins small pieces: an unfinished row is looked at again with each piece, so a sender of single bytes would
    make the work quadratic."""
    gathered: list[bytes] = []
    size = 0
    async for chunk in chunks:
        gathered.append(chunk)
        size += len(chunk)
        if size >= _PIECE_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
