"""The life of one household over HTTP: each command on its boundary, told once, and nothing lost."""

import asyncio
from datetime import date
from typing import Any

import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import REGISTERED, TODAY, Registry, a_person
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, VILLAGE

COUNTY = "150623"


async def test_a_correction_changes_what_is_sent_and_nothing_else(registry: Registry) -> None:
    home = await registry.register(national_no="0001", risks=[{"code": "illness"}])
    registry.on(TODAY)
    done = await registry.change(
        home, "corrections", {"reason": "home-visit", "guarantees": {"water": {"secured": "no"}}}
    )
    assert (done.status_code, done.json()["version"], done.headers["ETag"]) == (200, 2, '"2"')
    now = await registry.read(home)
    assert (now["national_no"], now["risks"][0]["code"]) == ("0001", "illness")
    assert now["guarantees"] == {"water": {"secured": "no", "known_on": None}}
    cleared = await registry.change(home, "corrections", {"reason": "clerical-error", "national_no": None}, version=2)
    assert cleared.json()["version"] == 3
    assert (await registry.read(home))["national_no"] is None
    assert [(name, body.get("aspects")) for name, _, body in await registry.told(home)] == [
        ("household-registered", None),
        ("household-corrected", ["guarantees"]),
        ("household-corrected", ["national-no"]),
    ]


async def test_a_correction_that_changes_nothing_is_no_version_and_no_event(registry: Registry) -> None:
    home = await registry.register()
    registry.on(TODAY)
    done = await registry.change(home, "corrections", {"reason": "home-visit", "household_type": "ordinary"})
    assert (done.status_code, done.json()["version"]) == (200, 1)
    assert len(await registry.told(home)) == 1


async def test_a_national_number_belongs_to_one_household(registry: Registry) -> None:
    await registry.register(national_no="0001")
    home = await registry.register()
    registry.on(TODAY)
    taken = await registry.change(home, "corrections", {"reason": "home-visit", "national_no": "0001"})
    assert (taken.status_code, taken.json()["code"]) == (409, "national-no-taken")
    body = {"division": VILLAGE, "household_type": "ordinary", "national_no": "0001", "members": [a_person("0")]}
    again = await registry.app.post("/v1/households", body)
    assert (again.status_code, again.json()["code"]) == (409, "national-no-taken")
    assert (await registry.read(home))["version"] == 1


async def test_a_corrected_member_keeps_what_was_not_sent(registry: Registry) -> None:
    home = await registry.register()
    registry.on(TODAY)
    path = f"members/{home.members[1]}/corrections"
    done = await registry.change(home, path, {"reason": "home-visit", "member": {"labour": "weak"}})
    assert done.json()["version"] == 2
    (member,) = [m for m in (await registry.read(home))["members"] if m["id"] == home.members[1]]
    assert (member["labour"], member["name"]) == ("weak", "斯*·**")
    wrong = await registry.change(
        home, path, {"reason": "home-visit", "member": {"resident_id": "150623198001010019"}}, version=2
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/member/resident_id"
    assert "150623198001010019" not in wrong.text


async def test_another_id_of_a_member_is_another_person_key(registry: Registry) -> None:
    home = await registry.register()
    before = (await registry.state(home))["members"][1]["person_key"]
    registry.on(TODAY)
    other = a_person()["resident_id"]
    path = f"members/{home.members[1]}/corrections"
    await registry.change(home, path, {"reason": "clerical-error", "member": {"resident_id": other}})
    after = (await registry.state(home))["members"][1]["person_key"]
    assert after is not None
    assert after != before
    await registry.change(home, path, {"reason": "clerical-error", "member": {"resident_id": None}}, version=2)
    assert (await registry.state(home))["members"][1]["person_key"] is None


async def test_a_member_joins_and_leaves_and_the_answers_hold_ids_only(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    joined = await registry.change(home, "members", {"reason": "birth", "member": a_person("2", name="巴特尔")})
    assert joined.status_code == 201
    assert set(joined.json()) == {"id", "version", "state", "link", "member_id"}
    path = f"members/{joined.json()['member_id']}/departure"
    left = await registry.change(home, path, {"reason": "moved-out"}, version=2)
    assert (left.status_code, left.json()["version"]) == (200, 3)
    assert [name for name, _, _ in await registry.told(home)] == [
        "household-registered",
        "member-joined",
        "member-left",
    ]
    gone = await registry.change(home, path, {"reason": "moved-out"}, version=3)
    assert (gone.status_code, gone.json()["code"]) == (404, "member-unknown")


async def test_the_head_is_followed_and_the_last_member_ends_the_household(registry: Registry) -> None:
    home = await registry.register(2)
    head, other = home.members
    registry.on(TODAY)
    refused = await registry.change(home, f"members/{head}/death", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "head-missing")
    died = await registry.change(home, f"members/{head}/death", {"succession": {"head": other}})
    assert (died.status_code, died.json()["state"]) == (200, "registered")
    last = await registry.change(home, f"members/{other}/departure", {"reason": "moved-out"}, version=2)
    assert (last.status_code, last.json()["code"]) == (409, "last-member-leaves")
    ended = await registry.change(home, f"members/{other}/death", {}, version=2)
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert [name for name, _, _ in await registry.told(home)] == [
        "household-registered",
        "member-died",
        "member-died",
        "household-ended",
    ]
    after = await registry.change(home, "end", {"reason": "left-county"}, version=3)
    assert (after.status_code, after.json()["code"]) == (409, "household-has-ended")
    assert (await registry.read(home))["ended_how"] == "died-out"


async def test_another_head_needs_the_former_ones_relation(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    succession: dict[str, Any] = {"head": home.members[1]}
    refused = await registry.change(home, "head", {"reason": "own-statement", "succession": succession})
    assert (refused.status_code, refused.json()["code"]) == (409, "head-missing")
    succession["relations"] = {home.members[0]: "5"}
    done = await registry.change(home, "head", {"reason": "own-statement", "succession": succession})
    assert done.status_code == 200
    assert [member["relation"] for member in (await registry.read(home))["members"]] == ["5", "0"]


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        (date(2023, 7, 31), 409, "day-before-history"),
        (REGISTERED, 200, None),
        (TODAY, 200, None),
        (date(2024, 3, 13), 422, "day-in-future"),
    ],
)
async def test_a_change_lies_between_registration_and_today(
    registry: Registry, day: date, status: int, code: str | None
) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    done = await registry.change(home, f"members/{home.members[1]}/departure", {"on": str(day), "reason": "marriage"})
    assert (done.status_code, done.json().get("code")) == (status, code)


async def test_a_reason_is_a_code_of_its_dictionary(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    for reason in ("ran-away", "张三走了"):
        refused = await registry.change(home, f"members/{home.members[1]}/departure", {"reason": reason})
        assert refused.status_code == 422
        assert reason not in refused.text


async def test_a_stale_version_changes_nothing(registry: Registry) -> None:
    home = await registry.register(3)
    registry.on(TODAY)
    path = f"members/{home.members[1]}/departure"
    stale = await registry.change(home, path, {"reason": "marriage"}, version=2)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    for tag in ('W/"1"', "1", "*"):
        wrong = await registry.change(home, path, {"reason": "marriage"}, **{"If-Match": tag})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "if-match-form")
    without = await registry.app.post(f"{home.path}/{path}", {"on": str(TODAY), "reason": "marriage"})
    assert (without.status_code, without.json()["code"]) == (422, "if-match-missing")
    assert (await registry.read(home))["version"] == 1


async def test_of_two_officers_one_wins(registry: Registry) -> None:
    home = await registry.register(3)
    registry.on(TODAY)
    answers = await asyncio.gather(
        *(registry.change(home, f"members/{member}/departure", {"reason": "marriage"}) for member in home.members[1:])
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert sum(member["left_on"] is None for member in (await registry.read(home))["members"]) == 2


async def test_a_repeated_key_is_answered_before_its_version_is_looked_at(registry: Registry) -> None:
    home = await registry.register(3)
    registry.on(TODAY)
    path = f"members/{home.members[1]}/departure"
    first = await registry.change(home, path, {"reason": "marriage"}, key="once")
    again = await registry.change(home, path, {"reason": "marriage"}, key="once")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_a_village_committee_changes_its_own_village_only(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    path, body = f"members/{home.members[1]}/departure", {"reason": "marriage"}
    neighbour = registry.as_(Role.VILLAGE_COMMITTEE, OTHER_VILLAGE)
    hidden = await registry.change(home, path, body, as_=neighbour)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not-found")
    for read in ("", "/history", "/liaison", "/income-entries", "/quality", f"?as_of={TODAY}"):
        assert (await registry.app.get(home.path + read, as_=neighbour)).status_code == 404, read
    team = await registry.change(home, path, body, as_=registry.as_(Role.VILLAGE_TEAM, VILLAGE))
    assert (team.status_code, team.json()["code"]) == (403, "forbidden")
    own = await registry.change(home, path, body, as_=registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE))
    assert own.status_code == 200


async def test_a_move_needs_both_villages(registry: Registry) -> None:
    home = await registry.register()
    registry.on(TODAY)
    across = {"reason": "resettlement", "to_division": OTHER_TOWN_VILLAGE}
    refused = await registry.change(home, "moves", across)
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-division")
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    done = await registry.change(home, "moves", across, as_=county)
    assert (done.status_code, done.json()["version"]) == (200, 2)
    assert (await registry.app.get(home.path)).status_code == 404
    assert (await registry.app.get(home.path, as_=county)).json()["division"] == OTHER_TOWN_VILLAGE
    back = {"reason": "housing", "to_division": VILLAGE, "on": str(TODAY)}
    hidden = await registry.change(home, "moves", back, version=2)
    assert hidden.status_code == 404
    name, number, body = (await registry.told(home))[-1]
    assert (name, number, body["from_division"], body["division"]) == (
        "household-moved",
        2,
        VILLAGE,
        OTHER_TOWN_VILLAGE,
    )


async def test_a_town_moves_a_household_within_itself_and_nobody_out_of_the_county(registry: Registry) -> None:
    home = await registry.register()
    registry.on(TODAY)
    same = await registry.change(home, "moves", {"reason": "housing", "to_division": VILLAGE})
    assert (same.status_code, same.json()["code"]) == (409, "already-there")
    done = await registry.change(home, "moves", {"reason": "housing", "to_division": OTHER_VILLAGE})
    assert done.status_code == 200
    city = registry.as_(Role.COUNTY_OFFICER, "1506")
    out = await registry.change(
        home, "moves", {"reason": "housing", "to_division": "150622100200"}, version=2, as_=city
    )
    assert (out.status_code, out.json()["code"]) == (409, "outside-county")


async def test_an_ended_household_is_kept_and_its_people_are_counted_out(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    for reason in ("merged", "split", "gone"):
        refused = await registry.change(home, "end", {"reason": reason})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-reason")
    ended = await registry.change(home, "end", {"reason": "left-county"})
    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    now = await registry.read(home)
    assert (now["ended_on"], {member["left_on"] for member in now["members"]}) == (str(TODAY), {str(TODAY)})
    assert (await registry.app.get("/v1/households")).json()["items"] == []
    listed = (await registry.app.get("/v1/households?ended=true")).json()["items"]
    assert [item["id"] for item in listed] == [home.id]
