"""Copies a picture without what it tells beside the picture: place, time, camera, owner, embedded previews.

The picture itself is not decoded: segments (JPEG) and chunks (PNG) are kept by name, everything else is left out, and
so is whatever follows the end. A phone's JPEG keeps its orientation, or it would lie on its side. Not decoding keeps
the pixels as evidence to the last bit, and hostile pictures away from any codec.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from chassis.attachments.kinds import DamagedAttachment

_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_START_OF_SCAN, _END = 0xDA, 0xD9
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"cICP",
        b"sBIT",
        b"bKGD",
        b"pHYs",
    }
)


def clean_jpeg(data: bytes) -> Iterator[bytes]:
    """The JPEG without metadata. Raises DamagedAttachment when it ends before its end marker."""
    yield data[:2]
    position = 2
    orientation: int | None = None
    while True:
        marker, start, position = _segment(data, position)
        if marker == _END:
            yield b"\xff\xd9"
            return
        if marker == _APP1 and data.startswith(_EXIF, start + 4) and orientation is None:
            orientation = _orientation(data[start + 4 + len(_EXIF) : position])
            if orientation is not None:
                yield _orientation_segment(orientation)
        elif _is_kept(marker, data[start + 4 : start + 16]):
            yield data[start:position]
        if marker == _START_OF_SCAN:
            scan = _NEXT_MARKER.search(data, position)
            if scan is None:
                raise DamagedAttachment
            yield data[position : scan.start()]
            position = scan.start()


def _segment(data: bytes, position: int) -> tuple[int, int, int]:
    """Marker, start and end of the segment at this position; fill bytes before it are skipped."""
    while data[position : position + 2] == b"\xff\xff":
        position += 1
    if len(data) < position + 2 or data[position] != 0xFF:
        raise DamagedAttachment
    marker = data[position + 1]
    if marker == _END or marker in _STANDALONE:
        return marker, position, position + 2
    if len(data) < position + 4:
        raise DamagedAttachment
    length = int.from_bytes(data[position + 2 : position + 4])
    end = position + 2 + length
    if length < 2 or end > len(data):
        raise DamagedAttachment
    return marker, position, end


def _is_kept(marker: int, beginning: bytes) -> bool:
    """Frame, tables, scans, and of the application segments those that tell how to show the colours."""
    if marker == _APP0:
        return beginning.startswith(b"JFIF\x00")
    if marker == _APP2:
        return beginning.startswith(b"ICC_PROFILE\x00")
    if marker == _APP14:
        return beginning.startswith(b"Adobe")
    return 0xC0 <= marker <= 0xDF


def _orientation(tiff: bytes) -> int | None:
    """The orientation (2 to 8) in the first directory of an Exif block; None for the usual one or when unreadable."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return None
    (at,) = struct.unpack_from(f"{order}L", tiff, 4)
    if at + 2 > len(tiff):
        return None
    (entries,) = struct.unpack_from(f"{order}H", tiff, at)
    for entry in range(at + 2, min(at + 2 + 12 * entries, len(tiff) - 11), 12):
        tag, kind, count, value = struct.unpack_from(f"{order}HHLH", tiff, entry)
        if tag == _ORIENTATION:
            return value if kind == 3 and count == 1 and 2 <= value <= 8 else None
    return None


def _orientation_segment(orientation: int) -> bytes:
    """An Exif segment that says nothing but how to turn the picture."""
    tiff = struct.pack(">2sHLHHHLHHL", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    return struct.pack(">BBH", 0xFF, _APP1, 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def clean_png(data: bytes) -> Iterator[bytes]:
    """The PNG without text, time and Exif chunks. Raises DamagedAttachment on a wrong checksum or without an end."""
    yield _PNG_SIGNATURE
    position = len(_PNG_SIGNATURE)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        end = position + 12 + length
        name = data[position + 4 : position + 8]
        if end > len(data) or zlib.crc32(data[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end]):
            raise DamagedAttachment
        if name in _PNG_KEPT:
            yield data[position:end]
        if name == b"IEND":
            return
        position = end
    raise DamagedAttachment
