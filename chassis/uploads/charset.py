"""Turns the bytes of a CSV file into UTF-8 with bare line feeds, whatever the bureau's program wrote.

UTF-8 (with or without byte order mark) and GB18030 (with its subsets GBK and GB2312) are read; a file that names no
charset is taken for UTF-8 when its beginning is valid UTF-8, otherwise for GB18030.
"""

import codecs

from chassis.uploads.errors import FileFormat, WrongEncoding
from contracts.decision import Because

SAMPLE_BYTES = 64 * 1024
_NAMES = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8",
    "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030", "cp936": "gb18030",
}  # fmt: skip
_OTHER_FORMATS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"\x1f\x8b")


def detect(sample: bytes, named: str | None) -> str:
    """The charset of a file that begins with `sample`; `named` is the media type's parameter, if it has one.

    A byte order mark outweighs the parameter. Raises WrongEncoding, and FileFormat for a workbook sent as CSV.
    """
    if sample.startswith(_OTHER_FORMATS):
        raise FileFormat(Because(zh="这不是 CSV 文件", en="This is not a CSV file"))
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise WrongEncoding(Because(zh="请用 UTF-8 另存", en="UTF-16 is not read; save the file as UTF-8"))
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if named is not None:
        charset = _NAMES.get(named.strip().strip('"').lower())
        if charset is None:
            raise WrongEncoding(Because(zh="不支持该字符集", en="This charset is not read"))
        return charset
    for charset in ("utf-8", "gb18030"):
        try:
            codecs.getincrementaldecoder(charset)().decode(sample)
        except UnicodeDecodeError:
            continue
        return charset
    raise WrongEncoding


class Utf8Lines:
    """Feeds on raw bytes and gives valid UTF-8 in which every line ends with a line feed alone."""

    def __init__(self, charset: str) -> None:
        self._utf8 = charset == "utf-8"
        self._decoder = codecs.getincrementaldecoder(charset)()
        self._first = True
        self._held_cr = b""
        self._lines = 0

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """What can be passed on; raises WrongEncoding with the line at which the text breaks off."""
        try:
            text = self._decoder.decode(data, final)
        except UnicodeDecodeError as error:
            line = self._lines + bytes(error.object[: error.start]).count(b"\n") + 1
            raise WrongEncoding(line=line) from error
        # UTF-8 passes through as it came: decoding it has proved it valid, and encoding again would cost as much.
        data = data if self._utf8 else text.encode()
        self._lines += data.count(b"\n")
        if self._first and data:
            self._first = False
            data = data.removeprefix(codecs.BOM_UTF8)
        data = self._held_cr + data
        self._held_cr = b""
        if data.endswith(b"\r") and not final:
            data, self._held_cr = data[:-1], b"\r"
        return data.replace(b"\r\n", b"\n")
