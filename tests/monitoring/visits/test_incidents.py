"""Sudden incidents over HTTP: whom one touches is signalled and flagged once (M-1.3.9, as far as it is recorded)."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registry, registry
from tests.tokens import OTHER_TOWN_VILLAGE, TOWN

__all__ = ["registry"]


async def report(registry: Registry, households: list[str], **given: Any) -> httpx.Response:
    registry.on(TODAY)
    body = {"kind": "fire", "division": TOWN, "place": "三社", "occurred_on": "2024-03-11", "household_ids": households}
    return await registry.app.post("/v1/incidents", {**body, **given})


async def test_each_household_that_it_touches_is_flagged_once(registry: Registry) -> None:
    homes = [await registry.register(1) for _ in range(3)]
    made = await report(registry, [home.id for home in homes[:2]])
    assert made.status_code == 201, made.text
    assert {flag["household_id"] for flag in made.json()["flags"]} == {home.id for home in homes[:2]}
    shown = (await registry.app.get(made.headers["Location"])).json()
    assert [one["household_id"] for one in shown["households"]] == sorted(home.id for home in homes[:2])
    assert all(one["flag_id"] for one in shown["households"])
    (listed,) = (await registry.app.get("/v1/incidents")).json()["items"]
    assert (listed["id"], listed["households"]) == (made.json()["id"], 2)
    told = await registry.rows("select payload::text as payload from chassis.outbox where topic not like '%.state'")
    assert "三社" not in str(told)


@pytest.mark.clause("M-1.3.9")
async def test_an_incident_opens_a_case_and_its_green_channel(registry: Registry) -> None:
    home = await registry.register(1)
    made = await report(registry, [home.id])
    origin = {"kind": "incident", "id": made.json()["id"]}
    opened = await registry.app.post("/v1/cases", {"household_id": home.id, "origin": origin})
    assert opened.status_code == 201, opened.text
    assert opened.json()["flag_ids"] == [flag["id"] for flag in made.json()["flags"]]
    headers = {**registry.app.officer(), "Idempotency-Key": uuid4().hex, "Content-Type": "application/pdf"}
    paper = await registry.app.client.post(
        f"/v1/attachments?division={TOWN}&purpose=evidence", content=b"%PDF-1.7\nsynthetic\n%%EOF\n", headers=headers
    )
    channel = await registry.app.post(
        f"/v1/cases/{opened.json()['id']}/green-channel",
        {"reason": "fire", "attachments": [paper.json()["id"]]},
        **{"If-Match": '"1"'},
    )
    assert channel.status_code == 200, channel.text
    other = await registry.register(1)
    elsewhere = await registry.app.post("/v1/cases", {"household_id": other.id, "origin": origin})
    assert elsewhere.status_code == 404, "the incident did not touch it"


async def test_a_kind_that_flags_nobody_is_recorded_all_the_same(registry: Registry) -> None:
    home = await registry.register(1)
    made = await report(registry, [home.id], kind="other")
    assert (made.status_code, made.json()["signals"], made.json()["flags"]) == (201, 1, [])


@pytest.mark.parametrize(
    "given",
    [{"kind": "meteor"}, {"occurred_on": "2024-03-13"}, {"place": " "}, {"household_ids": []}, {"division": "1506231"}],
)
async def test_an_incident_that_cannot_be_changes_nothing(registry: Registry, given: dict[str, Any]) -> None:
    home = await registry.register(1)
    refused = await report(registry, [home.id], **given)
    assert refused.status_code == 422
    assert await registry.rows("select id from incident") == await registry.rows("select id from signal") == []


async def test_each_household_that_does_not_live_there_is_named(registry: Registry) -> None:
    home = await registry.register(1)
    far = await registry.register(1, division=OTHER_TOWN_VILLAGE, as_=registry.as_(Role.COUNTY_OFFICER, "150623"))
    refused = await report(registry, [home.id, far.id, str(uuid4())])
    assert refused.json()["code"] == "invalid-incident"
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/household_ids/1", "/household_ids/2"]
    twice = await report(registry, [home.id, home.id])
    assert (twice.status_code, twice.json()["code"]) == (409, "already-reported")
    assert await registry.rows("select id from incident") == []


async def test_another_towns_incident_is_not_there(registry: Registry) -> None:
    home = await registry.register(1)
    made = await report(registry, [home.id])
    other = registry.as_(Role.TOWN_OFFICER, OTHER_TOWN_VILLAGE[:9])
    assert (await registry.app.get(made.headers["Location"], as_=other)).status_code == 404
    assert (await registry.app.get("/v1/incidents", as_=other)).json()["items"] == []
