"""What is wrong with the cells of a staged file: line, column and code, never the value; and the cells as values.

Set-based, one pass over the rows. The text of the statements is made from the layout, not from the file.
"""

from chassis.uploads.cells import READERS
from chassis.uploads.copy import StagedFile
from contracts.files.columns import Cell, Column


def cell_problems(staged: StagedFile) -> str:
    """A query that gives `line`, `heading`, `code` for every cell that cannot be read.

    Codes: `cell-blank` (required), `cell-date`, `cell-month`, `cell-yuan`, `cell-number`, `cell-yes-no`, `cell-code`,
    and for resident ids what contracts.resident_id says, or `id-number-format`.
    """
    pairs = [(column, _problem(column)) for column in staged.layout.columns if column not in staged.heading.absent]
    found = [(column, problem) for column, problem in pairs if problem]
    values = ", ".join(f"({_literal(column.heading)}, {problem})" for column, problem in found)
    return (
        f"SELECT file.line, cell.heading, cell.code FROM {staged.table} AS file"
        f" CROSS JOIN LATERAL (VALUES {values}) AS cell (heading, code)"
        f" WHERE cell.code IS NOT NULL ORDER BY file.line"
    )


def read_columns(staged: StagedFile, alias: str = "file") -> str:
    """The select list that reads every field of the layout: NULL where blank, absent or unreadable."""
    return ", ".join(
        f'chassis.{READERS[column.cell].__name__}({alias}."{column.field}") AS "{column.field}"'
        for column in staged.layout.columns
    )


def _problem(column: Column) -> str | None:
    cell = f'file."{column.field}"'
    when: list[str] = []
    if column.required:
        when.append(f"WHEN chassis.is_blank({cell}) THEN 'cell-blank'")
    if column.cell is Cell.RESIDENT_ID:
        return (
            f"CASE {' '.join(when)} ELSE chassis.resident_id_problem({cell}) END"
            if when
            else (f"chassis.resident_id_problem({cell})")
        )
    if column.cell is Cell.CODE:
        labels = ", ".join(map(_literal, column.codes))
        when.append(f"WHEN chassis.read_text({cell}) NOT IN ({labels}) THEN 'cell-code'")
    elif column.cell is not Cell.TEXT:
        reader = READERS[column.cell].__name__
        when.append(f"WHEN chassis.{reader}({cell}) IS NULL AND NOT chassis.is_blank({cell}) THEN 'cell-{column.cell}'")
    return f"CASE {' '.join(when)} END" if when else None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
