"""Large rigid expenditure: medical expense paid by oneself, and schooling (facts.md 2.5; clause M-1.1.2)."""

from datetime import date
from decimal import Decimal

from contracts.decision import Because
from contracts.parameters import ParameterBook
from services.monitoring.domain.codes import HouseholdType
from services.monitoring.domain.judgement import Judgement, ScreeningFacts

INPATIENT_RELIEVED = "monitoring.screening.medical-inpatient.relieved"
INPATIENT_ORDINARY = "monitoring.screening.medical-inpatient.ordinary"
OUTPATIENT_MONTHLY = "monitoring.screening.medical-outpatient.monthly"
TUITION_SCHOOL_YEAR = "monitoring.screening.tuition.school-year"


def medical_inpatient(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A member's own payments for hospital stays in a calendar year reach the line of the household's type.

    On the line is reached. With the type unknown the answer is known only where both lines agree.
    """
    lines = {
        HouseholdType.RELIEVED: book.find(INPATIENT_RELIEVED, day, division),
        HouseholdType.ORDINARY: book.find(INPATIENT_ORDINARY, day, division),
    }
    used = [lines[facts.household_type]] if facts.household_type else list(lines.values())
    crossed: bool | None = None
    if facts.amount is not None:
        reached = {facts.amount >= line.decimal for line in used}
        crossed = reached.pop() if len(reached) == 1 else None
    said = " / ".join(str(line.value) for line in used)
    return Judgement.of(
        "inpatient-expense-at-line",
        crossed,
        Because(
            zh=f"本年住院个人自付累计{_yuan(facts.amount)}元,标准{said}元及以上",
            en=f"Own payments for hospital stays this year: {_yuan(facts.amount)} yuan; line: {said} and above",
        ),
        used,
        facts.amount,
    )


def medical_outpatient(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A member's own payments for outpatient care in one month reach the line. On the line is reached."""
    line = book.find(OUTPATIENT_MONTHLY, day, division)
    return Judgement.of(
        "outpatient-expense-at-line",
        None if facts.amount is None else facts.amount >= line.decimal,
        Because(
            zh=f"当月门诊个人自付{_yuan(facts.amount)}元,标准{line.value}元及以上",
            en=f"Own payments for outpatient care this month: {_yuan(facts.amount)} yuan; line: {line.value} and above",
        ),
        [line],
        facts.amount,
    )


def tuition(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A student's tuition, boarding and books of one school year exceed the line. On the line is not above it."""
    line = book.find(TUITION_SCHOOL_YEAR, day, division)
    return Judgement.of(
        "tuition-above-line",
        None if facts.amount is None else facts.amount > line.decimal,
        Because(
            zh=f"本学年自付学费食宿书本费{_yuan(facts.amount)}元,标准为超过{line.value}元",
            en=f"Tuition, boarding, books this school year: {_yuan(facts.amount)} yuan; line: above {line.value}",
        ),
        [line],
        facts.amount,
    )


def _yuan(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{amount:.2f}"
