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
    headings = ", ".join(_literal(column.heading) for column, _ in found)
    problems = ", ".join(problem for _, problem in found)
    # Rows without a problem are dropped before anything is made of them. The rest is taken apart by unnest: a lateral
    # VALUES is prepared anew for every row and took 58 s for a million of them.
    return (
        f"SELECT file.line, cell.heading, cell.code FROM {staged.table} AS file"
        f" CROSS JOIN LATERAL unnest(ARRAY[{headings}], ARRAY[{problems}]) AS cell (heading, code)"
        f" WHERE coalesce({problems}) IS NOT NULL AND cell.code IS NOT NULL ORDER BY file.line"
    )


def read_columns(staged: StagedFile, alias: str = "file") -> str:
    """The select list that reads every field of the layout: NULL where blank, absent or unreadable."""
    return ", ".join(
        f'chassis.{READERS[column.cell].__name__}({alias}."{column.field}") AS "{column.field}"'
        for column in staged.layout.columns
    )


def _problem(column: Column) -> str | None:
    """The expression that gives the code of a cell's problem. What is usual is looked at first."""
    cell = f'file."{column.field}"'
    blank = f"WHEN chassis.is_blank({cell}) THEN {_literal('cell-blank') if column.required else 'NULL'}"
    if column.cell is Cell.TEXT:
        return f"CASE {blank} END" if column.required else None
    if column.cell is Cell.RESIDENT_ID:
        return f"CASE {blank} ELSE chassis.resident_id_problem({cell}) END"
    if column.cell is Cell.CODE:
        labels = ", ".join(map(_literal, column.codes))
        fits = f"{cell} IN ({labels}) OR chassis.read_text({cell}) IN ({labels})"
    else:
        fits = f"chassis.{READERS[column.cell].__name__}({cell}) IS NOT NULL"
    return f"CASE WHEN {fits} THEN NULL {blank} ELSE 'cell-{column.cell}' END"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
