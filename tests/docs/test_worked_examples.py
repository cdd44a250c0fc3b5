"""The numbers of docs/worked-examples.md, computed by the functions that decide."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from contracts.decision import Answer
from contracts.month import Month, months_between
from contracts.parameters import ParameterBook, ParameterValue
from contracts.procedure import Course, Vote
from services.monitoring.commands.tell_help_deadlines import DEVELOPMENTAL, FIRST, PLAN, due_on
from services.monitoring.domain.case_publicity import last_day
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.identification import ClassFacts, class_finding
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.income import IncomeEntry, IncomeKey, IncomeKind
from services.monitoring.domain.income_observations import observe
from services.monitoring.domain.parameters import load_seed

DOCS = Path(__file__).parents[2] / "docs"
BOOK = ParameterBook(load_seed())
LINE = BOOK.find("monitoring.income-line", date(2024, 4, 30), "150623100200")
KINDS = (IncomeKind.WAGE, IncomeKind.PRODUCTION, IncomeKind.PROPERTY, IncomeKind.TRANSFER, IncomeKind.PRODUCTION_COST)


def entry(kind: IncomeKind, first: Month, amount: str, last: Month | None = None) -> IncomeEntry:
    key = IncomeKey(
        household_id=HouseholdId("h"), member_id=None, kind=kind, first=first, last=last or first, source="home-visit"
    )
    return IncomeEntry(key=key, amount=Decimal(amount), recorded_on=date(2024, 10, 8))


def months(first: Month, last: Month, wage: str = "0.00") -> list[IncomeEntry]:
    """Every kind for every month; all but the wage are zero."""
    found, month = [], first
    while month <= last:
        found += [entry(kind, month, wage if kind is IncomeKind.WAGE else "0.00") for kind in KINDS]
        month = month.plus(1)
    return found


def per_head(month: Month, entries: list[IncomeEntry]) -> Decimal | None:
    return observe(month, entries=entries, surveys=(), earners=(), members=2, line=LINE, order=()).per_capita


def test_both_pages_tell_the_same_numbers() -> None:
    english, chinese = (rows_of(DOCS / f"worked-examples{name}.md") for name in ("", ".zh-CN"))
    assert len(english) > 10
    assert english == chinese


def rows_of(page: Path) -> list[list[str]]:
    """The first number of each row's first two cells, for rows that begin with one."""
    lines = page.read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1:3] for line in lines if re.match(r"\| [0-9]", line)]
    return [[number[0] for cell in row if (number := re.search(r"\d[\d,.-]*", cell))] for row in rows]


@pytest.mark.parametrize(
    ("first", "last", "between"),
    [("2024-03", "2024-03", 0), ("2024-03", "2024-04", 1), ("2024-03", "2024-08", 5), ("2024-03", "2024-09", 6),
     ("2023-11", "2024-05", 6)],
)  # fmt: skip
def test_months(first: str, last: str, between: int) -> None:
    assert months_between(Month.parse(first), Month.parse(last)) == between


def test_income_windows() -> None:
    april, september = Month(2024, 4), Month(2024, 9)
    assert per_head(april, months(Month(2023, 5), april, "1250.00")) == Decimal("7500.00")
    assert per_head(september, months(Month(2023, 10), september, "1249.99")) == Decimal("7499.94")
    assert per_head(april, months(Month(2023, 6), april, "1250.00")) is None


def test_the_herder() -> None:
    year = months(Month(2023, 5), Month(2024, 9))
    herd = [one for one in year if (one.key.kind, one.key.first) != (IncomeKind.PRODUCTION, Month(2023, 10))]
    herd.append(entry(IncomeKind.PRODUCTION, Month(2023, 10), "15000.00"))
    assert {per_head(Month(2024, number), herd) for number in range(4, 10)} == {Decimal("7500.00")}
    assert per_head(Month(2024, 10), herd) is None


def test_a_calendar_year_speaks_for_december() -> None:
    year = [entry(kind, Month(2023, 1), "1200.00", Month(2023, 12)) for kind in KINDS]
    assert per_head(Month(2023, 12), year) == Decimal(1800)
    assert per_head(Month(2023, 11), year) is None
    assert per_head(Month(2024, 1), year) is None


@pytest.mark.parametrize(
    ("household_type", "net", "spent", "found"),
    [
        ("ordinary", "14999.99", None, MonitoredClass.MARGINAL),
        ("relieved", "14999.99", None, MonitoredClass.UNSTABLE_RELIEVED),
        ("ordinary", "15000.00", "0.01", MonitoredClass.SUDDEN_HARDSHIP),
        ("ordinary", "15000.00", "0.00", None),
        ("ordinary", "30000.00", "26000.00", MonitoredClass.SUDDEN_HARDSHIP),
    ],
)
def test_the_class(household_type: str, net: str, spent: str | None, found: MonitoredClass | None) -> None:
    facts = ClassFacts(
        household_type=HouseholdType(household_type),
        members=2,
        net_income=Decimal(net),
        rigid_expenditure=None if spent is None else Decimal(spent),
        by_incident=False,
    )
    assert class_finding(facts, LINE)[0] is found


def test_an_incident_is_a_shock_and_unknown_income_is_unknown() -> None:
    rich = ClassFacts(
        household_type=HouseholdType.ORDINARY,
        members=2,
        net_income=Decimal(90000),
        rigid_expenditure=Decimal(0),
        by_incident=True,
    )
    assert class_finding(rich, LINE)[0] is MonitoredClass.SUDDEN_HARDSHIP
    unknown = ClassFacts(
        household_type=HouseholdType.ORDINARY, members=2, net_income=None, rigid_expenditure=None, by_incident=True
    )
    assert class_finding(unknown, LINE)[1].answer is Answer.UNKNOWN


@pytest.mark.parametrize(("present", "quorate"), [(19, False), (20, True)])
def test_the_quorum(present: int, quorate: bool) -> None:
    vote = Vote(entitled=30, present=present, in_favour=present, against=0, abstained=0)
    assert vote.is_quorate(Fraction(2, 3)) is quorate
    assert BOOK.find("monitoring.review.quorum", date(2024, 3, 12), "").fraction == Fraction(2, 3)


@pytest.mark.parametrize(("in_favour", "carried"), [(10, False), (11, True)])
def test_the_majority(in_favour: int, carried: bool) -> None:
    vote = Vote(entitled=30, present=20, in_favour=in_favour, against=20 - in_favour, abstained=0)
    assert vote.is_carried(BOOK.find("monitoring.review.majority", date(2024, 3, 12), "").fraction) is carried


@pytest.mark.parametrize(
    ("begins", "counted", "last"),
    [
        (date(2024, 3, 12), "days", date(2024, 3, 17)),
        (date(2024, 4, 1), "working-days", date(2024, 4, 9)),
        (date(2024, 2, 6), "working-days", date(2024, 2, 19)),
    ],
)
def test_publicity(begins: date, counted: str, last: date) -> None:
    days = BOOK.find("monitoring.publicity.days", begins, "")
    how = BOOK.find("monitoring.publicity.counted-in", begins, "")
    changed = ParameterValue(
        **{name: getattr(how, name) for name in ParameterValue.__slots__ if name != "value"}, value=counted
    )
    assert last_day(begins, days, changed).day == last


def test_the_limit_of_fifteen_days_stands_still() -> None:
    days = BOOK.find("monitoring.case.total-days", date(2024, 3, 12), "").whole
    course = Course.begin("identification", "plan", date(2024, 3, 12))
    assert course.due_on(days, date(2024, 3, 12)) == date(2024, 3, 27)
    paused = course.paused(date(2024, 3, 14)).resumed(date(2024, 3, 20))
    assert paused.due_on(days, date(2024, 3, 20)) == date(2024, 4, 2)


@pytest.mark.parametrize(
    ("registered", "limit", "due"),
    [
        (date(2024, 3, 18), PLAN, date(2024, 3, 28)),
        (date(2024, 3, 18), FIRST, date(2024, 4, 18)),
        (date(2024, 3, 18), DEVELOPMENTAL, date(2024, 9, 18)),
        (date(2024, 8, 31), DEVELOPMENTAL, date(2025, 2, 28)),
    ],
)
def test_limits_of_help(registered: date, limit: str, due: date) -> None:
    assert due_on(limit, registered, BOOK, date(2024, 9, 1), "150623100200") == due
