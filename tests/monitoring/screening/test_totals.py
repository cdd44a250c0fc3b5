"""The daily totals: each ended day once for each division, also after a restart or with two workers."""

import asyncio
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis import database
from chassis.clock import DemoClock
from chassis.sweep import sweep
from contracts.month import SHANGHAI
from services.monitoring.commands.publish_totals import JOB, publish_totals
from tests.apps import RunningApp
from tests.monitoring.screening.test_signals import household
from tests.tokens import OTHER_VILLAGE, TOWN, VILLAGE
from tests.waiting import eventually

_TOLD = "select payload, key from chassis.outbox where type = 'shouwang.monitoring.totals-published.v1' order by id"


async def told(app: RunningApp) -> list[dict[str, Any]]:
    async with database.connect(app.runtime.engine) as connection:
        rows = await connection.fetch(_TOLD)
    bodies = [json.loads(row["payload"]) for row in rows]
    assert [row["key"] for row in rows] == [f"division/{body['division']}" for body in bodies]
    return bodies


async def swept(app: RunningApp) -> None:
    """Do the totals of all days that have ended."""
    ended = app.runtime.clock.today() - timedelta(days=1)
    while await sweep(app.runtime, JOB, publish_totals, ended):
        continue


@pytest.fixture
def next_day(business_clock: DemoClock) -> Any:
    def move(day: int, month: int = 4) -> None:
        business_clock.move(datetime(2024, month, day, 9, tzinfo=SHANGHAI))

    return move


async def test_a_day_is_told_with_its_households_flags_and_events(app: RunningApp, next_day: Any) -> None:
    await swept(app)
    home = await household(app)
    signal = {"household_id": home["id"], "source": "self-declaration", "kind": "illness", "occurred_on": "2024-04-12"}
    assert (await app.post("/v1/signals", signal)).json()["flagged"] is True
    await swept(app)
    assert await told(app) == [], "the day has not ended"
    next_day(13)
    await swept(app)
    bodies = await told(app)
    assert [body["division"] for body in bodies] == ["1506", "150623", TOWN, VILLAGE]
    village = bodies[-1]
    assert (village["day"], village["open_flags"], village["open_cases"]) == ("2024-04-12", 1, 0)
    assert village["households"] == [{"household_type": "ordinary", "monitored_class": "none", "households": 1}]
    assert {event["type"].split(".")[2]: event["events"] for event in village["events"]} == {
        "household-registered": 1, "signal-recorded": 1, "household-flagged": 1,
    }  # fmt: skip
    assert {json.dumps(body | {"division": ""}) for body in bodies} == {json.dumps(village | {"division": ""})}


async def test_missed_days_are_told_as_they_were(app: RunningApp, next_day: Any) -> None:
    await swept(app)
    home = await household(app)
    next_day(14)
    moved = {"to_division": OTHER_VILLAGE, "on": "2024-04-14", "reason": "resettlement"}
    tag = (await app.get(f"/v1/households/{home['id']}")).headers["ETag"]
    answer = await app.post(f"/v1/households/{home['id']}/moves", moved, **{"If-Match": tag})
    assert answer.status_code == 200, answer.text
    next_day(16, month=5)
    await swept(app)
    villages = [body for body in await told(app) if len(body["division"]) == 12 and body["households"]]
    days = [date(2024, 4, 12) + timedelta(days=n) for n in range(34)]
    assert [date.fromisoformat(body["day"]) for body in villages] == days
    assert [body["division"] for body in villages] == [VILLAGE] * 2 + [OTHER_VILLAGE] * 32


async def test_two_workers_tell_a_day_once(app: RunningApp, next_day: Any) -> None:
    await swept(app)
    await household(app)
    next_day(13)
    await asyncio.gather(swept(app), swept(app))
    await swept(app)
    assert len(await told(app)) == 4


async def test_the_worker_tells_a_day_when_it_has_ended(working_app: RunningApp, next_day: Any) -> None:
    async def begun() -> bool:
        async with database.connect(working_app.runtime.engine) as connection:
            return bool(await connection.fetchval("select count(*) from chassis.sweeps"))

    await eventually(begun)
    await household(working_app)
    next_day(13)
    bodies = await eventually(lambda: told(working_app))
    assert {body["day"] for body in bodies} == {"2024-04-12"}
