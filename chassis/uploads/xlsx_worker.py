"""The process that reads one workbook: `python -m chassis.uploads.xlsx_worker FILE LIMITS`, CSV on standard output.

It binds its own memory before it opens anything, so that whatever a workbook provokes ends here. Exit status 0: done;
3: refused, with the error code and detail as one line of JSON on standard error; anything else: it died.
"""

import csv
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TextIO

from chassis.uploads.errors import FileFormat, FileRefused
from chassis.uploads.limits import UploadLimits
from chassis.uploads.xlsx_guard import guard
from contracts.decision import Because

REFUSED = 3
_EXACT = 10**15
"""From here on Excel has no exact digits: an id that became such a number has lost its last ones."""

Value = int | float | str | bool | date | datetime | time | timedelta


def main() -> int:
    path, settings = Path(sys.argv[1]), json.loads(sys.argv[2])
    limits = UploadLimits(**{**settings, "spool": Path(settings["spool"])})
    confine(limits)
    try:
        guard(path, limits)
        write_csv(path, sys.stdout)
    except FileRefused as refusal:
        detail = refusal.detail.model_dump() if refusal.detail else None
        sys.stderr.write(json.dumps({"code": refusal.code, "detail": detail}))
        return REFUSED
    return 0


def confine(limits: UploadLimits) -> None:
    """Address space, processor time, no core dump (it would hold personal data), no files beyond the pipe."""
    seconds = int(limits.worker_seconds) + 1
    resource.setrlimit(resource.RLIMIT_AS, (limits.worker_address_space, limits.worker_address_space))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def write_csv(path: Path, output: TextIO) -> None:
    """The first visible sheet of a workbook, row by row. Raises FileFormat when the library cannot read it."""
    # Imported late: the limits are set before native code is loaded.
    from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        workbook = CalamineWorkbook.from_path(path)
        sheets = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not sheets:
            raise FileFormat(Because(zh="没有可见的工作表", en="The workbook has no visible sheet"))
        sheet = workbook.get_sheet_by_name(sheets[0])
    except CalamineError as error:
        raise FileFormat(Because(zh="工作簿无法读取", en="The workbook cannot be read")) from error
    output.reconfigure(encoding="utf-8", newline="", errors="replace")  # type: ignore[attr-defined]
    writer = csv.writer(output, lineterminator="\n")
    # Rows above the first filled one count, so that line numbers are those that Excel shows.
    for _ in range(sheet.start[0] if sheet.start else 0):
        output.write("\n")
    writer.writerows([cell_text(value) for value in row] for row in sheet.iter_rows())
    output.flush()


def cell_text(value: Value) -> str:
    """A cell as our CSV readers expect it: real dates in ISO form, whole numbers as digits.

    A number beyond Excel's fifteen digits is written as 1.10105E+17: readers report it, nobody takes it for an id.
    """
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, float):
        if abs(value) >= _EXACT:
            return f"{value:.5E}"
        return str(int(value)) if value.is_integer() else f"{value:.15g}"
    if isinstance(value, int):
        return str(value) if abs(value) < _EXACT else f"{value:.5E}"
    return value.isoformat() if isinstance(value, date | time) else str(value)


if __name__ == "__main__":
    sys.exit(main())
