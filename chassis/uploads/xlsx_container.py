"""Looks at a workbook as a zip file, before any library does: its end, its directory, and what its parts inflate to.

The directory is bounded before it is read, and every part is inflated here with a bound of our own, because the sizes
that a directory declares may lie.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from chassis.uploads.errors import FileFormat, FileTruncated, ZipBomb
from chassis.uploads.limits import MEBIBYTE, UploadLimits
from contracts.decision import Because

_LOCAL_HEADER = b"PK\x03\x04"
_DIRECTORY_END = struct.Struct("<4s4H2LH")
_DIRECTORY_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x1
_JUDGED_FROM = 10 * MEBIBYTE
_PIECE = 64 * 1024


def read_directory(path: Path, limits: UploadLimits) -> list[zipfile.ZipInfo]:
    """The parts of a workbook by its directory. Raises FileFormat, FileTruncated, ZipBomb."""
    with path.open("rb") as file:
        if file.read(4) != _LOCAL_HEADER:
            raise FileFormat(Because(zh="这不是 XLSX 工作簿", en="This is not an XLSX workbook"))
        _require_small_directory(file, limits)
        try:
            with zipfile.ZipFile(file) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise FileTruncated from error
    names = {part.filename for part in parts}
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= names:
        raise FileFormat(Because(zh="压缩包内没有工作簿", en="There is no workbook in this zip file"))
    if any(part.flag_bits & _ENCRYPTED for part in parts):
        raise FileFormat(Because(zh="工作簿已加密", en="The workbook is encrypted"))
    _require_measure(sum(part.file_size for part in parts), sum(part.compress_size for part in parts), limits)
    return parts


def _require_small_directory(file: BinaryIO, limits: UploadLimits) -> None:
    """Python's reader holds the whole directory: its size is judged first."""
    size = file.seek(0, 2)
    tail_at = max(0, size - 65_536 - _DIRECTORY_END.size)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _DIRECTORY_END.size:
        raise FileTruncated(Because(zh="工作簿不完整", en="The workbook has no end"))
    entries, directory_bytes = _DIRECTORY_END.unpack_from(tail, at)[4:6]
    locator = tail[max(0, at - _LOCATOR_64.size) : at]
    if len(locator) == _LOCATOR_64.size and locator.startswith(b"PK\x06\x07"):
        file.seek(min(_LOCATOR_64.unpack(locator)[2], size))
        end_64 = file.read(_DIRECTORY_END_64.size)
        if len(end_64) < _DIRECTORY_END_64.size or not end_64.startswith(b"PK\x06\x06"):
            raise FileTruncated
        entries, directory_bytes = _DIRECTORY_END_64.unpack(end_64)[7:9]
    if entries > limits.max_xlsx_entries or directory_bytes > 1024 * limits.max_xlsx_entries:
        raise ZipBomb(Because(zh="压缩条目过多", en="The workbook has too many parts"))


def inflate(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What one part really holds, in pieces. Raises FileTruncated and FileFormat."""
    file.seek(part.header_offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(_LOCAL_HEADER):
        raise FileTruncated
    name_bytes, extra_bytes = _LOCAL.unpack(header)[9:11]
    file.seek(name_bytes + extra_bytes, 1)
    left = part.compress_size
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise FileFormat(Because(zh="不支持该压缩方式", en="This way of compression is not read"))
    inflater = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left:
        packed = file.read(min(_PIECE, left))
        if not packed:
            raise FileTruncated
        left -= len(packed)
        if inflater is None:
            yield packed
            continue
        try:
            while packed:
                yield inflater.decompress(packed, _PIECE)
                packed = inflater.unconsumed_tail
        except zlib.error as error:
            raise FileTruncated from error
    if inflater is not None and not inflater.eof:
        raise FileTruncated


class Expansion:
    """Counts what all parts together inflate to. Raises ZipBomb as soon as a bound is passed."""

    def __init__(self, parts: list[zipfile.ZipInfo], limits: UploadLimits) -> None:
        self._packed = sum(part.compress_size for part in parts)
        self._limits = limits
        self._inflated = 0

    def add(self, piece: bytes) -> None:
        self._inflated += len(piece)
        _require_measure(self._inflated, self._packed, self._limits)


def _require_measure(inflated: int, packed: int, limits: UploadLimits) -> None:
    beyond_ratio = inflated > _JUDGED_FROM and inflated > packed * limits.max_ratio
    if inflated > limits.max_expansion_bytes or beyond_ratio:
        raise ZipBomb
