"""The first load of a platform, and the dictionaries that it reads codes with."""

import json
from datetime import date
from typing import Any

from contracts.access import Role
from contracts.events.monitoring_state import HouseholdState
from tests.monitoring.registry.conftest import TODAY, Registry, a_person
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, VILLAGE

COUNTY, CITY = "150623", "1506"


async def snapshot(
    registry: Registry, query: str = "", division: str = CITY
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = await registry.app.get(
        f"/v1/snapshots/households{query}", as_=registry.as_(Role.MUNICIPAL_VIEWER, division)
    )
    assert found.status_code == 200, found.text
    assert found.headers["content-type"] == "application/x-ndjson"
    first, *lines = [json.loads(line) for line in found.text.splitlines()]
    return first, lines


async def test_a_snapshot_is_the_published_state_with_the_numbers_it_matches(registry: Registry) -> None:
    home = await registry.register([a_person("0", name="斯琴·高娃", phone="13812345678")])
    registry.on(TODAY)
    await registry.change(home, "members", {"reason": "birth", "member": a_person("2")})
    first, (line,) = await snapshot(registry)
    assert (first["snapshot"], first["as_of"]) == ("household", str(TODAY))
    assert first["state_topic"].endswith("shouwang.monitoring.state")
    assert line["data"] == await registry.state(home)
    assert HouseholdState.model_validate(line["data"]).household_id == home.id
    told = await registry.told(home)
    assert (line["key"], int(line["sequence"]), int(line["public_sequence"])) == (
        f"household/{home.id}",
        2,
        told[-1][1],
    )
    assert len(line["sequence"]) == 19
    for personal in ("斯琴", "13812345678", "150623"):
        assert personal not in json.dumps(line["data"]["members"], ensure_ascii=False)


async def test_a_snapshot_is_cut_to_the_division_and_goes_beyond_one_chunk(
    registry: Registry, monkeypatch: Any
) -> None:
    monkeypatch.setattr("services.monitoring.api.snapshots.CHUNK", 2)
    here = [await registry.register(1) for _ in range(5)]
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    there = await registry.register(1, division=OTHER_TOWN_VILLAGE, as_=county)
    _, lines = await snapshot(registry)
    assert [line["data"]["household_id"] for line in lines] == sorted(home.id for home in (*here, there))
    _, lines = await snapshot(registry, division="150623101")
    assert [line["data"]["household_id"] for line in lines] == [there.id]
    await registry.app.runtime.audit.flush()
    rows = await registry.rows("select result_ids from chassis.audit where search = 'snapshot'")
    assert sorted(len(row["result_ids"]) for row in rows) == [1, 2, 2, 2]


async def test_a_snapshot_of_a_past_day_undoes_what_came_later(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    later = await registry.register(1)
    await registry.change(home, f"members/{home.members[1]}/departure", {"on": "2023-10-01", "reason": "marriage"})
    await registry.change(
        home, "moves", {"on": "2023-12-01", "reason": "housing", "to_division": OTHER_VILLAGE}, version=2
    )
    await registry.change(home, "end", {"on": "2024-02-01", "reason": "left-county"}, version=3)

    async def stood(day: str) -> tuple[object, ...]:
        first, lines = await snapshot(registry, f"?as_of={day}")
        assert (first["state_topic"], {line["sequence"] for line in lines}) == (None, {None})
        (line,) = lines
        data = line["data"]
        present = [member for member in data["members"] if member["left_on"] is None]
        return data["divisions"][-1]["value"], data["divisions"][-1]["until_on"], len(present), data["ended_how"]

    assert await stood("2023-09-30") == (VILLAGE, None, 2, None)
    assert await stood("2023-10-01") == (VILLAGE, None, 1, None)
    assert await stood("2023-12-01") == (OTHER_VILLAGE, None, 1, None)
    assert await stood("2024-01-31") == (OTHER_VILLAGE, None, 1, None)
    assert await stood("2024-02-01") == (OTHER_VILLAGE, None, 0, "left-county")
    assert (await snapshot(registry, "?as_of=2023-07-31"))[1] == []
    _, today = await snapshot(registry, f"?as_of={TODAY}")
    assert {line["data"]["household_id"] for line in today} == {home.id, later.id}


async def test_a_snapshot_has_a_permission_of_its_own_and_no_day_in_the_future(registry: Registry) -> None:
    refused = await registry.app.get("/v1/snapshots/households")
    assert refused.status_code == 403
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    future = await registry.app.get("/v1/snapshots/households?as_of=2023-08-02", as_=county)
    assert (future.status_code, future.json()["code"]) == (422, "day-in-future")
    app = registry.app.issuer.app(COUNTY, ["snapshot:read"])
    assert (await registry.app.get("/v1/snapshots/households", as_=app)).status_code == 200


async def test_dictionaries_are_listed_and_read_as_of_a_day(registry: Registry) -> None:
    listed = (await registry.app.get("/v1/dictionaries")).json()["items"]
    assert "measure-categories" in {item["name"] for item in listed}
    for item in listed:
        found = await registry.app.get(item["link"])
        assert found.status_code == 200, item
        assert found.json()["entries"], item
    before = await registry.app.get(f"/v1/dictionaries/member-join-reasons?day={date(2020, 12, 31)}")
    assert before.json()["entries"] == []
    first = await registry.app.get("/v1/dictionaries/member-join-reasons?day=2021-01-01")
    assert "birth" in {entry["code"] for entry in first.json()["entries"]}
    assert (await registry.app.get("/v1/dictionaries/no-such-list")).status_code == 404
