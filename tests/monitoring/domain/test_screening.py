"""Every screening rule on its boundary: on the line, a fen to either side, the fact missing, the value missing.

The lines are written here a second time on purpose: a test that reads the seed would agree with any mistake in it.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import Answer
from contracts.parameters import NATION, ParameterBook, ParameterMissing, ParameterValue
from services.monitoring.domain.bounds import Bounds, Line, Operator
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.judgement import ScreeningFacts, ScreeningFinding
from services.monitoring.domain.parameters import load_seed
from services.monitoring.domain.screening import RULES, candidate_bounds, screen
from tests.builders import VILLAGE, a_book

DAY = date(2023, 12, 31)
LAST_DAY, DAY_AFTER = date(2025, 12, 31), date(2026, 1, 1)
BOOK = a_book()
YES, NO, UNKNOWN = Answer.YES, Answer.NO, Answer.UNKNOWN
RELIEVED, ORDINARY = HouseholdType.RELIEVED, HouseholdType.ORDINARY


def found(rule: str, day: date = DAY, book: ParameterBook = BOOK, **facts: Any) -> ScreeningFinding:
    judged = RULES[rule]
    return screen(
        judged,
        ScreeningFacts(**facts),
        book=book,
        period=judged.period_of(day, "N-1"),
        day=day,
        division=VILLAGE,
    )


def answer(rule: str, day: date = DAY, **facts: Any) -> Answer:
    return found(rule, day, **facts).crossed


@pytest.mark.parametrize(
    ("household_type", "amount", "crossed"),
    [
        (RELIEVED, "4999.99", NO),
        (RELIEVED, "5000.00", YES),
        (RELIEVED, "5000.01", YES),
        (ORDINARY, "5000.00", NO),
        (ORDINARY, "19999.99", NO),
        (ORDINARY, "20000.00", YES),
        (ORDINARY, "20000.01", YES),
        (None, "4999.99", NO),
        (None, "5000.00", UNKNOWN),
        (None, "19999.99", UNKNOWN),
        (None, "20000.00", YES),
    ],
)
def test_hospital_stays_count_from_the_line_of_the_households_type_on(
    household_type: HouseholdType | None, amount: str, crossed: Answer
) -> None:
    assert answer("medical-inpatient", household_type=household_type, amount=Decimal(amount)) is crossed


@pytest.mark.parametrize(("amount", "crossed"), [("499.99", NO), ("500.00", YES), ("500.01", YES)])
def test_outpatient_care_counts_from_the_line_on(amount: str, crossed: Answer) -> None:
    assert answer("medical-outpatient", amount=Decimal(amount)) is crossed


@pytest.mark.parametrize(("amount", "crossed"), [("9999.99", NO), ("10000.00", NO), ("10000.01", YES)])
def test_tuition_counts_above_the_line_and_not_on_it(amount: str, crossed: Answer) -> None:
    assert answer("tuition", amount=Decimal(amount)) is crossed


@pytest.mark.parametrize("rule", ["medical-inpatient", "medical-outpatient", "tuition"])
def test_an_amount_that_is_not_known_is_neither_zero_nor_above(rule: str) -> None:
    assert answer(rule, household_type=RELIEVED) is UNKNOWN
    assert answer(rule, household_type=RELIEVED, amount=Decimal(0)) is NO


@pytest.mark.parametrize(
    ("grade", "crossed"), [("A", NO), ("B", NO), ("C", YES), ("D", YES), (None, UNKNOWN), ("", UNKNOWN), ("E", UNKNOWN)]
)
def test_houses_of_grade_c_and_d_are_dangerous(grade: str | None, crossed: Answer) -> None:
    assert answer("housing", grade=grade) is crossed


def test_the_worse_grade_weighs_more() -> None:
    worse, better = found("housing", grade="D").amount, found("housing", grade="C").amount
    assert worse is not None
    assert better is not None
    assert worse > better


SAFE: dict[str, Any] = {
    "litres_per_day": Decimal(35),
    "quality_ok": True,
    "fetch_minutes": Decimal(20),
    "short_days": Decimal(36),
}


def test_water_on_all_four_lines_is_safe() -> None:
    assert answer("water", **SAFE) is NO


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("litres_per_day", Decimal("34.9")),
        ("quality_ok", False),
        ("fetch_minutes", Decimal("20.1")),
        ("short_days", Decimal(37)),
    ],
)
def test_one_failing_indicator_makes_water_unsafe_whatever_the_others_are(field: str, value: Any) -> None:
    assert answer("water", **{**SAFE, field: value}) is YES
    assert answer("water", **{field: value}) is YES


@pytest.mark.parametrize("missing", list(SAFE))
def test_water_is_not_called_safe_while_one_indicator_is_unknown(missing: str) -> None:
    assert answer("water", **{**SAFE, missing: None}) is UNKNOWN


def test_more_failing_indicators_weigh_more() -> None:
    assert found("water", quality_ok=False).amount == 1
    assert found("water", quality_ok=False, litres_per_day=Decimal(1)).amount == 2


def test_any_household_struck_by_a_disaster_counts_even_where_the_loss_is_not_known() -> None:
    assert answer("disaster") is YES
    assert found("disaster", amount=Decimal("0.01")).amount == Decimal("0.01")


@pytest.mark.parametrize(
    ("labour", "crossed"),
    [("ordinary", YES), ("skilled", YES), ("weak", YES), ("lost", NO), ("none", NO), (None, UNKNOWN)],
)
def test_a_lost_job_counts_for_members_who_are_able_to_work(labour: str | None, crossed: Answer) -> None:
    assert answer("job-loss", labour=labour) is crossed


@pytest.mark.parametrize(
    ("category", "monitored", "crossed"),
    [
        ("低保", False, YES),
        ("特困", False, YES),
        ("低保边缘", False, YES),
        ("刚性支出困难", False, YES),
        ("低保", True, NO),
        ("其他", False, NO),
        ("其他", None, NO),
        (None, True, NO),
        ("低保", None, UNKNOWN),
        (None, False, UNKNOWN),
    ],
)
def test_the_civil_affairs_list_counts_for_households_not_monitored(
    category: str | None, monitored: bool | None, crossed: Answer
) -> None:
    assert answer("civil-affairs", category=category, monitored=monitored) is crossed


@pytest.mark.parametrize("rule", ["self-declared", "cadre-reported", "socially-reported"])
def test_reported_hardship_flags_at_once_where_its_kind_is_listed(rule: str) -> None:
    assert answer(rule, kind="illness") is YES
    assert answer(rule, kind="low-motivation") is NO
    assert answer(rule) is UNKNOWN


def test_incidents_flag_at_once_where_their_kind_is_listed() -> None:
    assert answer("incident", kind="fire") is YES
    assert answer("incident", kind="other") is NO


def test_each_reported_kind_is_a_rule_of_its_own_so_that_one_does_not_hide_another() -> None:
    assert found("self-declared", kind="illness").rule == "self-declared-illness"
    assert found("self-declared", kind="housing").rule == "self-declared-housing"
    assert found("tuition", amount=Decimal(1)).rule == "tuition"


@pytest.mark.parametrize(
    ("rule", "day", "period"),
    [
        ("medical-inpatient", date(2023, 12, 31), "2023"),
        ("medical-inpatient", date(2024, 1, 1), "2024"),
        ("medical-outpatient", date(2024, 2, 29), "2024-02"),
        ("medical-outpatient", date(2024, 3, 1), "2024-03"),
        ("tuition", date(2024, 8, 31), "2023"),
        ("tuition", date(2024, 9, 1), "2024"),
        ("housing", date(2024, 3, 1), "N-1"),
        ("water", date(2024, 3, 1), "N-1"),
        ("disaster", date(2024, 3, 1), "N-1"),
        ("job-loss", date(2024, 3, 1), "N-1"),
        ("civil-affairs", date(2024, 3, 1), "N-1"),
        ("incident", date(2024, 3, 1), "N-1"),
        ("self-declared", date(2024, 3, 1), "2024-03"),
    ],
)
def test_every_rule_declares_its_period(rule: str, day: date, period: str) -> None:
    assert RULES[rule].period_of(day, "N-1").text == period


def test_a_single_event_has_no_period_without_its_number() -> None:
    with pytest.raises(ValueError, match="number of the event"):
        RULES["disaster"].period_of(DAY)


@pytest.mark.parametrize(
    ("rule", "clause"),
    [
        ("medical-inpatient", "M-1.1.2"),
        ("tuition", "M-1.1.2"),
        ("self-declared", "M-1.1.5"),
        ("cadre-reported", "M-1.1.6"),
        ("socially-reported", "M-1.1.7"),
        ("incident", "M-1.3.9"),
    ],
)
def test_a_finding_names_its_clause(rule: str, clause: str) -> None:
    assert found(rule, kind="fire", amount=Decimal(1)).finding.clause == clause


def test_a_finding_names_every_value_that_it_used_with_its_source() -> None:
    (used,) = found("medical-inpatient", household_type=RELIEVED, amount=Decimal(6000)).finding.parameters
    assert (used.key, used.value) == ("monitoring.screening.medical-inpatient.relieved", "5000.00")
    assert used.source
    assert used.sample
    both = found("medical-inpatient", amount=Decimal(6000)).finding.parameters
    assert len(both) == 2
    assert len(found("water", quality_ok=False).finding.parameters) == 3


def test_what_is_unknown_is_called_so_in_the_reason() -> None:
    for rule in ("housing", "job-loss", "civil-affairs", "self-declared"):
        because = found(rule).finding.because
        assert "未知" in because.zh or "?" in because.zh
        assert "unknown" in because.en or "?" in because.en
    assert "nothing" in found("water", **SAFE).finding.because.en
    assert "quality" in found("water", quality_ok=False).finding.because.en


def test_what_is_known_stands_in_the_reason() -> None:
    assert "grade D" in found("housing", grade="D").finding.because.en
    assert "weak" in found("job-loss", labour="weak").finding.because.en
    assert "低保" in found("civil-affairs", category="低保", monitored=False).finding.because.zh


def test_a_finding_says_why_in_both_languages() -> None:
    because = found("tuition", amount=Decimal("10000.01")).finding.because
    for said in (because.zh, because.en):
        assert "10000.01" in said
        assert "10000.00" in said
    assert "?" in found("tuition").finding.because.en


DISASTER_NEEDS_NOTHING = {"disaster"}


@pytest.mark.parametrize("rule", sorted(RULES.keys() - DISASTER_NEEDS_NOTHING))
def test_after_the_last_day_of_the_values_every_rule_refuses_instead_of_assuming(rule: str) -> None:
    facts = {"household_type": RELIEVED, "amount": Decimal(1), "kind": "fire"}
    assert answer(rule, LAST_DAY, **facts) in Answer
    with pytest.raises(ParameterMissing) as caught:
        answer(rule, DAY_AFTER, **facts)
    assert caught.value.ended_on == LAST_DAY


@pytest.mark.parametrize("rule", sorted(RULES.keys() - DISASTER_NEEDS_NOTHING))
def test_before_the_first_day_of_the_values_every_rule_refuses(rule: str) -> None:
    with pytest.raises(ParameterMissing):
        answer(rule, date(2020, 12, 31), household_type=RELIEVED, amount=Decimal(1), kind="fire")


def a_value(value: object, *, division: str = NATION, first: date, last: date | None = None) -> ParameterValue:
    return ParameterValue(
        key="monitoring.screening.tuition.school-year",
        value=value,
        unit="yuan",
        valid_from=first,
        valid_to=last,
        division=division,
        source="a test",
        clause="M-1.1.2",
    )


def test_a_line_of_the_household_s_own_county_goes_before_the_nations() -> None:
    book = ParameterBook([*load_seed(), a_value("8000.00", division="150623", first=date(2023, 1, 1))])
    assert found("tuition", book=book, amount=Decimal("8000.01")).crossed is YES
    assert found("tuition", amount=Decimal("8000.01")).crossed is NO


def test_a_changed_line_holds_from_its_day_of_change() -> None:
    book = ParameterBook(
        [a_value("10000.00", first=date(2021, 1, 1), last=date(2023, 12, 30)), a_value("9000.00", first=DAY)]
    )
    assert found("tuition", date(2023, 12, 30), book, amount=Decimal("9500")).crossed is NO
    assert found("tuition", DAY, book, amount=Decimal("9500")).crossed is YES


# What SQL may narrow by


def bounds(rule: str, book: ParameterBook = BOOK, first: date = DAY, last: date = DAY) -> Bounds:
    return candidate_bounds(RULES[rule], book, first=first, last=last, division="150623100")


def test_the_lines_for_sql_are_the_rules_own_values() -> None:
    assert bounds("tuition").lines == (Line("amount", Operator.ABOVE, Decimal(10000)),)
    assert bounds("housing").lines == (Line("grade", Operator.ONE_OF, ("C", "D")),)
    assert [line.value for line in bounds("medical-inpatient").lines] == [Decimal(5000), Decimal(20000)]
    assert bounds("disaster").admits({})


def test_the_lines_for_sql_are_the_loosest_of_all_that_may_hold_on_the_days_and_in_the_villages() -> None:
    book = ParameterBook(
        [
            a_value("10000.00", first=date(2021, 1, 1), last=date(2023, 12, 31)),
            a_value("9000.00", first=date(2024, 1, 1)),
            a_value("8000.00", division="150623100201", first=date(2024, 2, 1)),
            a_value("1.00", division="150623101", first=date(2021, 1, 1)),
        ]
    )
    expected = [(DAY, DAY, 10000), (DAY, date(2024, 1, 1), 9000), (DAY, date(2024, 2, 1), 8000)]
    for first, last, line in expected:
        assert bounds("tuition", book, first, last).lines[0].value == line


def test_there_are_no_lines_for_sql_where_no_value_is_in_force() -> None:
    with pytest.raises(ParameterMissing):
        bounds("tuition", first=DAY_AFTER, last=DAY_AFTER)


@pytest.mark.parametrize(
    ("operator", "under", "on", "over"),
    [
        (Operator.AT_LEAST, False, True, True),
        (Operator.ABOVE, False, False, True),
        (Operator.BELOW, True, False, False),
    ],
)
def test_a_line_for_sql_means_what_its_operator_says(operator: Operator, under: bool, on: bool, over: bool) -> None:
    line = Line("amount", operator, Decimal(500))
    assert [line.admits(Decimal(amount)) for amount in ("499.99", "500", "500.01")] == [under, on, over]


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("medical-inpatient", {"household_type": RELIEVED, "amount": Decimal(5000)}),
        ("medical-outpatient", {"amount": Decimal(500)}),
        ("tuition", {"amount": Decimal("10000.01")}),
        ("water", {"litres_per_day": Decimal("34.99")}),
        ("water", {"quality_ok": False}),
    ],
)
def test_what_just_crosses_the_rule_is_a_candidate(rule: str, facts: dict[str, Any]) -> None:
    assert answer(rule, **facts) is YES
    assert bounds(rule).admits(facts)


def test_a_value_counts_for_sql_on_its_own_first_and_last_day() -> None:
    only = ParameterBook([a_value("9000.00", first=DAY, last=DAY), a_value("10000.00", first=date(2021, 1, 1))])
    for first, last, line in [
        (DAY, date(2024, 6, 1), 9000),
        (date(2023, 6, 1), DAY, 9000),
        (date(2024, 1, 1), date(2024, 6, 1), 10000),
        (date(2023, 6, 1), date(2023, 12, 30), 10000),
    ]:
        assert bounds("tuition", only, first, last).lines[0].value == line


AMOUNTS = st.one_of(
    st.none(),
    st.sampled_from([Decimal(line) + Decimal(fen) / 100 for line in (500, 5000, 10000, 20000) for fen in (-1, 0, 1)]),
    st.decimals(0, 50000, places=2),
)
MEASURES = st.one_of(st.none(), st.decimals(0, 60, places=1))
FACTS = st.fixed_dictionaries(
    {
        "household_type": st.sampled_from([None, RELIEVED, ORDINARY]),
        "monitored": st.sampled_from([None, True, False]),
        "labour": st.sampled_from([None, "ordinary", "skilled", "weak", "lost", "none"]),
        "amount": AMOUNTS,
        "persons": st.sampled_from([None, 1, 2]),
        "grade": st.sampled_from([None, "A", "B", "C", "D", "E"]),
        "litres_per_day": MEASURES,
        "quality_ok": st.sampled_from([None, True, False]),
        "fetch_minutes": MEASURES,
        "short_days": MEASURES,
        "category": st.sampled_from([None, "低保", "特困", "其他"]),
        "kind": st.sampled_from([None, "illness", "fire", "other"]),
    }
)


@pytest.mark.parametrize("rule", sorted(RULES))
@given(facts=FACTS)
def test_whatever_the_rule_would_flag_passes_the_lines_for_sql(rule: str, facts: dict[str, Any]) -> None:
    if answer(rule, **facts) is YES:
        assert bounds(rule).admits(facts)


@pytest.mark.parametrize("operator", list(Operator))
def test_an_unknown_measure_passes_no_line(operator: Operator) -> None:
    assert not Line("amount", operator, (None,)).admits(None)


def test_every_key_that_a_rule_names_is_seeded() -> None:
    seeded = {value.key for value in load_seed()}
    for rule in RULES.values():
        assert set(rule.parameter_keys) <= seeded
