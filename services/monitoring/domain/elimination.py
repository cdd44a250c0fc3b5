"""Whether the risk of a household may be marked as eliminated: six answers, months, and the hold (M-1.1.22 to 26).

All six must be yes: four indicators, basic living, and each recorded risk gone. A natural elimination is exempt from
the six months, and by parameter from the same-month rule; from nothing else. A household in which nobody is able to
work is held, whatever the answers are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.month import Month, months_between
from contracts.parameters import ParameterBook, ParameterValue
from services.monitoring.domain import errors
from services.monitoring.domain.circumstances import Guarantees, MonitoringEnd
from services.monitoring.domain.codes import codes_of, reason_code
from services.monitoring.domain.income_observations import Observation, stable
from services.monitoring.domain.measure_plan import able as abilities
from services.monitoring.domain.measure_plan import developmental
from services.monitoring.domain.survey import Survey

STABLE_MONTHS = "monitoring.elimination.min-income-stable-months"
SAME_MONTH = "monitoring.elimination.same-month-forbidden"
NATURAL_SAME_MONTH = "monitoring.elimination.natural-exempt-from-same-month"
WARNED_MONTHS = "monitoring.elimination.warned-months"
HOLD = "monitoring.elimination.hold-if-whole-household-no-labour"
DELIVERED = frozenset({"started", "completed"})
DROPPED = frozenset({"declined", "stopped"})


class Outcome(StrEnum):
    ALLOWED = "allowed"
    OPEN = "open"
    """Nothing speaks against it, and something is not known yet."""
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureFact:
    """A measure as the check sees it: category, standing and the risks that it covers."""

    category: str
    standing: str
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EliminationFacts:
    """What is known of a monitored household on a day. `labour` are the present members' abilities, None unknown."""

    identified: Month
    risks: tuple[str, ...]
    resolved: frozenset[str]
    """Risks that are recorded as stably removed or naturally gone."""
    guarantees: Guarantees
    survey: Survey | None
    """The newest one made since the household was identified."""
    measures: tuple[MeasureFact, ...]
    labour: tuple[str | None, ...]
    observations: tuple[Observation, ...]
    """Month-ends in a row, the last ended one last: as many as the six-months rule asks for."""
    natural_reason: str | None = None
    natural_evidence: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EliminationCheck:
    """What the rules say: the outcome, the findings it rests on, and warnings that stop nothing."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    warnings: tuple[Finding, ...] = ()

    @property
    def against(self) -> tuple[Finding, ...]:
        """The findings that are not yes."""
        return tuple(finding for finding in self.findings if finding.answer is not Answer.YES)


def check(
    facts: EliminationFacts, mode: MonitoringEnd, *, book: ParameterBook, day: date, division: str
) -> EliminationCheck:
    """The whole check on a day. Raises ParameterMissing where no value of a parameter is in force."""
    natural = mode is MonitoringEnd.NATURAL
    held = _held(facts, book.find(HOLD, day, division), day)
    findings = [
        _measures_delivered(facts, day),
        _guarantees(facts),
        _income(facts, book.find(STABLE_MONTHS, day, division), natural=natural),
        _said("M-1.1.22", "expenditure-settled", facts.survey.expenditure_settled if facts.survey else None, _SETTLED),
        _said("M-1.1.23", "basic-living", facts.survey.basic_living if facts.survey else None, _LIVING),
        _risks_gone(facts),
        *_months(facts, book, day, division, natural=natural),
    ]
    if natural:
        findings.append(_natural(facts, day))
    warnings = _warnings(facts, book.find(WARNED_MONTHS, day, division), day, natural=natural)
    answers = {finding.answer for finding in findings}
    if held.answer is Answer.YES:
        return EliminationCheck(outcome=Outcome.HELD, findings=(held, *findings), warnings=warnings)
    if held.answer is Answer.UNKNOWN:
        findings.append(held)
        answers.add(Answer.UNKNOWN)
    outcome = (
        Outcome.REFUSED if Answer.NO in answers else Outcome.OPEN if Answer.UNKNOWN in answers else Outcome.ALLOWED
    )
    return EliminationCheck(outcome=outcome, findings=tuple(findings), warnings=warnings)


def check_resolution(how: str, reason: str | None, resolved_on: date, today: date) -> None:
    """A risk that is recorded as gone: raises InvalidReason for an unknown way or reason, DayInFuture."""
    reason_code("risk-resolutions", how, resolved_on)
    if reason is not None:
        reason_code("natural-elimination-reasons", reason, resolved_on)
    if resolved_on > today:
        raise errors.DayInFuture


def observed_months(months: int, last: Month) -> tuple[Month, ...]:
    """The month-ends that the six-months rule looks at, the earliest first."""
    return tuple(last.plus(back) for back in range(1 - months, 1))


def _measures_delivered(facts: EliminationFacts, day: date) -> Finding:
    kept = [measure for measure in facts.measures if measure.standing not in DROPPED]
    delivered = [measure for measure in kept if measure.standing in DELIVERED]
    covered = {risk for measure in delivered for risk in measure.covers}
    able = _able(facts.labour, day)
    has_developmental = any(measure.category in developmental(day) for measure in delivered)
    if not delivered or len(delivered) < len(kept) or not set(facts.risks) <= covered:
        answer = Answer.NO
    elif has_developmental or able is Answer.NO:
        answer = Answer.YES
    else:
        answer = Answer.NO if able is Answer.YES else Answer.UNKNOWN
    met = len(set(facts.risks) & covered)
    text = Because(
        zh=f"措施 {len(kept)} 项，已落实 {len(delivered)} 项，覆盖风险 {met}/{len(facts.risks)}",
        en=f"{len(delivered)} of {len(kept)} measures are delivered and cover {met} of {len(facts.risks)} risks",
    )
    return _finding("M-1.1.22", "measures-delivered", answer, text)


def _guarantees(facts: EliminationFacts) -> Finding:
    found = facts.guarantees
    answers = [found.education.secured, found.medical.secured, found.housing.secured, found.water.secured]
    answer = Answer.NO if Answer.NO in answers else Answer.UNKNOWN if Answer.UNKNOWN in answers else Answer.YES
    secured = sum(one is Answer.YES for one in answers)
    text = Because(
        zh=f"三保障及饮水安全 {secured}/4 已保障", en=f"{secured} of the three guarantees and water are secured"
    )
    return _finding("M-1.1.22", "guarantees-secured", answer, text)


def _income(facts: EliminationFacts, months: ParameterValue, *, natural: bool) -> Finding:
    """Six month-ends in a row; of a natural elimination the last one."""
    looked_at = facts.observations[-1:] if natural else facts.observations[-months.whole :]
    answer = stable(looked_at) if len(looked_at) == (1 if natural else months.whole) else Answer.UNKNOWN
    above = sum(one.answer is Answer.YES for one in looked_at)
    unknown = sum(one.answer is Answer.UNKNOWN for one in looked_at)
    text = Because(
        zh=f"{len(looked_at)} 个月末中 {above} 个不低于当年监测线，{unknown} 个不明",
        en=f"{above} of {len(looked_at)} month-ends are not below the line of their year, {unknown} are unknown",
    )
    lines = {one.line.valid_from: ParameterUsed.of(one.line) for one in looked_at}
    used = (*(() if natural else (ParameterUsed.of(months),)), *lines.values())
    return _finding("M-1.1.25" if not natural else "M-1.1.22", "income-stable", answer, text, used)


def _months(facts: EliminationFacts, book: ParameterBook, day: date, division: str, *, natural: bool) -> list[Finding]:
    passed = months_between(facts.identified, Month.of(day))
    text = Because(zh=f"距识别 {passed} 个月", en=f"{passed} months since identification")
    findings = []
    same = book.find(SAME_MONTH, day, division)
    exempt = book.find(NATURAL_SAME_MONTH, day, division)
    if same.value is True and not (natural and exempt.value is True):
        used = (ParameterUsed.of(same), *((ParameterUsed.of(exempt),) if natural else ()))
        findings.append(_finding("M-1.1.24", "not-in-the-same-month", Answer.of(passed > 0), text, used))
    if not natural:
        months = book.find(STABLE_MONTHS, day, division)
        enough = Answer.of(passed >= months.whole)
        findings.append(_finding("M-1.1.25", "months-since-identification", enough, text, (ParameterUsed.of(months),)))
    return findings


def _warnings(facts: EliminationFacts, warned: ParameterValue, day: date, *, natural: bool) -> tuple[Finding, ...]:
    """An elimination in the month after is no error by the plan, and looked at twice."""
    passed = months_between(facts.identified, Month.of(day))
    if natural or not 0 < passed <= warned.whole:
        return ()
    text = Because(zh=f"距识别仅 {passed} 个月", en=f"only {passed} months since identification")
    return (_finding("M-1.1.24", "soon-after-identification", Answer.NO, text, (ParameterUsed.of(warned),)),)


def _held(facts: EliminationFacts, hold: ParameterValue, day: date) -> Finding:
    """Whether nobody is able to work: one able member is enough for a no, one unknown one leaves it unknown."""
    able = _able(facts.labour, day)
    answer = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.UNKNOWN: Answer.UNKNOWN}[able]
    if hold.value is not True:
        answer = Answer.NO
    return _finding("M-1.1.26", "whole-household-no-labour", answer, _HELD, (ParameterUsed.of(hold),))


def _able(labour: Sequence[str | None], day: date) -> Answer:
    """Whether somebody is able to work."""
    if any(one in abilities(day) for one in labour):
        return Answer.YES
    return Answer.UNKNOWN if None in labour or not labour else Answer.NO


def _risks_gone(facts: EliminationFacts) -> Finding:
    gone = sum(risk in facts.resolved for risk in facts.risks)
    answer = Answer.of(gone == len(facts.risks)) if facts.risks else Answer.UNKNOWN
    text = Because(
        zh=f"风险 {len(facts.risks)} 项，已消除 {gone} 项", en=f"{gone} of {len(facts.risks)} risks are gone"
    )
    return _finding("M-1.1.23", "risks-gone", answer, text)


def _said(clause: str, code: str, said: bool | None, because: Because) -> Finding:
    return _finding(clause, code, Answer.of(said), because)


def _natural(facts: EliminationFacts, day: date) -> Finding:
    known = facts.natural_reason in codes_of("natural-elimination-reasons", day)
    return _finding("M-1.1.23", "natural-reason", Answer.of(known and facts.natural_evidence), _NATURAL)


_SETTLED = Because(zh="大额刚性支出问题是否稳定解决", en="Whether large rigid expenditure is solved for good")
_LIVING = Because(zh="基本生活是否稳定保障", en="Whether basic living is secured")
_HELD = Because(zh="整户是否无劳动能力", en="Whether nobody in the household is able to work")
_NATURAL = Because(zh="自然消除须有原因和佐证", en="A natural elimination needs its reason and evidence")


def _finding(clause: str, code: str, answer: Answer, because: Because, used: tuple[ParameterUsed, ...] = ()) -> Finding:
    return Finding(clause=clause, code=code, answer=answer, because=because, parameters=used)
