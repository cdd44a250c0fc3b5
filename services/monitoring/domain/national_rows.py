"""A household as the national system's workbook has it: one row a member, the household's columns repeated.

The counterpart of the import, under the same headings and labels (facts.md 2.10). What the workbook has no label for
is left empty, and an empty cell clears nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from contracts.decision import Answer
from contracts.files import national
from services.monitoring.domain.circumstances import Guarantee
from services.monitoring.domain.household import Household
from services.monitoring.domain.income import IncomeEntry, IncomeKind
from services.monitoring.domain.member import Member

Cell = str | int | Decimal | date | bool | None

HEADINGS = tuple(column.heading for column in national.NATIONAL.columns)
_FIELDS = tuple(column.field for column in national.NATIONAL.columns)
_INCOME_FIELDS = {kind: kind.value.replace("-", "_") for kind in IncomeKind}


def _labels(codes: Mapping[str, str]) -> dict[str, str]:
    return {code: label for label, code in codes.items()}


_TYPES, _CLASSES, _RISKS = (
    _labels(codes) for codes in (national.HOUSEHOLD_TYPES, national.MONITORED_CLASSES, national.RISKS)
)
_MODES, _RELATIONS, _SEXES = (
    _labels(codes) for codes in (national.ELIMINATION_MODES, national.RELATIONS, national.SEXES)
)
_ETHNICITIES, _EDUCATION = _labels(national.ETHNICITIES), _labels(national.EDUCATION)
_HEALTH, _LABOUR = _labels(national.HEALTH), _labels(national.LABOUR)


def rows_of(household: Household, incomes: Sequence[IncomeEntry]) -> list[tuple[Cell, ...]]:
    """The rows of the members who are counted now. `incomes` are the household's standing entries."""
    shared = household_cells(household, incomes)
    return [
        tuple({**shared, **member_cells(member)}.get(field) for field in _FIELDS)
        for member in household.present_members
    ]


def household_cells(household: Household, incomes: Sequence[IncomeEntry], year: int | None = None) -> dict[str, Cell]:
    """What every row of the household repeats, with the income of a calendar year (None: the newest) if known."""
    return {**_household_cells(household), **_income_cells(incomes, year), **_monitoring_cells(household)}


def _household_cells(household: Household) -> dict[str, Cell]:
    housing = _secured(household.guarantees.housing)
    return {
        "national_no": household.national_no,
        "division": household.division,
        "household_type": _TYPES[household.types.present.value],
        "resettlement_site": household.sites.present,
        "dangerous_house": None if housing is None else not housing,
        "safe_water": _secured(household.guarantees.water),
        "education_secured": _secured(household.guarantees.education),
        "medical_secured": _secured(household.guarantees.medical),
    }


def _secured(guarantee: Guarantee) -> bool | None:
    return None if guarantee.secured is Answer.UNKNOWN else guarantee.secured is Answer.YES


def member_cells(member: Member) -> dict[str, Cell]:
    details = member.details
    return {
        "name": details.name,
        "resident_id": details.resident_id,
        "relation": _RELATIONS.get(details.relation),
        "sex": _SEXES.get(details.sex or ""),
        "born_on": details.born_on,
        "ethnicity": _ETHNICITIES.get(details.ethnicity or ""),
        "education": _EDUCATION.get(details.education or ""),
        "schooling": details.schooling,
        "health": _HEALTH.get(details.health or ""),
        "labour": _LABOUR.get(details.labour or ""),
        "phone": details.phone,
    }


def _income_cells(entries: Sequence[IncomeEntry], year: int | None) -> dict[str, Cell]:
    """The household's own figures of a calendar year; of two sources the one that was recorded last."""
    yearly = [
        entry
        for entry in entries
        if entry.key.member_id is None
        and (entry.key.first.number, entry.key.last.number) == (1, 12)
        and entry.key.first.year == entry.key.last.year
    ]
    if not yearly:
        return {}
    year = year or max(entry.key.first.year for entry in yearly)
    newest = sorted((e for e in yearly if e.key.first.year == year), key=lambda e: (e.recorded_on, e.key.source))
    return {"income_year": year, **{_INCOME_FIELDS[entry.key.kind]: entry.amount for entry in newest}}


def _monitoring_cells(household: Household) -> dict[str, Cell]:
    monitored_class = household.classes.present
    if not household.monitored or monitored_class is None:
        return _risk_cells(household)
    span = household.monitored[-1]
    return {
        **_risk_cells(household),
        "monitored_class": _CLASSES[monitored_class.value],
        "identified_month": span.since.compact,
        "risk_eliminated": span.ended is not None,
        "eliminated_month": None if span.ended is None else span.ended.compact,
        "elimination_mode": None if span.how is None else _MODES.get(span.how.value),
    }


def _risk_cells(household: Household) -> dict[str, Cell]:
    named = {f"risk_{rank}": _RISKS.get(risk.code) for rank, risk in enumerate(household.risks, 1)}
    return {**named, "risk_remark": next((risk.remark for risk in household.risks if risk.remark), None)}
