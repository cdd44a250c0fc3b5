"""Whether a plan of measures fits its household (M-1.1.17 to M-1.1.19, and P-2 against help that makes idle).

Each risk is met by a measure of a category that is allowed for it; what a person is to do fits ability and wish;
where somebody is able to work, comprehensive guarantee alone is no plan.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.dictionary import dictionary
from contracts.parameters import ParameterBook, ParameterValue
from services.monitoring.domain import errors
from services.monitoring.domain.codes import codes_of
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.measures import MeasureKind, MeasureStanding

MATRIX = "monitoring.measures.matrix"
COMPREHENSIVE = "comprehensive"
ANY = "any"
DISABLED = "disabled"
GONE = frozenset({MeasureStanding.DECLINED, MeasureStanding.STOPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMeasure:
    """A measure as it is planned, or stands already. `wished` is what its person said, None not asked."""

    category: str
    kind: MeasureKind
    covers: tuple[str, ...]
    member_id: MemberId | None = None
    wished: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """The household on the day of the plan: its risks, and each present member's labour ability and health."""

    risks: tuple[str, ...]
    labour: Mapping[MemberId, str | None]
    health: Mapping[MemberId, str | None]


def plan_findings(
    facts: PlanFacts, measures: Sequence[PlannedMeasure], *, book: ParameterBook, day: date, division: str
) -> tuple[Finding, ...]:
    """All that is to be said of a plan: it is approved when none of them is no.

    Raises InvalidMeasure for an unknown category or a risk that the household does not have, and ParameterMissing.
    """
    known = codes_of("measure-categories", day)
    if any(m.category not in known or not set(m.covers) <= set(facts.risks) for m in measures):
        raise errors.InvalidMeasure
    matrix = book.find(MATRIX, day, division)
    return (
        *(_covered(risk, measures, matrix) for risk in facts.risks),
        _fits(facts, measures, day),
        _not_only_guaranteed(facts, measures, day),
        *([_disability(facts)] if "disability" in facts.risks else []),
    )


def allowed_for(risk: str, matrix: ParameterValue) -> frozenset[str]:
    """The categories that may meet a risk; `any` stands for all."""
    return frozenset(matrix.value.get(risk, ()))


def has_developmental(measures: Sequence[PlannedMeasure], day: date) -> bool:
    return any(measure.category in developmental(day) for measure in measures)


def developmental(day: date) -> frozenset[str]:
    """The categories by which a household earns for itself."""
    entries = dictionary("measure-categories").entries
    return frozenset(e.code for e in entries if e.extra.get("developmental") is True and e.in_force(day))


def able(day: date) -> frozenset[str]:
    """The labour abilities that count as able."""
    entries = dictionary("labour-abilities").entries
    return frozenset(e.code for e in entries if e.extra.get("able") is True and e.in_force(day))


def _covered(risk: str, measures: Sequence[PlannedMeasure], matrix: ParameterValue) -> Finding:
    allowed = allowed_for(risk, matrix)
    meeting = [m for m in measures if risk in m.covers and (ANY in allowed or m.category in allowed)]
    text = Because(
        zh=f"风险“{_term(risk)}”有 {len(meeting)} 项对应措施",
        en=f"{len(meeting)} measures meet the risk {risk}",
    )
    # The whole matrix is long: what was used of it is the row of this risk.
    used = ParameterUsed.of(matrix).model_copy(update={"value": {risk: sorted(allowed)}})
    return _finding("M-1.1.18", f"risk-covered-{risk}", Answer.of(bool(meeting)), text, (used,))


def _fits(facts: PlanFacts, measures: Sequence[PlannedMeasure], day: date) -> Finding:
    """What a member is to do for a living fits that member's ability and wish."""
    earning = [m for m in measures if m.category in developmental(day) and m.member_id is not None]
    abilities = [facts.labour.get(m.member_id) for m in earning if m.member_id is not None]
    unwilling = any(m.wished is False for m in measures)
    if unwilling or any(ability is not None and ability not in able(day) for ability in abilities):
        answer = Answer.NO
    else:
        answer = Answer.UNKNOWN if None in abilities or any(m.wished is None for m in earning) else Answer.YES
    text = Because(zh="措施与劳动能力、发展意愿相符", en="The measures fit ability and wish")
    return _finding("M-1.1.18", "fits-ability-and-wish", answer, text)


def _not_only_guaranteed(facts: PlanFacts, measures: Sequence[PlannedMeasure], day: date) -> Finding:
    has_labour = any(ability in able(day) for ability in facts.labour.values())
    only = bool(measures) and all(measure.category == COMPREHENSIVE for measure in measures)
    text = Because(zh="有劳动能力的户不得只有综合保障", en="Where there is labour, guarantee alone is no plan")
    return _finding("P-2", "not-only-guaranteed", Answer.of(not (has_labour and only)), text)


def _disability(facts: PlanFacts) -> Finding:
    states = list(facts.health.values())
    answer = Answer.YES if DISABLED in states else Answer.UNKNOWN if None in states else Answer.NO
    text = Because(zh="因残风险的户内应有残疾成员", en="A household at risk by disability has a disabled member")
    return _finding("M-1.1.18", "disability-recorded", answer, text)


def _term(risk: str) -> str:
    return next((entry.zh for entry in dictionary("risk-types").entries if entry.code == risk), risk)


def _finding(clause: str, code: str, answer: Answer, because: Because, used: tuple[ParameterUsed, ...] = ()) -> Finding:
    return Finding(clause=clause, code=code, answer=answer, because=because, parameters=used)
