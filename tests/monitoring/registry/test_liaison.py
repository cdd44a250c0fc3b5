"""Liaison relations over HTTP: who stands by a household on which day (M-1.1.6)."""

import asyncio
from datetime import date
from typing import Any

from chassis import database
from contracts.access import Role
from services.monitoring.storage.liaisons import is_assigned
from tests.monitoring.registry.conftest import TODAY, Registered, Registry
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, VILLAGE

CADRE, NEXT = "cadre-1", "cadre-2"


async def assign(
    registry: Registry, home: Registered, *officers: str, version: int = 0, on: str = "2023-09-01", **more: Any
):
    relations = [{"relation": more.pop("relation", "liaison-cadre"), "officer": officer} for officer in officers]
    return await registry.put(f"{home.path}/liaison", {"on": on, "relations": relations}, version=version, **more)


async def assigned(registry: Registry, person: str, home: Registered, day: date) -> bool:
    async with database.connect(registry.app.runtime.engine) as connection:
        return await is_assigned(connection, person, home.id, day)


async def test_a_cadre_is_assigned_from_the_first_day_to_the_day_before_the_last(registry: Registry) -> None:
    home = await registry.register(1)
    other = await registry.register(1)
    registry.on(TODAY)
    first = await assign(registry, home, CADRE)
    assert (first.status_code, first.json()["version"], len(first.json()["begun"])) == (200, 1, 1)
    second = await assign(registry, home, NEXT, version=1, on="2023-12-01")
    assert (second.status_code, second.json()["ended"]) == (200, first.json()["begun"])
    days = [date(2023, 8, 31), date(2023, 9, 1), date(2023, 11, 30), date(2023, 12, 1), TODAY]
    assert [await assigned(registry, CADRE, home, day) for day in days] == [False, True, True, False, False]
    assert [await assigned(registry, NEXT, home, day) for day in days] == [False, False, False, True, True]
    assert not await assigned(registry, CADRE, other, days[1])


async def test_another_relation_does_not_make_a_liaison_cadre(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    assert (await assign(registry, home, CADRE, relation="volunteer")).status_code == 200
    assert not await assigned(registry, CADRE, home, TODAY)


async def test_the_same_list_again_changes_nothing_and_an_empty_one_ends_all(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await assign(registry, home, CADRE)
    same = await assign(registry, home, CADRE, version=1, on="2023-10-01")
    assert same.json() == {"version": 1, "begun": [], "ended": []}
    none = await assign(registry, home, version=1, on="2023-12-01")
    assert (none.json()["version"], len(none.json()["ended"])) == (2, 1)
    found = await registry.app.get(f"{home.path}/liaison")
    assert found.headers["ETag"] == '"2"'
    (item,) = found.json()["items"]
    assert (item["officer"], item["from_on"], item["until_on"], item["holds"]) == (
        CADRE,
        "2023-09-01",
        "2023-12-01",
        False,
    )


async def test_the_events_tell_the_relation_and_not_the_officer(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await assign(registry, home, CADRE)
    await assign(registry, home, NEXT, version=1, on="2023-12-01")
    told = [(name, body["from_on"], body["until_on"]) for name, _, body in (await registry.told(home))[1:]]
    assert told == [
        ("liaison-assigned", "2023-09-01", None),
        ("liaison-assigned", "2023-09-01", "2023-12-01"),
        ("liaison-assigned", "2023-12-01", None),
    ]
    assert CADRE not in str(await registry.told(home))


async def test_a_wrong_officer_is_withdrawn_on_the_same_day(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await assign(registry, home, CADRE, on=str(TODAY))
    assert (await assign(registry, home, NEXT, version=1, on=str(TODAY))).status_code == 200
    assert not await assigned(registry, CADRE, home, TODAY)
    assert await assigned(registry, NEXT, home, TODAY)


async def test_of_two_officers_one_assigns(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    answers = await asyncio.gather(assign(registry, home, CADRE), assign(registry, home, NEXT))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert len((await registry.app.get(f"{home.path}/liaison")).json()["items"]) == 1


async def test_who_may_assign_and_when(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    committee = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert (await assign(registry, home, CADRE, **committee)).status_code == 403
    elsewhere = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await assign(registry, home, CADRE, **elsewhere)).status_code == 404
    early = await assign(registry, home, CADRE, on="2023-07-31")
    assert (early.status_code, early.json()["code"]) == (409, "day-before-history")
    late = await assign(registry, home, CADRE, on="2024-03-13")
    assert (late.status_code, late.json()["code"]) == (422, "day-in-future")
    await registry.change(home, "end", {"reason": "left-county"})
    ended = await assign(registry, home, CADRE)
    assert (ended.status_code, ended.json()["code"]) == (409, "household-has-ended")


async def test_relations_end_with_their_household(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await assign(registry, home, CADRE)
    await registry.change(home, "end", {"reason": "left-county", "on": "2024-02-01"})
    assert await assigned(registry, CADRE, home, date(2024, 1, 31))
    assert not await assigned(registry, CADRE, home, date(2024, 2, 1))


async def village(registry: Registry, code: str = VILLAGE, **given: Any):
    more = {name: given.pop(name) for name in ("as_", "key") if name in given}
    body = {"officer": CADRE, "on": "2024-01-01", **given}
    return await registry.app.post(f"/v1/villages/{code}/liaison", body, **more)


async def test_one_cadre_for_every_household_of_a_village(registry: Registry) -> None:
    homes = [await registry.register(1) for _ in range(3)]
    neighbour = await registry.register(1, division=OTHER_VILLAGE)
    registry.on(TODAY)
    ended = await registry.register(1)
    await registry.change(ended, "end", {"reason": "registered-wrongly"})
    await assign(registry, homes[0], CADRE, on="2023-09-01")
    await assign(registry, homes[1], NEXT, on="2023-09-01")
    done = await village(registry)
    assert (done.status_code, done.json()) == (200, {"begun": 2, "ended": 0})
    assert [await assigned(registry, CADRE, home, TODAY) for home in (*homes, neighbour, ended)] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert await assigned(registry, CADRE, homes[0], date(2023, 12, 31))
    assert await assigned(registry, NEXT, homes[1], TODAY)
    assert [name for name, _, _ in await registry.told(homes[2])][-1] == "liaison-assigned"
    assert (await village(registry)).json() == {"begun": 0, "ended": 0}


async def test_a_village_changes_its_cadre(registry: Registry) -> None:
    homes = [await registry.register(1) for _ in range(2)]
    registry.on(TODAY)
    await village(registry)
    done = await village(registry, officer=NEXT, on="2024-03-01", others_end=True)
    assert done.json() == {"begun": 2, "ended": 2}
    for home in homes:
        assert await assigned(registry, CADRE, home, date(2024, 2, 29))
        assert not await assigned(registry, CADRE, home, date(2024, 3, 1))
        assert await assigned(registry, NEXT, home, date(2024, 3, 1))
    assert (await registry.app.get(f"{homes[0].path}/liaison")).json()["version"] == 3


async def test_a_village_of_another_town_is_not_the_callers_to_assign(registry: Registry) -> None:
    registry.on(TODAY)
    refused = await village(registry, OTHER_TOWN_VILLAGE)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-division")
    committee = await village(registry, as_=registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE))
    assert committee.status_code == 403
