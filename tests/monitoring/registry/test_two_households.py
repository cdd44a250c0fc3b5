"""Splits and mergers over HTTP: every person in exactly one household, both keys told, both officers' versions."""

import asyncio
from typing import Any

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registered, Registry, a_person
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, VILLAGE

COUNTY = "150623"


def movers(*members: str) -> list[dict[str, str]]:
    """The first becomes head where they go."""
    return [{"member_id": member, "relation": "8" if place else "0"} for place, member in enumerate(members)]


def joiners(*members: str) -> list[dict[str, str]]:
    return [{"member_id": member, "relation": "8"} for member in members]


async def present(registry: Registry, *households: str) -> list[str]:
    """The person keys counted in these households, as the other services read them."""
    keys = []
    for household in households:
        state = await registry.state(Registered(household, ()))
        keys += [member["person_key"] for member in state["members"] if member["left_on"] is None]
    return sorted(keys)


async def test_a_split_keeps_every_member_once_and_tells_both_keys(registry: Registry) -> None:
    home = await registry.register(4)
    before = await present(registry, home.id)
    registry.on(TODAY)
    done = await registry.change(home, "splits", {"reason": "own-household", "members": movers(*home.members[2:])})
    assert done.status_code == 201, done.text
    new = Registered(done.json()["new_household"]["id"], ())
    assert done.headers["Location"] == new.path
    assert await present(registry, home.id, new.id) == before
    assert len(await present(registry, home.id)) == len(await present(registry, new.id)) == 2
    (name, number, body), (new_name, new_number, new_body) = (await registry.told(home))[-1], *await registry.told(new)
    assert (name, number, new_name, new_number) == ("household-split", 2, "household-split", 1)
    assert body == new_body
    assert (body["household_id"], body["new_household_id"]) == (home.id, new.id)
    assert {m["member_id"]: m["new_member_id"] for m in body["members"]} == {
        m["member_id"]: m["new_member_id"] for m in done.json()["members"]
    }
    assert [m["member_id"] for m in body["members"]] == list(home.members[2:])


async def test_a_split_takes_some_and_leaves_some(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    all_go = await registry.change(home, "splits", {"reason": "own-household", "members": movers(*home.members)})
    assert (all_go.status_code, all_go.json()["code"]) == (409, "nothing-to-split")
    none = await registry.change(home, "splits", {"reason": "own-household", "members": []})
    assert none.status_code == 422
    twice = [*movers(home.members[1]), *joiners(home.members[1])]
    again = await registry.change(home, "splits", {"reason": "own-household", "members": twice})
    assert again.status_code == 422
    head = await registry.change(home, "splits", {"reason": "own-household", "members": movers(home.members[0])})
    assert (head.status_code, head.json()["code"]) == (409, "head-missing")
    assert [household["id"] for household in await registry.rows("select id::text from household")] == [home.id]


async def test_the_head_may_found_the_new_household_when_someone_follows(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    body = {
        "reason": "divorce",
        "members": movers(home.members[0]),
        "succession": {"head": home.members[1]},
        "division": OTHER_VILLAGE,
    }
    done = await registry.change(home, "splits", body)
    assert done.status_code == 201, done.text
    new = await registry.read(Registered(done.json()["new_household"]["id"], ()))
    assert (new["division"], new["members"][0]["relation"]) == (OTHER_VILLAGE, "0")
    assert (await registry.read(home))["members"][1]["relation"] == "0"


async def test_a_split_into_a_foreign_village_is_not_the_callers_to_make(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    body = {"reason": "own-household", "members": movers(home.members[1])}
    village = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    refused = await registry.change(home, "splits", {**body, "division": OTHER_VILLAGE}, as_=village)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-division")
    county = registry.as_(Role.COUNTY_OFFICER, "1506")
    away = await registry.change(home, "splits", {**body, "division": "150622100200"}, as_=county)
    assert (away.status_code, away.json()["code"]) == (409, "outside-county")


async def merge(registry: Registry, gone: Registered, into: Registered, **given: Any):
    body = {
        "reason": "care",
        "members": joiners(*gone.members),
        "into_household_id": into.id,
        "into_version": 1,
        **{name: value for name, value in given.items() if name not in {"as_", "version"}},
    }
    rest = {name: given[name] for name in ("as_", "version") if name in given}
    return await registry.change(gone, "merges", body, **rest)


async def test_a_merger_keeps_every_member_once_and_tells_both_keys(registry: Registry) -> None:
    gone, into = await registry.register(2), await registry.register(3)
    before = await present(registry, gone.id, into.id)
    registry.on(TODAY)
    done = await merge(registry, gone, into)
    assert done.status_code == 200, done.text
    assert (done.json()["state"], done.json()["into_household"]["version"]) == ("ended", 2)
    assert await present(registry, into.id) == before
    assert await present(registry, gone.id) == []
    told, told_there = (await registry.told(gone))[-1], (await registry.told(into))[-1]
    assert told == told_there
    assert (told[0], told[1], told[2]["into_household_id"]) == ("household-merged", 2, into.id)
    ended = await registry.read(gone)
    assert ended["successors"] == [{"on": str(TODAY), "how": "merged", "household_id": into.id}]
    passed = {member["id"]: member["passed_to"]["member_id"] for member in ended["members"]}
    assert set(passed.values()) <= {member["id"] for member in (await registry.read(into))["members"]}


async def test_a_merger_names_everybody_and_another_household(registry: Registry) -> None:
    gone, into = await registry.register(2), await registry.register(1)
    registry.on(TODAY)
    some = await merge(registry, gone, into, members=joiners(gone.members[0]))
    assert (some.status_code, some.json()["code"]) == (409, "nothing-to-split")
    itself = await merge(registry, gone, gone)
    assert (itself.status_code, itself.json()["code"]) == (409, "merge-with-itself")
    nowhere = await merge(registry, gone, Registered("5f0d2c1e-7b2a-4a62-b0a4-c1d9e3f80701", ()))
    assert nowhere.status_code == 404


async def test_a_person_of_both_households_is_not_doubled(registry: Registry) -> None:
    twice = a_person()
    gone = await registry.register([a_person("0"), twice])
    into = await registry.register([a_person("0"), twice])
    registry.on(TODAY)
    refused = await merge(registry, gone, into)
    assert (refused.status_code, refused.json()["code"]) == (409, "person-already-member")
    assert len(await registry.told(gone)) == len(await registry.told(into)) == 1


async def test_a_merger_needs_the_versions_of_both(registry: Registry) -> None:
    gone, into = await registry.register(1), await registry.register(1)
    registry.on(TODAY)
    for given in ({"version": 2}, {"into_version": 2}):
        stale = await merge(registry, gone, into, **given)
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert (await merge(registry, gone, into)).status_code == 200


async def test_a_merger_across_towns_is_a_county_officers(registry: Registry) -> None:
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    gone = await registry.register(1)
    into = await registry.register(1, division=OTHER_TOWN_VILLAGE, as_=county)
    registry.on(TODAY)
    assert (await merge(registry, gone, into)).status_code == 404
    assert (await merge(registry, gone, into, as_=county)).status_code == 200


async def test_two_mergers_into_each_other_do_not_lock_each_other_out(registry: Registry) -> None:
    one, other = await registry.register(1), await registry.register(1)
    registry.on(TODAY)
    answers = await asyncio.gather(merge(registry, one, other), merge(registry, other, one))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert len(await present(registry, one.id, other.id)) == 2


async def test_liaison_officers_go_along_with_a_split_and_end_with_a_merger(registry: Registry) -> None:
    home, gone = await registry.register(2), await registry.register(1)
    cadre = {"relation": "liaison-cadre", "officer": "cadre-1"}
    for household in (home, gone):
        set_ = await registry.put(f"{household.path}/liaison", {"on": "2023-08-01", "relations": [cadre]}, version=0)
        assert set_.status_code == 200, set_.text
    registry.on(TODAY)
    done = await registry.change(home, "splits", {"reason": "own-household", "members": movers(home.members[1])})
    new = Registered(done.json()["new_household"]["id"], ())
    (kept,) = (await registry.app.get(f"{new.path}/liaison")).json()["items"]
    assert (kept["officer"], kept["from_on"], kept["until_on"]) == ("cadre-1", str(TODAY), None)
    assert (await merge(registry, gone, home, into_version=2)).status_code == 200
    (over,) = (await registry.app.get(f"{gone.path}/liaison")).json()["items"]
    assert (over["until_on"], over["holds"]) == (str(TODAY), False)
    assert [name for name, _, _ in await registry.told(gone)][-2:] == ["household-merged", "liaison-assigned"]
