"""A monitoring service with the demo clock at hand, and a few words to speak of its registry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import database
from chassis.clock import DemoClock
from contracts.access import Role
from tests.apps import RunningApp, StartApp
from tests.builders import a_resident_id
from tests.tokens import VILLAGE

REGISTERED = date(2023, 8, 1)
TODAY = date(2024, 3, 12)


@dataclass(frozen=True, slots=True)
class Registered:
    """A household as it was made: its id, and its members' ids in the order given."""

    id: str
    members: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/v1/households/{self.id}"


def a_person(relation: str = "8", **given: Any) -> dict[str, Any]:
    return {"name": "斯琴·高娃", "relation": relation, "resident_id": a_resident_id(), **given}


@dataclass(frozen=True, slots=True)
class Registry:
    app: RunningApp
    clock: DemoClock

    def on(self, day: date) -> None:
        """Put the business clock at noon of a day in Shanghai."""
        self.clock.move(datetime.combine(day, time(4), UTC))

    def as_(self, role: Role, division: str) -> dict[str, str]:
        return self.app.officer(role, division)

    async def register(
        self, members: int | Sequence[dict[str, Any]] = 3, *, as_: dict[str, str] | None = None, **given: Any
    ) -> Registered:
        people = members
        if isinstance(people, int):
            people = [a_person("8" if place else "0") for place in range(people)]
        body = {"division": VILLAGE, "household_type": "ordinary", "members": list(people), **given}
        made = await self.app.post("/v1/households", body, as_=as_)
        assert made.status_code == 201, made.text
        return Registered(made.json()["id"], tuple(member["id"] for member in made.json()["members"]))

    async def change(
        self, household: Registered, command: str, body: dict[str, Any], *, version: int = 1, **more: Any
    ) -> httpx.Response:
        """A command on a household as its caller saw it; its day is today unless it names one."""
        sent = {"on": str(TODAY), **body}
        answer: httpx.Response = await self.app.post(
            f"{household.path}/{command}", sent, **{"If-Match": f'"{version}"', **more}
        )
        return answer

    async def put(self, path: str, body: dict[str, Any], *, version: int, **more: Any) -> httpx.Response:
        headers = {**self.app.officer(), "Idempotency-Key": uuid4().hex, "If-Match": f'"{version}"', **more}
        return await self.app.client.put(path, json=body, headers=headers)

    async def read(self, household: Registered, **query: Any) -> dict[str, Any]:
        found = await self.app.client.get(household.path, params=query, headers=self.app.officer())
        assert found.status_code == 200, found.text
        body: dict[str, Any] = found.json()
        return body

    async def told(self, household: Registered) -> list[tuple[str, int, dict[str, Any]]]:
        """The public events under a household's key, in order: name, number, body."""
        async with database.connect(self.app.runtime.engine) as connection:
            rows = await connection.fetch(
                "select type, sequence, payload from chassis.outbox "
                "where key = $1 and topic not like '%.state' order by sequence",
                f"household/{household.id}",
            )
        return [(row["type"].split(".")[2], row["sequence"], json.loads(row["payload"])) for row in rows]

    async def state(self, household: Registered) -> dict[str, Any]:
        """The newest state of a household as the other services read it."""
        async with database.connect(self.app.runtime.engine) as connection:
            payload = await connection.fetchval(
                "select payload from chassis.outbox where key = $1 and topic like '%.state' "
                "order by sequence desc limit 1",
                f"household/{household.id}",
            )
        body: dict[str, Any] = json.loads(payload)
        return body

    async def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        async with database.connect(self.app.runtime.engine) as connection:
            return [dict(row) for row in await connection.fetch(query, *values)]


@pytest.fixture
async def registry(start_app: StartApp, business_clock: DemoClock) -> Registry:
    """A service whose business day is the one on which the households of a test are registered."""
    registry = Registry(await start_app("monitoring"), business_clock)
    registry.on(REGISTERED)
    return registry
