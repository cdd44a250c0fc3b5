"""One flag per household, rule and period; what attaches to it, what dismisses it, what flags again."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.decision import Answer
from contracts.events import monitoring as events
from services.monitoring.domain import errors
from services.monitoring.domain.flags import Flag, FlagStanding
from services.monitoring.domain.ids import FlagId, HouseholdId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts, ScreeningFinding
from services.monitoring.domain.screening import RULES, screen
from tests.builders import VILLAGE, a_book, a_finding

OPENED, LATER = date(2023, 11, 1), date(2023, 12, 1)


def a_flag(finding: ScreeningFinding | None = None) -> Flag:
    return Flag.raised(
        flag_id=FlagId("f1"),
        household_id=HouseholdId("h1"),
        division=VILLAGE,
        finding=finding or a_finding(),
        signals=[SignalId("s1")],
        on=OPENED,
    )


def a_dismissed_flag(amount: str | None = "12000") -> Flag:
    flag = a_flag(a_finding(amount=amount))
    flag.dismiss(on=OPENED, reason="means-sufficient")
    return flag


def told(flag: Flag) -> list[str]:
    return [raised.data.name for raised in flag.events]


def attach(flag: Flag, amount: str | None, signal: str = "s2", crossed: Answer = Answer.YES) -> bool:
    finding = a_finding(amount=amount, crossed=crossed)
    return flag.attach(finding=finding, signals=[SignalId(signal)], on=LATER)


def test_a_household_is_flagged_under_its_own_key_with_the_flag_as_subject() -> None:
    (raised,) = a_flag().events
    assert (raised.key, raised.subject, raised.division, raised.state_version) == ("household/h1", "f1", VILLAGE, 1)
    assert isinstance(raised.data, events.HouseholdFlagged)
    assert (raised.data.rule, raised.data.period, raised.data.round) == ("tuition", "2023", 1)
    assert raised.data.flagged_on == OPENED


@pytest.mark.parametrize("answer", [Answer.NO, Answer.UNKNOWN])
def test_only_a_yes_flags(answer: Answer) -> None:
    with pytest.raises(errors.NotCrossed):
        a_flag(a_finding(crossed=answer))


def test_later_evidence_attaches_without_a_second_event() -> None:
    flag = a_flag()
    assert not attach(flag, "15000")
    assert (told(flag), flag.version, flag.amount) == (["household-flagged"], 2, Decimal(15000))
    assert flag.signals == {"s1", "s2"}


def test_the_same_evidence_again_changes_nothing() -> None:
    flag = a_flag()
    assert not attach(flag, "12000", signal="s1")
    assert (flag.version, len(flag.evidence)) == (1, 1)
    assert not flag.attach(finding=a_finding(), signals=[], on=LATER)
    assert flag.version == 1


def test_evidence_of_another_rule_or_period_does_not_attach() -> None:
    for finding in (a_finding(rule="housing"), a_finding(period="2024")):
        with pytest.raises(errors.WrongFlag):
            a_flag().attach(finding=finding, signals=[], on=LATER)


def test_a_dismissal_is_told_with_its_reason_and_keeps_the_amount_that_was_looked_at() -> None:
    flag = a_flag()
    attach(flag, "13000")
    flag.dismiss(on=LATER, reason="covered-by-grant")
    assert flag.standing is FlagStanding.DISMISSED
    assert flag.dismissed_amount == Decimal(13000)
    assert flag.events[-1].data == events.FlagDismissed(
        household_id="h1",
        division=VILLAGE,
        flag_id="f1",
        rule="tuition",
        dismissed_on=LATER,
        reason="covered-by-grant",
    )


def test_a_dismissal_needs_a_known_reason_an_open_flag_and_a_day_after_the_flag() -> None:
    flag = a_flag()
    with pytest.raises(errors.InvalidReason):
        flag.dismiss(on=LATER, reason="我认为不需要")
    with pytest.raises(errors.DayBeforeHistory):
        flag.dismiss(on=date(2023, 10, 31), reason="record-wrong")
    assert flag.standing is FlagStanding.OPEN
    flag.dismiss(on=OPENED, reason="record-wrong")
    with pytest.raises(errors.FlagIsClosed):
        flag.dismiss(on=LATER, reason="record-wrong")


@pytest.mark.parametrize(
    ("amount", "flags_again"),
    [("11999.99", False), ("12000.00", False), ("12000.01", True), (None, False)],
)
def test_after_a_dismissal_only_evidence_above_the_dismissed_amount_flags_again(
    amount: str | None, flags_again: bool
) -> None:
    flag = a_dismissed_flag("12000.00")
    assert attach(flag, amount) is flags_again
    assert flag.standing is (FlagStanding.OPEN if flags_again else FlagStanding.DISMISSED)
    assert told(flag)[2:] == (["household-flagged"] if flags_again else [])
    assert len(flag.evidence) == 2


def test_flagged_again_is_another_round_of_the_same_flag() -> None:
    flag = a_dismissed_flag()
    attach(flag, "20000")
    again = flag.events[-1].data
    assert isinstance(again, events.HouseholdFlagged)
    assert (again.flag_id, again.round, again.flagged_on) == ("f1", 2, LATER)
    assert (flag.opened_on, flag.closed_on, flag.closing_reason) == (LATER, None, None)


def test_what_was_dismissed_without_a_known_weight_is_below_any_known_one() -> None:
    assert attach(a_dismissed_flag(None), "0.01")
    assert not attach(a_dismissed_flag(None), None)


def test_evidence_that_does_not_cross_never_flags_again() -> None:
    assert not attach(a_dismissed_flag(), "99999", crossed=Answer.UNKNOWN)


def test_a_flag_with_a_case_takes_evidence_and_stays_with_its_case() -> None:
    flag = a_flag()
    flag.standing = FlagStanding.CASE_OPENED
    assert not attach(flag, "99999")
    assert flag.standing is FlagStanding.CASE_OPENED
    with pytest.raises(errors.FlagIsClosed):
        flag.dismiss(on=LATER, reason="record-wrong")


def test_a_flag_ages_while_it_is_open_and_is_overdue_after_its_last_day() -> None:
    flag = a_flag()
    assert flag.age_in_days(date(2023, 11, 16)) == 15
    assert flag.overdue_since(date(2023, 11, 16), answer_days=15) is None
    assert flag.overdue_since(date(2023, 11, 17), answer_days=15) == date(2023, 11, 17)
    assert flag.overdue_since(date(2023, 12, 31), answer_days=15) == date(2023, 11, 17)
    flag.dismiss(on=LATER, reason="record-wrong")
    assert flag.age_in_days(LATER) is None
    assert flag.overdue_since(date(2024, 1, 1), answer_days=15) is None


def test_the_state_says_where_the_flag_stands() -> None:
    flag = a_dismissed_flag()
    state = flag.state()
    assert (state.key, state.version, state.division) == ("flag/f1", 2, VILLAGE)
    assert state.data is not None
    body = state.data.model_dump(mode="json")
    assert (body["rule"], body["period"], body["state"]) == ("tuition", "2023", "dismissed")
    assert (body["opened_on"], body["closed_on"]) == ("2023-11-01", "2023-11-01")


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("medical-inpatient", ScreeningFacts(amount=Decimal("23410.57"))),
        ("medical-outpatient", ScreeningFacts(amount=Decimal("23410.57"))),
        ("self-declared", ScreeningFacts(kind="illness", amount=Decimal("23410.57"))),
        ("cadre-reported", ScreeningFacts(kind="disability", amount=Decimal("23410.57"))),
        ("incident", ScreeningFacts(kind="public-health", amount=Decimal("23410.57"))),
    ],
)
def test_what_tells_health_is_told_as_other_hardship_and_nothing_else(rule: str, facts: ScreeningFacts) -> None:
    judged = RULES[rule]
    day = date(2023, 11, 30)
    finding = screen(judged, facts, book=a_book(), period=judged.period_of(day, "N-1"), day=day, division=VILLAGE)
    flag = a_flag(finding)
    flag.dismiss(on=LATER, reason="means-sufficient")
    flagged, dismissed, state = flag.events[0].data, flag.events[1].data, flag.state().data
    assert isinstance(flagged, events.HouseholdFlagged)
    assert isinstance(dismissed, events.FlagDismissed)
    assert state is not None
    assert (flagged.rule, flagged.period, dismissed.rule) == ("other-hardship", None, "other-hardship")
    (said,) = flagged.findings
    assert (said.clause, said.code, said.answer, said.parameters) == (None, "other-hardship", "yes", ())
    written = flagged.model_dump_json() + dismissed.model_dump_json() + state.model_dump_json()
    for telling in ("23410", "medical", "illness", "disability", "public-health", "M-1.", '2023-11"', "500"):
        assert telling not in written
