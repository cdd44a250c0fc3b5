"""The small rules of cases on their lines: who signed until when, which survey counts, one person alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from contracts.decision import Answer, ParameterUsed
from contracts.month import Month
from contracts.parameters import ParameterBook, ParameterValue
from contracts.procedure import Vote
from services.monitoring.domain import errors
from services.monitoring.domain.case import Case
from services.monitoring.domain.case_deadlines import limits_of, look_on, tell_deadlines
from services.monitoring.domain.case_parts import Authorization, Limits, Origin
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.elimination import check_resolution
from services.monitoring.domain.identification import ClassFacts, class_finding
from services.monitoring.domain.ids import CaseId, HouseholdId, MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKey, IncomeKind
from services.monitoring.domain.income_observations import SURVEY, observe, stable, stated
from services.monitoring.domain.parameters import load_seed
from services.monitoring.domain.survey import Survey, TwelveMonths, newest

DAY = date(2024, 3, 12)
BOOK = ParameterBook(load_seed())
LINE = BOOK.find("monitoring.income-line", DAY, "150623100200")


def a_survey(on: date = DAY, last: Month = Month(2024, 2), wage: str = "7500.00", number: str = "a") -> Survey:
    zero = Decimal(0)
    return Survey(
        id=number,
        household_id=HouseholdId("h"),
        case_id=None,
        division="150623100200",
        surveyed_on=on,
        surveyors=("one", "two"),
        members=1,
        income=TwelveMonths(
            last=last, wage=Decimal(wage), production=zero, property_income=zero, transfer=zero, production_cost=zero
        ),
    )


@pytest.mark.parametrize(
    ("day", "holds"),
    [(date(2024, 3, 11), False), (DAY, True), (date(2024, 3, 20), True), (date(2024, 3, 21), False)],
)
def test_an_authorisation_holds_from_its_signature_to_its_last_day(day: date, holds: bool) -> None:
    given = Authorization(
        signed_on=DAY, expires_on=date(2024, 3, 20), scope=("vehicles",), adults=(MemberId("m"),), attachments=()
    )
    assert given.holds(day) is holds


def test_the_newest_survey_made_by_a_day_counts() -> None:
    older, newer = a_survey(DAY, number="a"), a_survey(date(2024, 4, 1), number="b")
    assert newest([newer, older], DAY) is older
    assert newest([older, newer], date(2024, 4, 1)) is newer
    assert newest([older], date(2024, 3, 11)) is None


def test_a_survey_speaks_for_its_own_twelve_months() -> None:
    assert stated(Month(2024, 2), [a_survey()], 1) == {SURVEY: Decimal(7500)}
    assert stated(Month(2024, 2), [a_survey()], 2) == {SURVEY: Decimal(3750)}
    assert stated(Month(2024, 1), [a_survey()], 1) == {}
    assert stated(Month(2024, 2), [a_survey()], 0) == {}
    later = a_survey(date(2024, 3, 13), wage="9000.00", number="b")
    assert stated(Month(2024, 2), [later, a_survey()], 1) == {SURVEY: Decimal(9000)}
    silent = replace(a_survey(), income=TwelveMonths(last=Month(2024, 2), wage=Decimal(1)))
    assert stated(Month(2024, 2), [silent], 1) == {}, "what was not reported is not zero"


def entries(source: str, wage: str) -> list[IncomeEntry]:
    return [
        IncomeEntry(
            key=IncomeKey(
                household_id=HouseholdId("h"),
                member_id=None,
                kind=kind,
                first=Month(2023, 3),
                last=Month(2024, 2),
                source=source,
            ),
            amount=Decimal(wage if kind is IncomeKind.WAGE else "0"),
            recorded_on=DAY,
        )
        for kind in IncomeKind
        if kind is not IncomeKind.PER_CAPITA_NET
    ]


@pytest.mark.parametrize(
    ("order", "source"),
    [
        ((SURVEY, "home-visit"), SURVEY),
        (("home-visit", SURVEY), "home-visit"),
        ((), "home-visit"),
        (("x",), "home-visit"),
    ],
)
def test_where_sources_differ_their_order_decides_and_never_their_sum(order: tuple[str, ...], source: str) -> None:
    seen = observe(
        Month(2024, 2),
        entries=entries("home-visit", "8000.00"),
        surveys=[a_survey()],
        earners=(),
        members=1,
        line=LINE,
        order=order,
    )
    assert (seen.source, seen.per_capita) == (source, Decimal(7500) if source == SURVEY else Decimal(8000))


def test_of_a_month_end_at_which_nobody_is_counted_nothing_is_known() -> None:
    seen = observe(
        Month(2024, 2), entries=entries("x", "8000.00"), surveys=(), earners=(), members=0, line=LINE, order=()
    )
    assert (seen.per_capita, seen.answer) == (None, Answer.UNKNOWN)


def test_each_earners_own_entries_stand_in_for_the_households() -> None:
    of_two = [
        replace(entry, key=replace(entry.key, member_id=MemberId(who)))
        for who in ("a", "b")
        for entry in entries("home-visit", "7500.00")
    ]
    both = (MemberId("a"), MemberId("b"))

    def seen(entries: list[IncomeEntry]) -> Decimal | None:
        return observe(
            Month(2024, 2), entries=entries, surveys=(), earners=both, members=2, line=LINE, order=()
        ).per_capita

    assert seen(of_two) == Decimal(7500)
    assert seen(of_two[:5]) is None, "the other one's income is not known"


def test_one_month_end_below_is_a_no_and_one_unknown_is_unknown() -> None:
    def month_end(amount: str | None) -> Answer:
        return stable([replace(known, per_capita=None if amount is None else Decimal(amount)), known])

    known = observe(
        Month(2024, 2), entries=entries("x", "7500.00"), surveys=(), earners=(), members=1, line=LINE, order=()
    )
    assert (month_end("7500.00"), month_end("7499.99"), month_end(None)) == (Answer.YES, Answer.NO, Answer.UNKNOWN)
    assert stable([]) is Answer.UNKNOWN


def test_a_person_alone_is_a_household() -> None:
    alone = ClassFacts(
        household_type=HouseholdType.ORDINARY,
        members=1,
        net_income=Decimal("7499.99"),
        rigid_expenditure=None,
        by_incident=False,
    )
    assert class_finding(alone, LINE)[0] is MonitoredClass.MARGINAL
    assert class_finding(replace(alone, members=0), LINE)[1].answer is Answer.UNKNOWN


def test_who_is_entitled_alone_can_vote_and_nobody_cannot() -> None:
    one = Vote(entitled=1, present=1, in_favour=1, against=0, abstained=0)
    nobody = Vote(entitled=0, present=0, in_favour=0, against=0, abstained=0)
    assert one.is_quorate(Fraction(2, 3))
    assert not nobody.is_quorate(Fraction(2, 3))


def test_a_risk_is_gone_today_and_not_tomorrow() -> None:
    check_resolution("stably-removed", None, DAY, DAY)
    with pytest.raises(errors.DayInFuture):
        check_resolution("stably-removed", None, date(2024, 3, 13), DAY)
    with pytest.raises(errors.InvalidReason):
        check_resolution("naturally-gone", "luck", DAY, DAY)


def a_case() -> Case:
    def used(key: str) -> ParameterUsed:
        value: ParameterValue = BOOK.find(key, DAY, "")
        return ParameterUsed.of(value)

    return Case.open(
        case_id=CaseId("c"),
        household_id=HouseholdId("h"),
        division="150623100200",
        procedure_name="identification",
        order="plan",
        origin=Origin("flag", "f"),
        limits=Limits(total=used("monitoring.case.total-days"), near=used("monitoring.case.near-days")),
        by="somebody",
        on=DAY,
    )


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (date(2024, 3, 23), ()),
        (date(2024, 3, 24), ("total-near",)),
        (date(2024, 3, 26), ("total-near",)),
        (date(2024, 3, 27), ("total-missed",)),
    ],
)
def test_a_limit_is_near_three_days_before_and_missed_when_its_last_day_has_ended(
    ended: date, told: tuple[str, ...]
) -> None:
    case = a_case()
    tell_deadlines(case, ended)
    assert case.told == told
    tell_deadlines(case, ended)
    assert case.told == told, "once"


def test_a_limit_that_stands_still_is_not_told() -> None:
    case = a_case()
    assert look_on(case) == date(2024, 3, 24)
    case.course = case.course.paused(date(2024, 3, 14))
    assert look_on(case) is None
    assert list(limits_of(case, date(2024, 4, 30))) == []
    tell_deadlines(case, date(2024, 4, 30))
    assert case.told == ()
