"""Employment on its business day, with households that it knows as monitoring would have told it."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import pytest

from chassis import database
from chassis.clock import DemoClock
from chassis.projection import StateMessage
from contracts.events.monitoring_state import HouseholdState
from services.employment.storage.known import KnownHouseholds
from tests.apps import RunningApp, StartApp
from tests.tokens import VILLAGE

TODAY = date(2024, 3, 12)


@dataclass(frozen=True, slots=True)
class Employment:
    app: RunningApp
    clock: DemoClock

    def on(self, day: date) -> None:
        self.clock.move(datetime.combine(day, time(4), UTC))

    async def knows(
        self,
        *people: dict[str, Any],
        division: str = VILLAGE,
        household_type: str = "ordinary",
        monitored: bool = False,
    ) -> list[str]:
        """A household with these members; answers their ids."""
        body = json.loads(HouseholdState.example().model_dump_json())
        ids = [str(uuid4()) for _ in people]
        body["household_types"][-1]["value"] = household_type
        body["monitored"] = [{"since": "2023-01", "ended": None, "how": None, "kept": False}] if monitored else []
        template = body["members"][0]
        body["members"] = [
            {**template, "member_id": member, "birth_month": "1980-05", "person_key": uuid4().hex * 2, **given}
            for member, given in zip(ids, people, strict=True)
        ]
        state = StateMessage(
            "monitoring", "household", str(uuid4()), 1, division, datetime(2024, 1, 1, tzinfo=UTC), json.dumps(body)
        )
        async with database.connect(self.app.runtime.engine) as connection:
            await KnownHouseholds().apply(connection, [state])
        return ids

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        async with database.connect(self.app.runtime.engine) as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]

    async def told(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Key, name and body of the public events, in order."""
        rows = await self.rows(
            "select key, type, payload from chassis.outbox where topic not like '%.state' order by id"
        )
        return [(row["key"], row["type"].split(".")[2], json.loads(row["payload"])) for row in rows]


@pytest.fixture
async def employment(start_app: StartApp, business_clock: DemoClock) -> Employment:
    made = Employment(await start_app("employment"), business_clock)
    made.on(TODAY)
    return made
