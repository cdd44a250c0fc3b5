"""Decide candidates: the pure rule on each household's facts as of the day that the rule judges."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import uuid4

import asyncpg

from contracts.parameters import ParameterBook
from services.monitoring.commands.judge_signals import Judged
from services.monitoring.domain.bounds import Bounds
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import MemberId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts, ScreeningFinding
from services.monitoring.domain.periods import Period, judged_day
from services.monitoring.domain.screening import RULES, Rule, candidate_bounds, screen
from services.monitoring.domain.signals import Signal, Source
from services.monitoring.storage import candidates
from services.monitoring.storage.candidates import Candidate, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Screening:
    """What a round of screening judges by: the parameters, the division, the day to which the files reach."""

    book: ParameterBook
    division: str
    known_to: date
    on: date


async def narrow(connection: asyncpg.Connection, rules: Sequence[str], scope: Scope, screening: Screening) -> None:
    """Write the candidates of these rules, once for the whole operation."""
    for key in rules:
        days = await candidates.days_of(connection, key, scope.comparison_id)
        if days is not None:
            await candidates.write(connection, scope, bounds_of(RULES[key], screening, *days))


def bounds_of(rule: Rule, screening: Screening, first: date, last: date) -> Bounds:
    """What SQL may narrow by, for the days on which evidence from first to last can be judged."""
    if rule.period is not None:
        first, last = rule.period(first).first_on, rule.period(last).last_on
    last = max(last, screening.known_to) if rule.dated_by_file else last
    return candidate_bounds(rule, screening.book, first=first, last=last, division=screening.division)


def find(candidate: Candidate, household: Household, screening: Screening) -> ScreeningFinding:
    """What the rule finds in one candidate's evidence, on the day that it judges."""
    rule = RULES[candidate.rule]
    period = rule.period_of(candidate.last_on, candidate.record_no)
    day = _day_of(rule, period, candidate, screening)
    facts = facts_of(candidate, household, day)
    return screen(rule, facts, book=screening.book, period=period, day=day, division=household.division_on(day))


def judge(candidate: Candidate, household: Household, screening: Screening) -> Judged:
    """What the rule finds in one candidate's evidence, with the signal that would record it."""
    rule, finding = RULES[candidate.rule], find(candidate, household, screening)
    signal = Signal(
        id=SignalId(str(uuid4())),
        household_id=household.id,
        member_id=MemberId(candidate.member_id) if candidate.member_id and _is_personal(rule) else None,
        division=household.division,
        source=Source.COMPARISON,
        kind=rule.key,
        occurred_on=min(candidate.last_on, screening.on),
        recorded_on=screening.on,
        evidence=facts_of(candidate, household, finding.day),
        record_no=candidate.record_no,
    )
    return Judged(signal=signal, finding=finding)


def _day_of(rule: Rule, period: Period, candidate: Candidate, screening: Screening) -> date:
    if rule.dated_by_file:
        return screening.known_to
    return judged_day(period, last_evidence_on=candidate.last_on, known_to=screening.known_to)


def facts_of(candidate: Candidate, household: Household, day: date) -> ScreeningFacts:
    """The candidate's evidence with what is known of the household on a day."""
    raw: Mapping[str, object] = candidate.facts
    member = None if candidate.member_id is None else household.member(MemberId(candidate.member_id))
    quality = raw.get("quality_ok")
    return ScreeningFacts(
        household_type=household.type_on(day),
        monitored=household.monitored_on(day),
        labour=None if member is None else member.details.labour,
        amount=candidate.amount,
        persons=1,
        grade=_text(raw.get("grade")),
        litres_per_day=_number(raw.get("litres_per_day")),
        quality_ok=quality if isinstance(quality, bool) else None,
        fetch_minutes=_number(raw.get("fetch_minutes")),
        short_days=_number(raw.get("short_days")),
        category=_text(raw.get("category")),
        kind=_text(raw.get("kind")),
    )


def _is_personal(rule: Rule) -> bool:
    return rule.per_member or rule.key in ("job-loss", "civil-affairs")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
