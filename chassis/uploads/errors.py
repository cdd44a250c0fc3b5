"""Why a file as a whole is refused. A malformed row is not here: it is a `RowFault` of a file that was read.

TooLarge
├── UploadTooLarge       more bytes than allowed
├── TooManyRows
└── TooManyColumns
Invalid
└── FileRefused
    ├── FileFormat         not the kind of file that it says it is
    ├── FileTruncated      it stops before its end
    ├── DigestMismatch     not the bytes that Content-Digest announced
    ├── WrongEncoding
    ├── HeadingMissing, HeadingDuplicate
    ├── TooManyFaults
    ├── ZipBomb            expands beyond all measure
    ├── WrongDimension     a sheet says or spans more cells than may be read
    └── WorkerDied, WorkerTimeout
"""

from collections.abc import Sequence

from contracts.decision import Because
from contracts.errors import FieldError, Invalid, TooLarge


class UploadTooLarge(TooLarge):
    code = "upload-too-large"
    title = Because(zh="文件过大", en="The file is larger than allowed")

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            Because(zh=f"上限为 {limit_bytes} 字节", en=f"At most {limit_bytes} bytes are accepted"),
            errors=(FieldError(code=self.code),),
        )


class TooManyRows(TooLarge):
    code = "too-many-rows"
    title = Because(zh="行数过多", en="The file has more rows than allowed")

    def __init__(self, limit_rows: int) -> None:
        super().__init__(
            Because(zh=f"最多 {limit_rows} 行", en=f"At most {limit_rows} rows are accepted"),
            errors=(FieldError(code=self.code, line=limit_rows),),
        )


class TooManyColumns(TooLarge):
    code = "too-many-columns"
    title = Because(zh="列数过多", en="The file has more columns than allowed")

    def __init__(self, limit_columns: int) -> None:
        super().__init__(
            Because(zh=f"最多 {limit_columns} 列", en=f"At most {limit_columns} columns are accepted"),
            errors=(FieldError(code=self.code),),
        )


class FileRefused(Invalid):
    """The whole file is refused and nothing of it is kept."""

    def __init__(
        self,
        detail: Because | None = None,
        *,
        line: int | None = None,
        columns: Sequence[str] = (),
    ) -> None:
        places = [FieldError(code=self.code, line=line, column=column) for column in columns]
        super().__init__(detail, errors=places or [FieldError(code=self.code, line=line)])


class FileFormat(FileRefused):
    code = "file-format"
    title = Because(zh="文件格式不符", en="Not a file of the expected format")


class FileTruncated(FileRefused):
    code = "file-truncated"
    title = Because(zh="文件不完整", en="The file stops before its end")


class DigestMismatch(FileRefused):
    code = "digest-mismatch"
    title = Because(zh="文件摘要不一致", en="The content does not match its Content-Digest")


class WrongEncoding(FileRefused):
    code = "encoding"
    title = Because(zh="文件编码无法识别", en="The text is neither UTF-8 nor GB18030")


class HeadingMissing(FileRefused):
    code = "heading-missing"
    title = Because(zh="缺少表头", en="Required headings are missing")


class HeadingDuplicate(FileRefused):
    code = "heading-duplicate"
    title = Because(zh="表头重复", en="A heading occurs twice")


class TooManyFaults(FileRefused):
    code = "too-many-faults"
    title = Because(zh="错误行过多", en="Too many malformed rows")


class ZipBomb(FileRefused):
    code = "zip-bomb"
    title = Because(zh="压缩内容异常膨胀", en="The workbook expands beyond all measure")


class WrongDimension(FileRefused):
    code = "dimension"
    title = Because(zh="工作表范围异常", en="A sheet spans more cells than may be read")


class WorkerDied(FileRefused):
    code = "worker-died"
    title = Because(zh="工作簿无法读取", en="Reading the workbook ended its process")


class WorkerTimeout(FileRefused):
    code = "worker-timeout"
    title = Because(zh="工作簿读取超时", en="Reading the workbook took too long")


REFUSALS: dict[str, type[FileRefused]] = {
    kind.code: kind for kind in (FileFormat, FileTruncated, ZipBomb, WrongDimension)
}
"""What the spreadsheet worker may report by code."""
