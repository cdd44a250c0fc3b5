"""Surveys in the database: written once, read back whole."""

import json
from collections.abc import Sequence
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from chassis.unit_of_work import UnitOfWork
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.survey import Survey

_DOCUMENT = TypeAdapter(Survey)
_INSERT = """
insert into survey (id, household_id, case_id, division, surveyed_on, document) values ($1, $2, $3, $4, $5, $6)
"""
_OF = "select document from survey where household_id = any($1::uuid[]) order by surveyed_on, id"
_ONE = "select document from survey where id = $1"


async def add(uow: UnitOfWork, survey: Survey) -> None:
    document = json.dumps(_DOCUMENT.dump_python(survey, mode="json"))
    await uow.driver.execute(
        _INSERT, survey.id, survey.household_id, survey.case_id, survey.division, survey.surveyed_on, document
    )


async def one(connection: asyncpg.Connection, survey_id: str) -> Survey:
    """A survey that is there; a case names it."""
    return _DOCUMENT.validate_python(await connection.fetchval(_ONE, survey_id))


def shown(survey: Survey) -> dict[str, Any]:
    """A survey as JSON, amounts as text."""
    document: dict[str, Any] = _DOCUMENT.dump_python(survey, mode="json")
    return document


async def of_households(connection: asyncpg.Connection, ids: Sequence[HouseholdId]) -> dict[HouseholdId, list[Survey]]:
    """The surveys of these households, oldest first."""
    found: dict[HouseholdId, list[Survey]] = {one: [] for one in ids}
    for row in await connection.fetch(_OF, list(ids)):
        survey = _DOCUMENT.validate_python(row["document"])
        found[survey.household_id].append(survey)
    return found
