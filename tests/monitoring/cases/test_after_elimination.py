"""What is watched after a risk was eliminated, and the figures of a survey for those who may see them."""

from datetime import date

import pytest

from contracts.access import Role
from contracts.month import Month
from tests.monitoring.cases.conftest import COUNTY, Case
from tests.monitoring.cases.test_elimination import carried, done, monthly, ready, request
from tests.monitoring.registry.conftest import Registry

PROBLEMS = "/v1/elimination/problems"


async def _problems(case: Case, query: str = "") -> list[list[str]]:
    found = await case.registry.app.get(f"{PROBLEMS}{query}")
    assert found.status_code == 200, found.text
    return [item["problems"] for item in found.json()["items"]]


@pytest.mark.clause("M-1.1.26")
async def test_what_comes_back_after_an_elimination_is_listed(registry: Registry) -> None:
    case = await ready(registry)
    assert await _problems(case) == []
    await done(case, await carried(case, await request(case)))
    eliminated = Month.of(case.day)
    assert await _problems(case) == []
    # In the month of elimination nothing can have been reported of later ones; in the next one it can.
    case.on(eliminated.plus(1).first_day)
    assert await _problems(case) == [["income-not-reported"]]
    await monthly(case, eliminated.plus(1), eliminated.plus(1), "1250.00")
    assert await _problems(case) == []
    body = {
        "on": str(case.day),
        "reason": "home-visit",
        "guarantees": {"housing": {"secured": "no"}, "education": {"secured": "no"}},
    }
    version = (await registry.read(case.home))["version"]
    changed = await registry.app.post(f"{case.home.path}/corrections", body, **{"If-Match": f'"{version}"'})
    assert changed.status_code == 200, changed.text
    assert await _problems(case) == [["housing-lost", "schooling-interrupted"]]
    assert await _problems(case, "?problem=water-lost") == []
    assert await _problems(case, "?division=150623100999") == []
    assert (await registry.app.get(f"{PROBLEMS}?problem=nonsense")).status_code == 422


async def test_the_figures_of_a_survey_need_permission_purpose_and_division(case: Case) -> None:
    await case.to("review")
    (survey,) = (await case.read())["surveys"]
    app, path = case.registry.app, f"/v1/surveys/{survey}"
    officer = app.officer(Role.COUNTY_OFFICER, COUNTY, "reader")
    assert (await app.client.get(path, headers=officer)).json()["code"] == "purpose-missing"
    team = {**app.officer(Role.VILLAGE_TEAM, "150623100200", "team"), "X-Purpose": "curiosity"}
    assert (await app.client.get(path, headers=team)).status_code == 403
    stranger = {**app.officer(Role.COUNTY_OFFICER, "150624", "stranger"), "X-Purpose": "case-file"}
    assert (await app.client.get(path, headers=stranger)).status_code == 404
    seen = await app.client.get(path, headers={**officer, "X-Purpose": "case-file"})
    assert seen.status_code == 200, seen.text
    assert (seen.json()["income"]["wage"], seen.json()["surveyed_on"]) == ("9000.00", str(date(2024, 3, 12)))
    rows = await case.registry.rows("select person, purpose from chassis.audit where route = '/surveys/{survey_id}'")
    assert [tuple(row.values()) for row in rows] == [("reader", "case-file")]
