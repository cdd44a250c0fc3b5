"""The registry as a workbook or CSV of the national system: one row a member, household columns repeated."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from contracts.files.national import NATIONAL
from sampletown.file_writing import write_csv, write_workbook
from sampletown.household import Household, Income, Member, Monitoring
from sampletown.row import CellValue

HEADINGS = tuple(column.heading for column in NATIONAL.columns)


def national_rows(households: Iterable[Household]) -> Iterator[tuple[CellValue, ...]]:
    """The rows of households in the order of the national columns."""
    for household in households:
        shared = _household_cells(household) | _income_cells(household.income)
        shared |= _monitoring_cells(household.monitoring)
        for member in household.members:
            cells = shared | _member_cells(member)
            yield tuple(cells.get(column.field) for column in NATIONAL.columns)


def _yes_no(answer: bool) -> str:
    return "是" if answer else "否"


def _household_cells(household: Household) -> dict[str, CellValue]:
    return {
        "national_no": household.national_no,
        "division": household.division,
        "household_type": household.household_type,
        "resettlement_site": household.site,
        "dangerous_house": _yes_no(household.dangerous_house),
        "safe_water": _yes_no(household.safe_water),
        "education_secured": "是",
        "medical_secured": "是",
    }


def _member_cells(member: Member) -> dict[str, CellValue]:
    return {
        "name": member.name,
        "resident_id": member.resident_id,
        "relation": member.relation,
        "sex": member.sex,
        "born_on": member.born_on,
        "ethnicity": member.ethnicity,
        "education": member.education,
        "schooling": member.schooling,
        "health": member.health,
        "labour": member.labour,
        "phone": member.phone,
    }


def _income_cells(income: Income) -> dict[str, CellValue]:
    return {
        "income_year": income.year,
        "wage": income.wage,
        "production": income.production,
        "property": income.property_income,
        "transfer": income.transfer,
        "production_cost": income.production_cost,
        "per_capita_net": income.per_capita_net,
    }


def _monitoring_cells(monitoring: Monitoring | None) -> dict[str, CellValue]:
    if monitoring is None:
        return {}
    eliminated = monitoring.eliminated_month
    risks: dict[str, CellValue] = {f"risk_{rank}": risk for rank, risk in enumerate(monitoring.risks, start=1)}
    return risks | {
        "monitored_class": monitoring.monitored_class,
        "identified_month": monitoring.identified_month.compact,
        "risk_remark": monitoring.risk_remark,
        "risk_eliminated": _yes_no(monitoring.eliminated),
        "eliminated_month": eliminated.compact if eliminated else "",
        "elimination_mode": monitoring.elimination_mode,
    }


def write_national_csv(path: Path, households: Iterable[Household]) -> None:
    with path.open("wb") as target:
        write_csv(target, encoding="utf-8-sig", lines=_with_headings(households))


def write_national_workbook(path: Path, households: Iterable[Household]) -> None:
    """Refused by spreadsheets beyond 1,048,576 rows; larger places are written as CSV."""
    with path.open("wb") as target:
        write_workbook(target, title_rows=(), lines=_with_headings(households), columns=len(HEADINGS))


def _with_headings(households: Iterable[Household]) -> Iterator[tuple[CellValue, ...]]:
    yield HEADINGS
    yield from national_rows(households)
