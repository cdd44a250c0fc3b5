"""The table of fields names every heading of the national workbook and every code that its labels stand for."""

from pathlib import Path

import pytest

from contracts.files import national
from contracts.files.columns import Column

TABLE = (Path(__file__).parents[2] / "docs" / "national-fields.md").read_text(encoding="utf-8")
CODES = {
    **national.HOUSEHOLD_TYPES,
    **national.MONITORED_CLASSES,
    **national.RISKS,
    **national.HEALTH,
    **national.LABOUR,
    **national.ELIMINATION_MODES,
}
NUMBERED = {**national.RELATIONS, **national.SEXES, **national.ETHNICITIES, **national.EDUCATION}


@pytest.mark.parametrize("column", national.NATIONAL.columns, ids=lambda column: column.field)
def test_every_heading_is_in_the_table(column: Column) -> None:
    heading = column.heading
    if heading.startswith("致贫/返贫风险"):
        heading = "致贫/返贫风险1 … 致贫/返贫风险5"
    assert f"| {heading} |" in TABLE


@pytest.mark.parametrize(("label", "code"), CODES.items(), ids=CODES)
def test_every_code_stands_beside_its_label(label: str, code: str) -> None:
    assert f"{label} `{code}`" in TABLE


@pytest.mark.parametrize(("label", "code"), NUMBERED.items(), ids=NUMBERED)
def test_every_gb_code_stands_beside_its_label(label: str, code: str) -> None:
    assert f"{label} {code}" in TABLE or f"{label} `{code}`" in TABLE
