"""Carry out a what-if question: screen everything that is known twice, and report the difference.

An operation as a comparison is: candidates are written once and walked in chunks, and it goes on after the household
that was committed last. It writes its own report and nothing else: no flag, no signal, no event.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from chassis import operations
from chassis.operations import Operation
from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer
from contracts.parameters import ParameterBook
from services.monitoring.commands import screen_candidates
from services.monitoring.commands.screen_candidates import Screening
from services.monitoring.domain.bounds import Bounds
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.judgement import ScreeningFinding
from services.monitoring.domain.screening import RULES, Rule, candidate_bounds, screen
from services.monitoring.domain.what_if import Side, differences, either, in_window, replaced
from services.monitoring.storage import candidates, households, what_if_changes
from services.monitoring.storage.candidates import Candidate, Scope
from services.monitoring.storage.what_if_changes import Changed

KIND = what_if_changes.KIND
CHUNK = 200


async def carry_out(runtime: Runtime, operation: Operation) -> dict[str, Any]:
    """The operation's handler; goes on from the step that was committed last."""
    if "narrowed" not in operation.progress:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            await narrow(runtime, uow, operation)
            await uow.commit()
    while True:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            if not await judge_chunk(runtime, uow, operation):
                break
            await uow.commit()
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        await candidates.clear(uow.driver, operation.id)
        found = await what_if_changes.totals(uow.driver, operation.id)
        await uow.commit()
    return {"households": operation.progress["households"], "unchanged": operation.progress["unchanged"], **found}


async def narrow(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> None:
    """Write the candidates of both sides."""
    now, then = await _sides(runtime, uow, operation)
    today = runtime.clock.today()
    scope = Scope(operation.id, operation.division, None)
    await candidates.clear(uow.driver, operation.id)
    for key, rule in RULES.items():
        days = await candidates.days_of(uow.driver, key, None)
        if days is not None:
            first, second = (_bounds(rule, side, operation.division, today, days) for side in (now, then))
            await candidates.write(uow.driver, scope, either(first, second))
    await operations.save_progress(uow.driver, operation, narrowed=True, households=0, unchanged=0, changes=0)


async def judge_chunk(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> bool:
    """Judge the candidates of the next households on both sides; False when there are no more."""
    progress = operation.progress
    chunk = await candidates.next_chunk(uow.driver, operation.id, progress.get("after", ""), CHUNK)
    if not chunk:
        return False
    sides = await _sides(runtime, uow, operation)
    ids = sorted({HouseholdId(candidate.household_id) for candidate in chunk})
    changed: list[Changed] = []
    unchanged = 0
    for household in await households.read_many(uow.driver, ids):
        own = [candidate for candidate in chunk if candidate.household_id == household.id]
        now, then = (_crossed(own, household, side, runtime.clock.today(), sides[1]) for side in sides)
        unchanged += len(now.keys() & then.keys())
        changed += [
            Changed(household_id=household.id, division=household.division, change=change, finding=finding)
            for change, finding in differences(now, then)
        ]
    await what_if_changes.add(uow.driver, operation.id, progress["changes"] + 1, changed)
    await operations.save_progress(
        uow.driver,
        operation,
        after=chunk[-1].household_id,
        households=progress["households"] + len(ids),
        unchanged=progress["unchanged"] + unchanged,
        changes=progress["changes"] + len(changed),
    )
    return True


async def _sides(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> tuple[Side, Side]:
    """How it is, and how it would be."""
    asked = operation.arguments
    book = await runtime.parameters.book(uow.driver)
    other = replaced(book, [(change["key"], change["value"]) for change in asked["parameters"]], operation.division)
    if asked["as_of"] is None:
        return Side(book, None), Side(other, None)
    return Side(book, runtime.clock.today()), Side(other, date.fromisoformat(asked["as_of"]))


def _bounds(rule: Rule, side: Side, division: str, today: date, days: tuple[date, date]) -> Bounds:
    if side.window_on is not None:
        return candidate_bounds(rule, side.book, first=side.window_on, last=side.window_on, division=division)
    return screen_candidates.bounds_of(rule, _screening(side.book, division, today), *days)


def _crossed(
    own: Sequence[Candidate], household: Household, side: Side, today: date, then: Side
) -> dict[tuple[str, ...], ScreeningFinding]:
    """What crosses its rule in a household on one side. Windows of two days hold different periods: there only the
    rule is compared."""
    found: dict[tuple[str, ...], ScreeningFinding] = {}
    for candidate in own:
        finding = _find(candidate, household, side, today)
        if finding is not None and finding.crossed is Answer.YES:
            key = (finding.rule,) if then.window_on else (finding.rule, finding.period)
            found.setdefault(key, finding)
    return found


def _find(candidate: Candidate, household: Household, side: Side, today: date) -> ScreeningFinding | None:
    day = side.window_on
    if day is None:
        return screen_candidates.find(candidate, household, _screening(side.book, household.division, today))
    rule = RULES[candidate.rule]
    period = rule.period_of(candidate.last_on, candidate.record_no)
    if not in_window(rule, period, candidate.last_on, day):
        return None
    facts = screen_candidates.facts_of(candidate, household, day)
    return screen(rule, facts, book=side.book, period=period, day=day, division=household.division_on(day))


def _screening(book: ParameterBook, division: str, today: date) -> Screening:
    return Screening(book=book, division=division, known_to=today, on=today)
