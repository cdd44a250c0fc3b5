"""What an attachment is, by its first bytes and never by its name or by what the sender says."""

from enum import StrEnum

from contracts.decision import Because
from contracts.errors import FieldError, Invalid

SIGNATURE_BYTES = 16


class AttachmentKind(StrEnum):
    """The media types that are accepted."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


class UnknownKind(Invalid):
    code = "attachment-type"
    title = Because(zh="附件类型不支持", en="This type of attachment is not accepted")

    def __init__(self) -> None:
        super().__init__(
            Because(zh="仅接受 JPEG、PNG 和 PDF", en="JPEG, PNG and PDF are accepted"),
            errors=(FieldError(code=self.code),),
        )


class DamagedAttachment(Invalid):
    code = "attachment-damaged"
    title = Because(zh="附件已损坏", en="The attachment is damaged or cut off")

    def __init__(self) -> None:
        super().__init__(errors=(FieldError(code=self.code),))


def kind_of(first_bytes: bytes) -> AttachmentKind:
    """Raises UnknownKind for anything but JPEG, PNG and PDF."""
    if first_bytes.startswith(b"\xff\xd8\xff"):
        return AttachmentKind.JPEG
    if first_bytes.startswith(b"\x89PNG\r\n\x1a\n"):
        return AttachmentKind.PNG
    if first_bytes.startswith(b"%PDF-"):
        return AttachmentKind.PDF
    raise UnknownKind
