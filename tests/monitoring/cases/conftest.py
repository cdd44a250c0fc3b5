"""A household's way through its case, told in the words of the procedure: who does which step on which day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import Registered, Registry, a_person, registry
from tests.tokens import TOWN, VILLAGE

__all__ = ["registry"]

COUNTY = "150623"
OPENED = date(2024, 3, 12)
PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"
ROLES = {
    "survey": (Role.VILLAGE_TEAM, VILLAGE),
    "authorization": (Role.VILLAGE_TEAM, VILLAGE),
    "review": (Role.VILLAGE_COMMITTEE, VILLAGE),
    "publicity": (Role.VILLAGE_COMMITTEE, VILLAGE),
    "closing": (Role.VILLAGE_COMMITTEE, VILLAGE),
    "comparison-results": (Role.TOWN_OFFICER, TOWN),
    "adjudication": (Role.TOWN_OFFICER, TOWN),
    "town-check": (Role.TOWN_OFFICER, TOWN),
    "county-decision": (Role.COUNTY_OFFICER, COUNTY),
    "announcement": (Role.TOWN_OFFICER, TOWN),
    "registration": (Role.TOWN_OFFICER, TOWN),
    "return": (Role.COUNTY_OFFICER, COUNTY),
    "withdrawal": (Role.TOWN_OFFICER, TOWN),
    "green-channel": (Role.TOWN_OFFICER, TOWN),
    "examination": (Role.COUNTY_OFFICER, COUNTY),
}
"""Who takes which step, unless a test says otherwise; everybody is a person of their own."""

POOR = {"wage": "9000.00", "production": "0.00", "property": "0.00", "transfer": "3000.00", "production_cost": "0.00"}
"""12,000 yuan for two: 6,000 each, below the sample line of 7,500 for 2024."""
VOTE = {"entitled": 30, "present": 24, "in_favour": 20, "against": 3, "abstained": 1}


def a_survey(day: date, **given: Any) -> dict[str, Any]:
    last = (day.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    return {"surveyed_on": str(day), "companions": ["second-surveyor"], "months_end": last, **POOR, **given}


@dataclass(slots=True)
class Case:
    """A case over HTTP; remembers the version that its officers saw last."""

    registry: Registry
    home: Registered
    id: str
    version: int
    day: date
    publicity_id: str = ""
    answers: dict[str, Any] = field(default_factory=dict)

    def who(self, step: str, person: str | None = None) -> dict[str, str]:
        role, division = ROLES[step]
        return self.registry.app.officer(role, division, person or f"officer-{step}")

    def on(self, day: date) -> None:
        self.day = day
        self.registry.on(day)

    async def post(
        self, step: str, body: dict[str, Any], *, path: str | None = None, person: str | None = None, **headers: str
    ) -> httpx.Response:
        """One step as its officer; the version that was answered is remembered."""
        sent = {"If-Match": f'"{self.version}"', **headers}
        answer = await self.registry.app.post(
            path or f"/v1/cases/{self.id}/{step}", body, as_=self.who(step, person), **sent
        )
        if answer.status_code < 300 and "version" in answer.json():
            self.version = answer.json()["version"]
        return answer

    async def step(self, step: str, body: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """A step that succeeds."""
        answer = await self.post(step, body or {}, **more)
        assert answer.status_code in (200, 201), answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def read(self) -> dict[str, Any]:
        found = await self.registry.app.get(f"/v1/cases/{self.id}")
        assert found.status_code == 200, found.text
        shown: dict[str, Any] = found.json()
        self.version = shown["version"]
        return shown

    async def events(self) -> list[str]:
        return [name for name, _, _ in await self.registry.told(self.home)]

    async def evidence(self, step: str) -> str:
        """A signed paper, kept as an attachment by who takes a step."""
        headers = {**self.who(step), "Idempotency-Key": uuid4().hex, "X-Purpose": "evidence"}
        kept = await self.registry.app.client.post(
            "/v1/attachments",
            params={"division": VILLAGE, "purpose": "evidence"},
            content=PDF,
            headers={**headers, "Content-Type": "application/pdf"},
        )
        assert kept.status_code == 201, kept.text
        found: str = kept.json()["id"]
        return found

    async def authorize(self, adults: list[str] | None = None, **given: Any) -> dict[str, Any]:
        body = {
            "signed_on": str(self.day),
            "expires_on": str(self.day + timedelta(days=90)),
            "scope": ["bank-deposits", "vehicles"],
            "signed_by": adults or list(self.home.members),
            "attachments": [await self.evidence("authorization")],
            **given,
        }
        return await self.step("authorization", body)

    async def survey(self, **given: Any) -> dict[str, Any]:
        return await self.step("survey", a_survey(self.day, **given))

    async def review(self, **given: Any) -> dict[str, Any]:
        return await self.step("review", {"held_on": str(self.day), **VOTE, **given})

    async def put_up(self) -> dict[str, Any]:
        told = await self.step("publicity", {"place": "嘎查公示栏"})
        self.publicity_id = told["publicity_id"]
        return told

    async def close(self) -> dict[str, Any]:
        return await self.step("closing", path=f"/v1/publicities/{self.publicity_id}/closing")

    async def publicise(self) -> None:
        """Put the notice up, wait its days, close it."""
        last = date.fromisoformat((await self.put_up())["last_on"])
        self.on(last + timedelta(days=1))
        await self.close()

    async def to(self, step: str) -> None:
        """Take every step before this one."""
        await self.authorize()
        for name in ("survey", "review", "publicity", "comparison", "town-check", "county-decision", "announcement"):
            if name == step:
                return
            await self.take(name)

    async def take(self, name: str) -> None:
        match name:
            case "survey":
                await self.survey()
            case "review":
                await self.review()
            case "publicity":
                await self.publicise()
            case "comparison":
                await self.step("comparison-results", {"hits": []})
            case "town-check":
                await self.step("town-check", {"outcome": "passed"})
            case "county-decision":
                await self.step("county-decision", DECISION)
            case "announcement" | "registration":
                await self.step(name)


DECISION = {"outcome": "approved", "monitored_class": "marginal", "risks": [{"code": "schooling"}]}


async def open_case(registry: Registry, *, day: date = OPENED, **household: Any) -> Case:
    """A household of two adults that told of its own hardship, and the case that was opened from it."""
    people = [a_person("0", labour="ordinary"), a_person("1", labour="ordinary")]
    home = await registry.register(household.pop("members", people), **household)
    registry.on(day)
    return await open_for(registry, home, day=day)


async def signal(registry: Registry, home: Registered, day: date, **given: Any) -> dict[str, Any]:
    body = {"household_id": home.id, "source": "self-declaration", "kind": "schooling", "occurred_on": str(day)}
    made = await registry.app.post("/v1/signals", {**body, **given})
    assert made.status_code == 201, made.text
    told: dict[str, Any] = made.json()
    return told


async def open_for(registry: Registry, home: Registered, *, day: date = OPENED) -> Case:
    told = await signal(registry, home, day)
    made = await registry.app.post(
        "/v1/cases", {"household_id": home.id, "origin": {"kind": "flag", "id": told["flag_id"]}}
    )
    assert made.status_code == 201, made.text
    return Case(registry, home, made.json()["id"], made.json()["version"], day)


@pytest.fixture
async def case(registry: Registry) -> Case:
    return await open_case(registry)
