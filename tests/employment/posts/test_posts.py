"""Public-welfare posts over HTTP: opened, ranked, the last place once, limits with findings, ended (M-2.2.7)."""

import asyncio
from typing import Any

import httpx
import pytest

from contracts.access import Role
from tests.employment.conftest import Employment
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE

POST = {"division": VILLAGE, "kind": "village-cleaning", "duty": "嘎查道路保洁", "monthly_pay": "800.00", "places": 1}


async def opened(employment: Employment, **given: Any) -> str:
    made = await employment.app.post("/v1/posts", {**POST, **given})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def applied(employment: Employment, post: str, member: str, **given: Any) -> str:
    made = await employment.app.post(f"/v1/posts/{post}/applications", {"member_id": member, **given})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def assigned(employment: Employment, post: str, application: str, **given: Any) -> httpx.Response:
    body = {"application_id": application, "from_on": "2024-04-01", "months": 12, **given}
    return await employment.app.post(f"/v1/posts/{post}/placements", body)


@pytest.mark.clause("M-2.2.7")
async def test_who_comes_first_is_computed_and_explained(employment: Employment) -> None:
    post = await opened(employment)
    (plain,) = await employment.knows({})
    (relieved,) = await employment.knows({"labour": "weak"}, household_type="relieved")
    (monitored,) = await employment.knows({}, monitored=True)
    for member in (plain, relieved, monitored):
        await applied(employment, post, member)
    found = (await employment.app.get(f"/v1/posts/{post}/ranking")).json()
    assert [(one["place"], one["member_id"]) for one in found["items"]] == [(1, monitored), (2, relieved), (3, plain)]
    assert [one["met"] for one in found["items"]] == [
        ["monitored", "nobody-works"],
        ["relieved", "nobody-works", "weak-labour"],
        ["nobody-works"],
    ]
    assert found["order"]["key"] == "employment.posts.priority"


@pytest.mark.clause("M-2.2.7")
async def test_an_assignment_is_told_in_ids_and_codes(employment: Employment) -> None:
    post = await opened(employment)
    (member,) = await employment.knows({})
    made = await assigned(employment, post, await applied(employment, post, member))
    assert (made.status_code, made.json()["place_in_order"]) == (201, 1)
    key, name, body = (await employment.told())[-1]
    assert (name, body["member_id"], body["from_on"], body["until_on"]) == (
        "public-welfare-post-assigned", member, "2024-04-01", "2025-04-01",
    )  # fmt: skip
    assert key == f"household/{body['household_id']}"
    listed = (await employment.app.get("/v1/posts")).json()["items"]
    assert [(one["places"], one["filled"], one["free"]) for one in listed] == [(1, 1, 0)]


@pytest.mark.clause("M-2.2.7")
async def test_of_two_officers_one_gives_the_last_place(employment: Employment) -> None:
    post = await opened(employment)
    applications = [await applied(employment, post, (await employment.knows({}))[0]) for _ in range(2)]
    answers = await asyncio.gather(*(assigned(employment, post, one) for one in applications))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "no-place-free"
    (row,) = await employment.rows("select places, filled, (select count(*) from placement) as held from post")
    assert (row["places"], row["filled"], row["held"]) == (1, 1, 1)


@pytest.mark.clause("M-2.2.7")
async def test_two_members_of_a_household_at_once_hold_one_post(employment: Employment) -> None:
    post = await opened(employment, places=2)
    members = await employment.knows({}, {})
    applications = [await applied(employment, post, member) for member in members]
    answers = await asyncio.gather(*(assigned(employment, post, one) for one in applications))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert [finding["code"] for finding in refused["findings"]] == ["posts-per-household"]


@pytest.mark.clause("M-2.2.7")
@pytest.mark.parametrize(
    ("person", "months", "against"),
    [
        ({"birth_month": "1954-04"}, 12, None),
        ({"birth_month": "1954-03"}, 12, "age"),
        ({"labour": "lost"}, 12, "able-to-work"),
        ({}, 36, None),
        ({}, 37, "total-months"),
    ],
)
async def test_a_limit_refuses_with_its_finding(
    employment: Employment, person: dict[str, Any], months: int, against: str | None
) -> None:
    post = await opened(employment)
    application = await applied(employment, post, (await employment.knows(person))[0])
    made = await assigned(employment, post, application, months=months)
    if against is None:
        assert made.status_code == 201, made.text
        return
    assert (made.status_code, made.json()["code"]) == (409, "placement-refused")
    assert [finding["code"] for finding in made.json()["findings"]] == [against]
    assert (await employment.rows("select filled from post"))[0]["filled"] == 0


@pytest.mark.clause("M-2.2.7")
async def test_an_ended_placement_frees_its_place_and_ends_once(employment: Employment) -> None:
    post = await opened(employment)
    (member,) = await employment.knows({})
    made = await assigned(employment, post, await applied(employment, post, member), from_on="2024-01-01")
    path = f"/v1/placements/{made.json()['id']}/ending"
    wrong = await employment.app.post(path, {"on": "2024-03-01", "reason": "no-such"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-post")
    future = await employment.app.post(path, {"on": "2024-03-13", "reason": "own-wish"})
    assert future.status_code == 422
    ended = await employment.app.post(path, {"on": "2024-03-12", "reason": "own-wish"})
    assert ended.status_code == 200, ended.text
    again = await employment.app.post(path, {"on": "2024-03-12", "reason": "own-wish"})
    assert (again.status_code, again.json()["code"]) == (409, "placement-has-ended")
    assert (await employment.rows("select filled from post"))[0]["filled"] == 0
    assert (await employment.told())[-1][1] == "public-welfare-post-ended"


async def test_bad_input_changes_nothing(employment: Employment) -> None:
    app = employment.app
    (member,) = await employment.knows({})
    post = await opened(employment)
    for body, status in (
        ({**POST, "kind": "no-such-kind"}, 422),
        ({**POST, "places": 0}, 422),
        ({**POST, "monthly_pay": "0.00"}, 422),
        ({**POST, "division": OTHER_TOWN_VILLAGE}, 403),
        ({**POST, "colour": "red"}, 422),
    ):
        assert (await app.post("/v1/posts", body)).status_code == status, body
    stranger = "00000000-0000-4000-8000-000000000001"
    nobody = await app.post(f"/v1/posts/{post}/applications", {"member_id": stranger})
    assert (nobody.status_code, nobody.json()["code"]) == (404, "no-such-person")
    await applied(employment, post, member)
    twice = await app.post(f"/v1/posts/{post}/applications", {"member_id": member})
    assert (twice.status_code, twice.json()["code"]) == (409, "applied-before")
    other_town = app.officer(Role.TOWN_OFFICER, OTHER_TOWN_VILLAGE[:9])
    assert (await app.get(f"/v1/posts/{post}/ranking", as_=other_town)).status_code == 404
    counts = await employment.rows(
        "select (select count(*) from post) as posts, (select count(*) from post_application) as applications"
    )
    assert counts == [{"posts": 1, "applications": 1}]
