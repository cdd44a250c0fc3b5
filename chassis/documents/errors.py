"""Why a document cannot be had as it was asked for.

DomainError
├── NotAcceptable        neither HTML nor PDF was asked for                              406
│   └── NoPdf
│       ├── NoDocumentFont     there is no font that could be embedded; HTML can be had
│       └── CharacterMissing   the font lacks a character of this document; HTML can be had
└── PrintingBusy         more documents wait than are worth waiting for                  503
"""

from contracts.decision import Because
from contracts.errors import DomainError


class NotAcceptable(DomainError):
    status = 406
    code = "not-acceptable"
    title = Because(zh="无法提供所需格式", en="Not acceptable")


class NoPdf(NotAcceptable):
    """The paper exists and can be read as HTML."""


class NoDocumentFont(NoPdf):
    code = "no-document-font"
    title = Because(zh="没有可用的中文字体，无法生成 PDF", en="There is no Chinese font, so there is no PDF")

    def __init__(self) -> None:
        super().__init__(
            Because(
                zh="请以网页（text/html）查看并打印；管理员可用 SHOUWANG_DOCUMENT_FONT 指定字体文件或目录",
                en="Read and print it as text/html; an administrator names a font file or folder "
                "in SHOUWANG_DOCUMENT_FONT",
            )
        )


class CharacterMissing(NoPdf):
    code = "character-missing"
    title = Because(zh="字体缺少本文书中的某个字，无法生成 PDF",
                    en="The font lacks a character of this document, so there is no PDF")  # fmt: skip

    def __init__(self) -> None:
        super().__init__(
            Because(
                zh="请以网页（text/html）查看并打印；管理员可用 SHOUWANG_DOCUMENT_FONT 指定收字更全的字体",
                en="Read and print it as text/html; an administrator names a larger font in SHOUWANG_DOCUMENT_FONT",
            )
        )


class PrintingBusy(DomainError):
    status = 503
    code = "printing-busy"
    title = Because(zh="正在生成的文书过多，请稍后再试", en="Too many documents are being made: try again soon")

    def __init__(self) -> None:
        super().__init__(retry_after_s=2)
