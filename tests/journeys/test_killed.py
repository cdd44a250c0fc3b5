"""Cut off, pressed twice, taken by two: a procedure comes to the same end, whatever happens on its way."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import Month
from tests.chassis.test_crash_points import Town, told_once_in_order, town
from tests.journeys.conftest import Outside
from tests.monitoring.cases.conftest import VOTE, Case, a_survey, open_case, open_for
from tests.monitoring.cases.test_elimination import carried, done, helped, monthly, request, resolve
from tests.monitoring.registry.conftest import Registered, Registry, a_person
from tests.processes import ServiceProcess, running
from tests.tokens import TOWN, Issuer
from tests.waiting import eventually

__all__ = ["town"]

POINTS = ("before-commit", "after-commit")
STEPS = frozenset(
    {
        "authorization", "survey", "review", "publicity", "closing", "comparison-results", "town-check",
        "county-decision", "announcement", "registration",
    }
)  # fmt: skip


@dataclass
class CutOff:
    """Stands in for an app: each step is first sent to a process that dies at a point, then to one that lives."""

    issuer: Issuer
    alive: ServiceProcess
    environment: dict[str, str]
    points: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.alive.client

    def officer(
        self, role: Role = Role.TOWN_OFFICER, division: str = TOWN, person: str | None = None
    ) -> dict[str, str]:
        return self.issuer.officer(role, division, person)

    async def get(self, path: str, *, as_: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**(as_ or self.officer()), **headers})

    async def post(
        self, path: str, body: Any, *, as_: dict[str, str] | None = None, key: str | None = None, **headers: str
    ) -> httpx.Response:
        sent = {**(as_ or self.officer()), "Idempotency-Key": key or uuid4().hex, **headers}
        step = path.rsplit("/", 1)[-1]
        first = await self._in_a_dying_process(step, path, body, sent) if step in STEPS else None
        answer = await eventually(lambda: self._answered(path, body, sent))
        if first is not None:
            assert (answer.status_code, answer.content) == (first.status_code, first.content)
        return answer

    async def _answered(self, path: str, body: Any, sent: dict[str, str]) -> httpx.Response | None:
        """The answer; none while the database has not noticed yet that the dead process is gone."""
        answer = await self.client.post(path, json=body, headers=sent)
        in_progress = answer.status_code == 409 and answer.json()["code"] == "operation-in-progress"
        return None if in_progress else answer

    async def _in_a_dying_process(self, step: str, path: str, body: Any, sent: dict[str, str]) -> httpx.Response | None:
        point = self.points.choice(POINTS)
        armed = {**self.environment, "SHOUWANG_CRASH_POINT": point, "SHOUWANG_WORKER": "false"}
        first = None
        async with running(armed) as process:
            with contextlib.suppress(httpx.TransportError):
                first = await process.client.post(path, json=body, headers=sent)
            await process.died()
        self.killed[step] += 1
        return first


@pytest.fixture
async def cut_off(town: Town) -> AsyncIterator[CutOff]:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"the crash points are drawn from seed {seed}")
    async with running(town.environment) as alive:
        yield CutOff(town.issuer, alive, town.environment, random.Random(seed))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_once_in_every_step_in_and_out(town: Town, cut_off: CutOff) -> None:
    clock = DemoClock(town.directory / "clock.json")
    registry = Registry(cut_off, clock)  # type: ignore[arg-type] -- it stands in for an app
    registry.on(date(2024, 3, 12))
    case = await open_case(registry)
    await case.to("announcement")
    await case.take("announcement")
    await case.step("registration")
    assert set(cut_off.killed) == STEPS
    await helped(case)
    case.on(date(2024, 10, 8))
    await monthly(case, Month(2023, 5), Month(2024, 9), "1250.00")
    assert (await resolve(case)).status_code == 201
    out = await carried(case, await request(case))
    await done(case, out)
    assert set(cut_off.killed.values()) == {2}, "once in each step of both procedures"
    home = await registry.read(case.home)
    assert [(span["since"], span["ended"]) for span in home["monitored"]] == [("2024-03", "2024-10")]
    events = await town.value("select count(*) from chassis.outbox where topic not like '%.state'")
    assert isinstance(events, int)
    await told_once_in_order(town, events)
    twice = await town.value(
        "select count(*) from (select entry ->> 'step' from case_file, "
        "jsonb_array_elements(document -> 'course' -> 'entries') as entry "
        "group by case_file.id, entry ->> 'step' having count(*) > 1) as doubled"
    )
    assert twice == 0


async def test_a_hundred_identical_commands_at_once_have_one_effect(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    body, key = a_survey(case.day), uuid4().hex
    headers = {"If-Match": f'"{case.version}"'}
    answers = await asyncio.gather(
        *(
            registry.app.post(f"/v1/cases/{case.id}/survey", body, as_=case.who("survey"), key=key, **headers)
            for _ in range(100)
        )
    )
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 409}
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"operation-in-progress"}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    last = await registry.app.post(f"/v1/cases/{case.id}/survey", body, as_=case.who("survey"), key=key, **headers)
    assert last.headers["Idempotency-Replayed"] == "true"
    assert len(await registry.rows("select id from survey")) == 1
    assert (await outside.heard(case.home)).count("case-surveyed") == 1


async def test_of_two_officers_at_once_one_takes_the_step(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await case.survey()
    body, headers = {"held_on": str(case.day), **VOTE}, {"If-Match": f'"{case.version}"'}
    answers = await asyncio.gather(
        *(
            registry.app.post(f"/v1/cases/{case.id}/review", body, as_=case.who("review", f"officer-{n}"), **headers)
            for n in range(2)
        )
    )
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert sorted(answer.status_code for answer in answers)[1] in (409, 412)
    assert (await outside.heard(case.home)).count("case-reviewed") == 1


async def test_of_two_who_open_a_case_at_once_one_does(registry: Registry, outside: Outside) -> None:
    home: Registered = await registry.register([a_person("0")])
    registry.on(date(2024, 3, 12))
    opened = await asyncio.gather(*(open_for(registry, home) for _ in range(2)), return_exceptions=True)
    assert sum(isinstance(one, Case) for one in opened) == 1
    assert len(await registry.rows("select id from case_file where standing = 'open'")) == 1
    assert (await outside.heard(home)).count("case-opened") == 1
