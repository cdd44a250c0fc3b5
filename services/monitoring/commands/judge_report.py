"""Judge a single signal with everything that is known of its rule's period: one warning alone is half of a sum."""

from dataclasses import replace
from datetime import date

from chassis.unit_of_work import UnitOfWork
from contracts.parameters import ParameterBook
from services.monitoring.commands.judge_signals import Judged
from services.monitoring.domain.cumulation import Expense, cumulated
from services.monitoring.domain.household import Household
from services.monitoring.domain.periods import judged_day
from services.monitoring.domain.screening import screen
from services.monitoring.domain.signals import WARNINGS, Signal
from services.monitoring.storage import expenses


async def judge(
    uow: UnitOfWork, signal: Signal, household: Household, *, book: ParameterBook, known_to: date
) -> Judged:
    """What its rule finds, in a household that is locked in this unit of work.

    A warning of expense is judged on the sum of its person's period, bureaus' records and earlier warnings included;
    the signal keeps the amount that it said itself. Raises ParameterMissing.
    """
    amount, last_on = signal.evidence.amount, signal.occurred_on
    if signal.rule.per_member and signal.source in WARNINGS:
        own = Expense(record_no=signal.record_no or signal.id, amount=amount, on=last_on, from_file=False)
        whole = cumulated([*await expenses.of_period(uow.driver, signal), own])
        amount, last_on = whole.amount, whole.last_on
    day = judged_day(signal.period, last_evidence_on=last_on, known_to=known_to)
    member = None if signal.member_id is None else household.member(signal.member_id)
    facts = replace(
        signal.evidence,
        household_type=household.type_on(day),
        monitored=household.monitored_on(day),
        labour=None if member is None else member.details.labour,
        amount=amount,
    )
    finding = screen(signal.rule, facts, book=book, period=signal.period, day=day, division=household.division_on(day))
    return Judged(signal=replace(signal, evidence=replace(facts, amount=signal.evidence.amount)), finding=finding)
