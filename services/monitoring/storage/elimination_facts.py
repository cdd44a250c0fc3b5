"""What an elimination check rests on, read for any number of households in one round of statements."""

from collections.abc import Sequence
from datetime import date

import asyncpg

from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.domain.circumstances import Guarantee, Guarantees
from services.monitoring.domain.elimination import STABLE_MONTHS, EliminationFacts, MeasureFact, observed_months
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.income import IncomeEntry
from services.monitoring.domain.income_observations import Observation, last_month_end, observe
from services.monitoring.domain.member import Member
from services.monitoring.domain.survey import Survey, newest
from services.monitoring.storage import incomes, risk_resolutions, surveys

LINE = "monitoring.income-line"
SOURCE_ORDER, EARNER_AGE = "monitoring.income.source-order", "monitoring.income.earner-age"
_MEASURES = """
select household_id, category, standing, document -> 'covers' as covers from measure
where household_id = any($1::uuid[]) and planned_on >= $2
"""
_NAMES = ("education", "medical", "housing", "water")


async def of_households(
    connection: asyncpg.Connection, households: Sequence[Household], *, book: ParameterBook, day: date
) -> dict[HouseholdId, EliminationFacts]:
    """The facts of monitored households as known on a day; those that are not monitored are left out."""
    monitored = [one for one in households if one.monitored and one.monitored[-1].ended is None]
    ids = [one.id for one in monitored]
    made = await surveys.of_households(connection, ids)
    entries: dict[HouseholdId, list[IncomeEntry]] = {one: [] for one in ids}
    for entry in await incomes.standing(connection, ids):
        entries[entry.key.household_id].append(entry)
    resolved = await risk_resolutions.standing(connection, ids)
    measures: dict[str, list[MeasureFact]] = {one: [] for one in ids}
    since = min((one.monitored[-1].since for one in monitored), default=Month.of(day)).plus(-1)
    for row in await connection.fetch(_MEASURES, ids, since.first_day):
        measures[str(row["household_id"])].append(
            MeasureFact(category=row["category"], standing=row["standing"], covers=tuple(row["covers"]))
        )
    return {
        one.id: EliminationFacts(
            identified=one.monitored[-1].since,
            risks=tuple(risk.code for risk in one.risks),
            resolved=resolved[one.id],
            guarantees=_guarantees(one.guarantees, survey),
            survey=survey,
            measures=tuple(measures[one.id]),
            labour=tuple(member.details.labour for member in one.members_on(day)),
            observations=observations(one, entries[one.id], made[one.id], book=book, day=day),
        )
        for one in monitored
        for survey in [newest((s for s in made[one.id] if s.surveyed_on >= one.monitored[-1].since.first_day), day)]
    }


def observations(
    household: Household,
    entries: Sequence[IncomeEntry],
    made: Sequence[Survey],
    *,
    book: ParameterBook,
    day: date,
) -> tuple[Observation, ...]:
    """The month-ends up to the last one that has ended, each against the line of its own year and place."""
    months = book.find(STABLE_MONTHS, day, household.division).whole
    order = tuple(book.find(SOURCE_ORDER, day, household.division).value)
    age = book.find(EARNER_AGE, day, household.division).whole
    found = []
    for month in observed_months(months, last_month_end(day)):
        present = household.members_on(month.last_day)
        found.append(
            observe(
                month,
                entries=entries,
                surveys=made,
                earners=[member.id for member in present if _earns(member, month.last_day, age)],
                members=len(present),
                line=book.find(LINE, month.last_day, household.division_on(month.last_day)),
                order=order,
            )
        )
    return tuple(found)


def _earns(member: Member, on: date, age: int) -> bool:
    years = member.details.age_on(on)
    return years is None or years >= age


def _guarantees(recorded: Guarantees, survey: Survey | None) -> Guarantees:
    """Each as it was found last, by a survey or otherwise."""
    if survey is None:
        return recorded
    return Guarantees(**{name: _later(getattr(recorded, name), getattr(survey.guarantees, name)) for name in _NAMES})


def _later(one: Guarantee, other: Guarantee) -> Guarantee:
    if one.known_on is None or (other.known_on is not None and other.known_on >= one.known_on):
        return other if other.known_on is not None else one
    return one
