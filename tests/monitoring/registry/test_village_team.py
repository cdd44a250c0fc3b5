"""Village teams over HTTP: terms, attendance, and villages without first secretary pointed out (S-4.4)."""

import asyncio
import json
from datetime import date
from typing import Any

import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registry
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, VILLAGE

BEGINS = "2023-08-01"


async def send(registry: Registry, code: str = VILLAGE, **given: Any):
    more = {name: given.pop(name) for name in ("as_",) if name in given}
    body = {
        "post": "first-secretary",
        "officer": "secretary-1",
        "name": "斯琴·高娃",
        "sent_by": "旗财政局",
        "from_on": BEGINS,
        "term_until_on": "2025-08-01",
        **given,
    }
    return await registry.app.post(f"/v1/villages/{code}/team/members", body, **more)


async def leave(registry: Registry, posting: str, on: str, *, version: int = 1, code: str = VILLAGE, **more: Any):
    path = f"/v1/villages/{code}/team/members/{posting}/departure"
    return await registry.app.post(path, {"on": on}, **{"If-Match": f'"{version}"', **more})


async def vacancies(registry: Registry, day: date, **more: Any) -> dict[str, tuple[str, bool]]:
    found = await registry.app.get(f"/v1/village-teams/vacancies?day={day}", **more)
    assert found.status_code == 200, found.text
    return {item["division"]: (item["vacant_since"], item["alert"]) for item in found.json()["items"]}


@pytest.mark.clause("S-4.4")
async def test_a_village_is_pointed_out_when_it_is_without_first_secretary_for_the_tolerated_days(
    registry: Registry,
) -> None:
    await registry.register(1)
    registry.on(TODAY)
    posting = (await send(registry)).json()["id"]
    assert await vacancies(registry, TODAY) == {}
    assert (await leave(registry, posting, "2024-02-01")).status_code == 200
    since = "2024-02-01"
    # Thirty days are tolerated (the parameter's value): 1 February is the first empty day, 2 March the thirty-first.
    assert await vacancies(registry, date(2024, 1, 31)) == {}
    assert await vacancies(registry, date(2024, 2, 1)) == {VILLAGE: (since, False)}
    assert await vacancies(registry, date(2024, 3, 1)) == {VILLAGE: (since, False)}
    assert await vacancies(registry, date(2024, 3, 2)) == {VILLAGE: (since, True)}
    assert (await send(registry, officer="secretary-2", from_on="2024-03-02")).status_code == 201
    assert await vacancies(registry, date(2024, 3, 1)) == {VILLAGE: (since, False)}
    assert await vacancies(registry, date(2024, 3, 2)) == {}


@pytest.mark.clause("S-4.4")
async def test_a_village_that_never_had_one_is_vacant_since_its_first_household(registry: Registry) -> None:
    await registry.register(1)
    await registry.register(1, division=OTHER_VILLAGE)
    registry.on(TODAY)
    await send(registry, post="team-member")
    assert await vacancies(registry, TODAY) == {VILLAGE: (BEGINS, True), OTHER_VILLAGE: (BEGINS, True)}
    committee = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert await vacancies(registry, TODAY, as_=committee) == {VILLAGE: (BEGINS, True)}
    assert await vacancies(registry, date(2023, 7, 31)) == {}


async def test_a_day_without_parameter_is_refused_by_name(registry: Registry) -> None:
    await registry.register(1)
    refused = await registry.app.get("/v1/village-teams/vacancies?day=2026-01-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "parameter-not-in-force")
    assert "monitoring.village-team.vacancy-days" in refused.json()["detail"]


@pytest.mark.clause("S-4.4")
async def test_a_term_runs_out_and_is_still_served_until_someone_follows(registry: Registry) -> None:
    registry.on(TODAY)
    made = await send(registry, term_until_on="2024-03-12")
    assert made.status_code == 201, made.text

    async def over(day: str) -> list[bool]:
        found = (await registry.app.get(f"/v1/villages/{VILLAGE}/team?day={day}")).json()["items"]
        return [item["term_is_over"] for item in found]

    assert await over("2023-07-31") == []
    assert await over("2023-08-01") == [False]
    assert await over("2024-03-11") == [False]
    assert await over("2024-03-12") == [True]
    await leave(registry, made.json()["id"], "2024-03-12")
    assert await over("2024-03-11") == [False]
    assert await over("2024-03-12") == []
    former = (await registry.app.get(f"/v1/villages/{VILLAGE}/team?former=true")).json()["items"]
    assert [item["left_on"] for item in former] == ["2024-03-12"]


async def test_one_first_secretary_a_village_and_one_place_a_person(registry: Registry) -> None:
    registry.on(TODAY)
    assert (await send(registry)).status_code == 201
    second = await send(registry, officer="secretary-2")
    assert (second.status_code, second.json()["code"]) == (409, "post-is-taken")
    elsewhere = await send(registry, OTHER_VILLAGE)
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (409, "post-is-taken")
    member = await send(registry, post="team-member", officer="member-1")
    assert member.status_code == 201


async def test_of_two_first_secretaries_one_is_sent(registry: Registry) -> None:
    registry.on(TODAY)
    answers = await asyncio.gather(send(registry), send(registry, officer="secretary-2"))
    assert sorted(answer.status_code for answer in answers) == [201, 409]


async def test_a_name_is_masked_and_no_event_tells_who(registry: Registry) -> None:
    registry.on(TODAY)
    made = await send(registry)
    assert set(made.json()) == {"id", "version"}
    team = (await registry.app.get(f"/v1/villages/{VILLAGE}/team")).json()
    assert team["items"][0]["name"] == "斯*·**"
    assert team["vacancy"] is None
    await leave(registry, made.json()["id"], "2024-03-12")
    rows = await registry.rows("select key, type, payload, headers from chassis.outbox order by id")
    assert [(row["key"], json.loads(row["payload"])["change"]) for row in rows] == [
        (f"posting/{made.json()['id']}", "started"),
        (f"posting/{made.json()['id']}", "ended"),
    ]
    for told in ("斯琴", "secretary-1", "财政局"):
        assert told not in str([(bytes(row["payload"]).decode(), row["headers"]) for row in rows])


async def test_days_in_the_village_count_once_and_by_month(registry: Registry) -> None:
    registry.on(TODAY)
    posting = (await send(registry)).json()["id"]
    path = f"/v1/villages/{VILLAGE}/team/members/{posting}/attendance"
    committee = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    days = ["2024-02-29", "2024-03-01", "2024-03-01", "2024-03-12"]
    first = await registry.app.post(path, {"days": days}, as_=committee)
    assert (first.status_code, first.json()["new_days"]) == (200, 3)
    again = await registry.app.post(path, {"days": days[:1]}, as_=committee)
    assert again.json()["new_days"] == 0
    team = (await registry.app.get(f"/v1/villages/{VILLAGE}/team")).json()
    assert (team["days_expected"], team["items"][0]["days_attended"]) == (20, 2)
    february = (await registry.app.get(f"/v1/villages/{VILLAGE}/team?day=2024-02-29")).json()
    assert february["items"][0]["days_attended"] == 1


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2023-07-31", 422, "invalid-relation"),
        ("2023-08-01", 200, None),
        ("2024-02-29", 200, None),
        ("2024-03-01", 422, "invalid-relation"),
        ("2024-03-13", 422, "day-in-future"),
    ],
)
async def test_attendance_lies_within_the_posting(registry: Registry, day: str, status: int, code: str | None) -> None:
    registry.on(TODAY)
    posting = (await send(registry)).json()["id"]
    await leave(registry, posting, "2024-03-01")
    path = f"/v1/villages/{VILLAGE}/team/members/{posting}/attendance"
    done = await registry.app.post(path, {"days": [day]})
    assert (done.status_code, done.json().get("code")) == (status, code)


async def test_a_posting_that_cannot_be_is_refused(registry: Registry) -> None:
    registry.on(TODAY)
    for given in ({"post": "cook"}, {"term_until_on": BEGINS}):
        refused = await send(registry, **given)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid-relation")
    late = await send(registry, from_on="2024-03-13")
    assert (late.status_code, late.json()["code"]) == (422, "day-in-future")
    posting = (await send(registry)).json()["id"]
    assert (await leave(registry, posting, BEGINS)).json()["code"] == "invalid-relation"
    assert (await leave(registry, posting, "2024-03-01", version=2)).status_code == 412
    assert (await leave(registry, posting, "2024-03-01")).json()["version"] == 2


async def test_teams_are_cut_to_the_callers_division(registry: Registry) -> None:
    registry.on(TODAY)
    posting = (await send(registry)).json()["id"]
    outside = await send(registry, OTHER_TOWN_VILLAGE, officer="other")
    assert (outside.status_code, outside.json()["code"]) == (403, "outside-division")
    other_town = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await leave(registry, posting, "2024-03-01", as_=other_town)).status_code == 404
    assert (await leave(registry, posting, "2024-03-01", code=OTHER_VILLAGE)).status_code == 404
    assert (await registry.app.get(f"/v1/villages/{VILLAGE}/team", as_=other_town)).status_code == 404
    committee = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert (await send(registry, officer="other", as_=committee)).status_code == 403
