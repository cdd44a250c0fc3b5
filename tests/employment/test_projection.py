"""Employment's households are monitoring's, row for row, whenever its database was made."""

from datetime import date

import pytest

from chassis import database
from chassis.clock import DemoClock
from chassis.projection_drop import drop_projections
from services.employment.main import SERVICE
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.monitoring.registry.conftest import REGISTERED, TODAY, Registry, a_person
from tests.waiting import eventually

RECORDED = """
select household.id::text, household.version, division, household_type, monitored_class, ended_on, resettlement_site,
       member.id::text, person_key, sex, labour, joined_on, left_on
from household join member on household_id = household.id order by 1, 8
"""
KNOWN = """
select household.id::text, household.version, division, household_type, monitored_class, ended_on, site,
       member.id::text, person_key, sex, labour, joined_on, left_on
from known_household as household join known_member as member on household_id = household.id order by 1, 8
"""


def someone(relation: str, **given: str) -> dict[str, object]:
    """The state tells the sex that the id number tells where none is recorded; here both say the same."""
    return a_person(relation, sex="1", **given)


async def rows(app: RunningApp, query: str) -> list[tuple[object, ...]]:
    async with database.connect(app.runtime.engine) as connection:
        return [tuple(row) for row in await connection.fetch(query)]


@pytest.fixture
async def registry(start_app: StartApp, business_clock: DemoClock, kafka: Topics) -> Registry:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    registry = Registry(await start_app("monitoring", worker=True), business_clock)
    registry.on(REGISTERED)
    return registry


async def equal(employment: RunningApp, registry: Registry) -> bool:
    known = await rows(employment, KNOWN)
    return bool(known) and known == await rows(registry.app, RECORDED)


async def test_a_database_made_while_the_town_lives_catches_up_and_follows(
    start_app: StartApp, registry: Registry
) -> None:
    for _ in range(3):
        await registry.register([someone("0", labour="ordinary"), someone("1", labour="weak")])
    employment = await start_app("employment", worker=True)
    await eventually(lambda: equal(employment, registry), within=30)
    home = await registry.register([someone("0", labour="ordinary"), someone("1"), someone("2")])
    registry.on(TODAY)
    left = await registry.change(home, f"members/{home.members[2]}/departure", {"reason": "moved-out"})
    assert left.status_code == 200, left.text
    await eventually(lambda: equal(employment, registry), within=30)
    (gone,) = [row for row in await rows(employment, KNOWN) if row[7] == home.members[2]]
    assert gone[-1] == date(2024, 3, 12)


async def test_a_projection_that_was_dropped_is_built_again(start_app: StartApp, registry: Registry) -> None:
    await registry.register([someone("0"), someone("1")])
    employment = await start_app("employment", worker=True)
    await eventually(lambda: equal(employment, registry), within=30)
    dropped = await drop_projections(
        employment.settings.database_url, SERVICE.subscription.handlers, employment.settings.topic_prefix
    )
    assert dropped == ("known_member", "known_household")
    await registry.register([someone("0")])
    await eventually(lambda: equal(employment, registry), within=30)
