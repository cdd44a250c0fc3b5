"""Attachments: typed by content, stored whole or not at all, without the place where a picture was taken."""

import asyncio
import hashlib
import struct
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from chassis.attachments.kinds import AttachmentKind, DamagedAttachment, UnknownKind
from chassis.attachments.pictures import clean_jpeg, clean_png
from chassis.attachments.store import AttachmentExists, FileStore, NoSuchAttachment
from chassis.uploads.errors import DigestMismatch, FileTruncated, UploadTooLarge
from chassis.uploads.intake import Announced
from contracts.errors import DomainError

PLACE = b"N39.5 E107.4 planted"
PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def exif(orientation: int, order: str = "<") -> bytes:
    """An Exif block as a phone writes it: orientation, a pointer to the place, the place."""
    beginning = b"II*\x00" if order == "<" else b"MM\x00*"
    entries = struct.pack(f"{order}H", 2) + struct.pack(f"{order}HHLHH", 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(f"{order}HHLL", 0x8825, 4, 1, 38) + struct.pack(f"{order}L", 0)
    return b"Exif\x00\x00" + beginning + struct.pack(f"{order}L", 8) + entries + PLACE


SCAN = b"\x12\xff\x00\x34\xff\xd0\x56"
FRAME = segment(0xDB, bytes(65)) + segment(0xC0, bytes(15)) + segment(0xC4, bytes(20))
SCANS = segment(0xDA, bytes(10)) + SCAN + segment(0xC4, b"second") + segment(0xDA, bytes(6)) + SCAN
JFIF = segment(0xE0, b"JFIF\x00" + bytes(9))
COLOURS = segment(0xE2, b"ICC_PROFILE\x00" + bytes(20)) + segment(0xEE, b"Adobe" + bytes(7))
PICTURE = JFIF + COLOURS + FRAME + SCANS


def jpeg(*metadata: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(metadata) + PICTURE + b"\xff\xd9"


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))


PNG_START = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13))
PNG_REST = chunk(b"IDAT", zlib.compress(b"\x00")) + chunk(b"IEND", b"")


async def body(data: bytes, size: int = 5) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "attachments", max_bytes=10_000, idle_seconds=20)


async def content(store: FileStore, attachment_id: UUID) -> bytes:
    return b"".join([piece async for piece in store.read(attachment_id)])


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(), AttachmentKind.JPEG),
        (PNG_START + PNG_REST, AttachmentKind.PNG),
        (PDF, AttachmentKind.PDF),
    ],
)
async def test_what_is_stored_is_read_back_with_its_hash(
    store: FileStore, tmp_path: Path, data: bytes, kind: AttachmentKind
) -> None:
    attachment_id = uuid4()
    stored = await store.put(attachment_id, body(data), Announced(content_length=len(data)))
    digest = hashlib.sha256(data).hexdigest()
    assert (stored.kind, stored.size, stored.sha256, stored.received_sha256) == (kind, len(data), digest, digest)
    assert await content(store, attachment_id) == data
    assert len(files(tmp_path)) == 1


async def test_a_picture_is_stored_without_its_place_and_both_hashes_are_known(store: FileStore) -> None:
    data, attachment_id = jpeg(segment(0xE1, exif(1))), uuid4()
    stored = await store.put(attachment_id, body(data), Announced())
    kept = await content(store, attachment_id)
    assert kept == jpeg()
    assert stored.sha256 == hashlib.sha256(kept).hexdigest()
    assert stored.received_sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "metadata",
    [
        segment(0xE1, exif(1)),
        segment(0xE1, exif(1, ">")),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + PLACE),
        segment(0xED, b"Photoshop 3.0\x00" + PLACE),
        segment(0xE2, b"MPF\x00" + PLACE),
        segment(0xE0, b"JFXX\x00" + PLACE),
        segment(0xFE, PLACE),
        b"\xff" + segment(0xFE, PLACE),
    ],
)
def test_a_jpeg_keeps_the_picture_and_nothing_beside_it(metadata: bytes) -> None:
    assert b"".join(clean_jpeg(jpeg(metadata) + b"\xff\xd8trailer" + PLACE)) == jpeg()


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", [2, 6, 8])
def test_a_jpeg_keeps_its_orientation_alone(order: str, orientation: int) -> None:
    cleaned = b"".join(clean_jpeg(jpeg(segment(0xE1, exif(orientation, order)))))
    assert PLACE not in cleaned
    once_more = b"".join(clean_jpeg(cleaned))
    assert once_more == cleaned
    assert cleaned[:4] == b"\xff\xd8\xff\xe1"
    assert struct.unpack_from(">HHLH", cleaned, 4 + 2 + 6 + 10) == (0x0112, 3, 1, orientation)


@pytest.mark.parametrize("orientation", [0, 9])
def test_an_orientation_that_does_not_exist_is_dropped(orientation: int) -> None:
    assert b"".join(clean_jpeg(jpeg(segment(0xE1, exif(orientation))))) == jpeg()


@pytest.mark.parametrize("cut", [len(b"Exif\x00\x00"), 10, 16, 25])
def test_an_exif_block_that_breaks_off_is_dropped(cut: int) -> None:
    assert b"".join(clean_jpeg(jpeg(segment(0xE1, exif(6)[:cut])))) == jpeg()


def test_a_jpeg_that_is_cut_off_anywhere_is_damaged() -> None:
    data = jpeg(segment(0xE1, exif(6)))
    for end in range(3, len(data)):
        with pytest.raises(DamagedAttachment):
            b"".join(clean_jpeg(data[:end]))


@pytest.mark.parametrize("name", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"prVt"])
def test_a_png_keeps_the_picture_and_nothing_beside_it(name: bytes) -> None:
    data = PNG_START + chunk(name, PLACE) + PNG_REST + PLACE
    assert b"".join(clean_png(data)) == PNG_START + PNG_REST


def test_a_png_that_is_cut_off_or_changed_is_damaged() -> None:
    data = PNG_START + PNG_REST
    for end in range(8, len(data)):
        with pytest.raises(DamagedAttachment):
            b"".join(clean_png(data[:end]))
    with pytest.raises(DamagedAttachment):
        b"".join(clean_png(data.replace(b"IDAT", b"IDAX")))


@pytest.mark.parametrize(
    ("data", "announced", "refusal"),
    [
        (b"GIF89a" + bytes(20), Announced(), UnknownKind),
        (b"PK\x03\x04" + bytes(20), Announced(), UnknownKind),
        (b"<svg>", Announced(), UnknownKind),
        (b"", Announced(), UnknownKind),
        (PDF[:-7], Announced(), DamagedAttachment),
        (jpeg()[:-2], Announced(), DamagedAttachment),
        (PDF, Announced(content_length=len(PDF) + 1), FileTruncated),
        (PDF, Announced(content_digest="sha-256=:" + "A" * 43 + "=:"), DigestMismatch),
        (PDF + bytes(10_000), Announced(), UploadTooLarge),
    ],
)
async def test_what_is_refused_leaves_nothing(
    store: FileStore, tmp_path: Path, data: bytes, announced: Announced, refusal: type[DomainError]
) -> None:
    attachment_id = uuid4()
    with pytest.raises(refusal):
        await store.put(attachment_id, body(data), announced)
    assert files(tmp_path) == []
    with pytest.raises(NoSuchAttachment):
        await content(store, attachment_id)


async def test_a_kind_that_is_not_accepted_is_refused_before_the_rest_is_read(store: FileStore) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"GIF89a"

    with pytest.raises(UnknownKind):
        await store.put(uuid4(), endless(), Announced())
    assert sent == 3


async def test_an_id_is_used_once_and_what_was_cited_stays(store: FileStore, tmp_path: Path) -> None:
    attachment_id = uuid4()
    others = (PDF, jpeg(), PNG_START + PNG_REST)
    results = await asyncio.gather(
        *(store.put(attachment_id, body(data), Announced()) for data in others), return_exceptions=True
    )
    assert sum(isinstance(result, AttachmentExists) for result in results) == 2
    (stored,) = [result for result in results if not isinstance(result, BaseException)]
    assert hashlib.sha256(await content(store, attachment_id)).hexdigest() == stored.sha256
    assert len(files(tmp_path)) == 1


async def test_a_removed_attachment_is_gone_and_can_be_removed_again(store: FileStore, tmp_path: Path) -> None:
    attachment_id = uuid4()
    await store.put(attachment_id, body(PDF), Announced())
    await store.remove(attachment_id)
    await store.remove(attachment_id)
    assert files(tmp_path) == []
