"""Elimination over HTTP: six answers, months, the hold, and what follows (M-1.1.21 to M-1.1.29)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.access import Role
from contracts.month import Month
from tests.builders import a_resident_id
from tests.monitoring.cases.conftest import COUNTY, DECISION, Case, a_survey, open_case, open_for
from tests.monitoring.registry.conftest import Registry, a_person

KINDS = ("wage", "production", "property", "transfer", "production-cost")
SAFE = {"education": True, "medical": True, "housing": True, "water": True}

WELL_OFF = {"wage": "12000.00", "expenditure_settled": True, "basic_living": True, "guarantees": SAFE}
"""15,000 yuan for two: 7,500 each, on the sample line of 2024."""


async def identified(registry: Registry, **household: Any) -> Case:
    """A marginal household at risk by schooling, registered on 2024-03-18."""
    case = await open_case(registry, **household)
    await case.to("announcement")
    await case.take("announcement")
    await case.step("registration")
    return case


async def monthly(case: Case, first: Month, last: Month, wage: str) -> None:
    """Entries of every kind for each of these months; all but the wage are an explicit zero."""
    month = first
    while month <= last:
        for kind in KINDS:
            body = {"kind": kind, "first_month": str(month), "last_month": str(month), "source": "home-visit"}
            made = await case.registry.app.post(
                f"{case.home.path}/income-entries", {**body, "amount": wage if kind == "wage" else "0.00"}
            )
            assert made.status_code == 201, made.text
        month = month.plus(1)


async def helped(case: Case, covers: str = "schooling", category: str = "education") -> str:
    """A plan with a measure for the risk and a job, both started."""
    body = {
        "measures": [
            {"category": category, "kind": "remedial", "covers": [covers]},
            {"category": "employment", "kind": "preventive", "member_id": case.home.members[0], "wished": True},
        ]
    }
    app = case.registry.app
    planned = await app.post(f"{case.home.path}/measure-plan", body)
    assert planned.status_code == 201, planned.text
    for measure in planned.json()["measures"]:
        await started(case, measure)
    first: str = planned.json()["measures"][0]["id"]
    return first


async def started(case: Case, measure: dict[str, Any]) -> None:
    app, path = case.registry.app, f"/v1/measures/{measure['id']}"
    asked = await app.post(f"{path}/request", {}, **{"If-Match": f'"{measure["version"]}"'})
    assert asked.status_code == 200, asked.text
    paper = {"on": str(case.day), "attachments": [await case.evidence("town-check")]}
    done = await app.post(f"{path}/start", paper, **{"If-Match": f'"{asked.json()["version"]}"'})
    assert done.status_code == 200, done.text


async def resolve(case: Case, risk: str = "schooling", **given: Any) -> httpx.Response:
    body = {"how": "stably-removed", "resolved_on": str(case.day), "attachments": [await case.evidence("town-check")]}
    answer: httpx.Response = await case.registry.app.post(
        f"{case.home.path}/risks/{risk}/resolution", {**body, **given}
    )
    return answer


async def check(case: Case, mode: str = "aided", **query: str) -> dict[str, Any]:
    found = await case.registry.app.client.get(
        f"{case.home.path}/elimination/check",
        params={"mode": mode, **query},
        headers={**case.registry.app.officer(), "Accept-Language": "en"},
    )
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


async def answers(case: Case, mode: str = "aided", **query: str) -> dict[str, str]:
    return {finding["code"]: finding["answer"] for finding in (await check(case, mode, **query))["findings"]}


async def request(case: Case, **given: Any) -> httpx.Response:
    answer: httpx.Response = await case.registry.app.post(f"{case.home.path}/elimination", {"mode": "aided", **given})
    return answer


async def carried(case: Case, made: httpx.Response, **survey: Any) -> Case:
    """The case of elimination, surveyed by the household's village and brought to the county's decision."""
    assert made.status_code == 201, made.text
    out = Case(case.registry, case.home, made.json()["id"], made.json()["version"], case.day)
    await out.authorize()
    await out.survey(**{**WELL_OFF, **survey})
    for step in ("review", "publicity", "comparison", "town-check"):
        await out.take(step)
    return out


async def ready(registry: Registry, **household: Any) -> Case:
    """Seven months later: helped, earning 7,500 a head in every window, its risk gone."""
    case = await identified(registry, **household)
    await helped(case)
    case.on(date(2024, 10, 8))
    await monthly(case, Month(2023, 5), Month(2024, 9), "1250.00")
    assert (await resolve(case)).status_code == 201
    return case


async def done(case: Case, out: Case) -> None:
    await out.step("county-decision", {"outcome": "approved"})
    await out.take("announcement")
    await out.step("registration")


@pytest.mark.clause("M-1.1.21")
@pytest.mark.clause("M-1.1.22")
async def test_the_same_steps_lead_out_after_seven_months(registry: Registry) -> None:
    case = await ready(registry)
    out = await carried(case, await request(case))
    assert set((await answers(case)).values()) == {"yes"}
    await done(case, out)
    home = await registry.read(case.home)
    assert (home["monitored"][-1]["ended"], home["monitored"][-1]["how"]) == ("2024-10", "aided")
    told = [name for name, _, body in await registry.told(case.home) if body.get("procedure") == "elimination"]
    assert told[0:2] == ["case-opened", "elimination-requested"]
    assert told[-1] == "household-risk-eliminated"
    assert told.count("publicity-closed") == told.count("case-reviewed") == 1


@pytest.mark.clause("M-1.1.22")
@pytest.mark.parametrize(
    ("code", "spoiled"),
    [
        ("guarantees-secured", {"guarantees": {**SAFE, "water": False}}),
        ("guarantees-secured", {"guarantees": {**SAFE, "water": None}}),
        ("expenditure-settled", {"expenditure_settled": False}),
        ("expenditure-settled", {"expenditure_settled": None}),
        ("basic-living", {"basic_living": False}),
    ],
)
async def test_any_no_or_unknown_stops_the_county(registry: Registry, code: str, spoiled: dict[str, Any]) -> None:
    case = await ready(registry)
    out = await carried(case, await request(case), **spoiled)
    refused = await out.post("county-decision", {"outcome": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "elimination-refused")
    assert [finding["code"] for finding in refused.json()["findings"]] == [code]
    assert (await out.read())["step"] == "county-decision"


async def test_a_later_survey_beside_the_case_is_what_counts(registry: Registry) -> None:
    case = await ready(registry)
    for settled, outcome in ((False, "refused"), (True, "allowed")):
        told = a_survey(case.day, **{**WELL_OFF, "expenditure_settled": settled})
        made = await registry.app.post(f"{case.home.path}/surveys", told, as_=case.who("survey"))
        assert made.status_code == 201, made.text
        case.on(case.day + timedelta(days=1))
        assert (await check(case))["outcome"] == outcome
    alone = await registry.app.post(
        f"{case.home.path}/surveys", a_survey(case.day, companions=[]), as_=case.who("survey")
    )
    assert (alone.status_code, alone.json()["code"]) == (409, "too-few-surveyors")


@pytest.mark.clause("M-1.1.22")
async def test_a_measure_that_is_not_delivered_refuses_at_once_and_is_told(registry: Registry) -> None:
    case = await ready(registry)
    planned = await registry.app.post(
        f"{case.home.path}/measure-plan", {"measures": [{"category": "motivation", "kind": "preventive"}]}
    )
    assert planned.status_code == 201
    refused = await request(case)
    assert (refused.status_code, refused.json()["code"]) == (409, "elimination-refused")
    assert "measures-delivered" in [finding["code"] for finding in refused.json()["findings"]]
    (told,) = [body for name, _, body in await registry.told(case.home) if name == "elimination-refused"]
    assert "measures-delivered" in [finding["code"] for finding in told["findings"]]
    await started(case, planned.json()["measures"][0])
    assert (await request(case)).status_code == 201


@pytest.mark.clause("M-1.1.23")
async def test_each_recorded_risk_must_be_gone(registry: Registry) -> None:
    case = await identified(registry)
    assert (await answers(case))["risks-gone"] == "no"
    assert (await resolve(case, "housing")).status_code == 404
    assert (await resolve(case, how="vanished")).status_code == 422
    assert (await resolve(case, resolved_on=str(case.day + timedelta(days=1)))).status_code == 422
    assert (await resolve(case)).status_code == 201
    assert (await resolve(case)).json()["code"] == "risk-is-resolved"
    assert (await answers(case))["risks-gone"] == "yes"


@pytest.mark.clause("M-1.1.24")
async def test_not_in_the_month_of_identification_and_warned_in_the_next(registry: Registry) -> None:
    case = await identified(registry)
    case.on(date(2024, 3, 31))
    assert (await answers(case))["not-in-the-same-month"] == "no"
    assert (await check(case))["warnings"] == [], "it is refused, not warned of"
    assert "not-in-the-same-month" not in await answers(case, "natural")
    case.on(date(2024, 4, 1))
    found = await check(case)
    assert (await answers(case))["not-in-the-same-month"] == "yes"
    assert [warning["code"] for warning in found["warnings"]] == ["soon-after-identification"]
    assert (await check(case, "natural"))["warnings"] == []
    case.on(date(2024, 5, 1))
    assert (await check(case))["warnings"] == []


@pytest.mark.clause("M-1.1.25")
async def test_six_months_lie_between_identification_and_elimination(registry: Registry) -> None:
    case = await identified(registry)
    for day, answer in ((date(2024, 8, 31), "no"), (date(2024, 9, 1), "yes")):
        case.on(day)
        assert (await answers(case))["months-since-identification"] == answer
        assert "months-since-identification" not in await answers(case, "natural")


@pytest.mark.clause("M-1.1.25")
@pytest.mark.parametrize(
    ("first", "wage", "answer"),
    [
        (Month(2023, 5), "1250.00", "yes"),
        (Month(2023, 5), "1249.99", "no"),
        (Month(2023, 6), "1250.00", "unknown"),
    ],
)
async def test_six_month_ends_in_a_row_reach_the_line(registry: Registry, first: Month, wage: str, answer: str) -> None:
    case = await identified(registry)
    case.on(date(2024, 10, 8))
    await monthly(case, first, Month(2024, 9), wage)
    found = await check(case)
    income = next(finding for finding in found["findings"] if finding["code"] == "income-stable")
    assert (income["clause"], income["answer"]) == ("M-1.1.25", answer)
    assert [one["month"] for one in found["months"]] == [str(Month(2024, month)) for month in range(4, 10)]
    natural = (await answers(case, "natural"))["income-stable"]
    assert natural == ("no" if answer == "no" else "yes"), "the last month-end alone"


@pytest.mark.clause("M-1.1.25")
async def test_a_herder_who_sells_once_a_year_can_pass(registry: Registry) -> None:
    case = await identified(registry)
    case.on(date(2024, 10, 8))
    await monthly(case, Month(2023, 5), Month(2024, 9), "0.00")
    body = {"kind": "production", "first_month": "2023-10", "last_month": "2023-10", "source": "home-visit"}
    made = await registry.app.post(f"{case.home.path}/income-entries", {**body, "amount": "15000.00"})
    assert made.status_code == 201
    assert (await answers(case))["income-stable"] == "yes"
    case.on(date(2024, 11, 1))
    assert (await answers(case))["income-stable"] == "unknown", "October is not reported yet"


@pytest.mark.clause("M-1.1.25")
@pytest.mark.parametrize(("born", "answer"), [(date(2008, 10, 1), "yes"), (date(2008, 9, 30), "unknown")])
async def test_what_each_member_of_sixteen_earned_must_be_known(registry: Registry, born: date, answer: str) -> None:
    """Fifteen at the last month-end, or sixteen on that very day; only what the two adults earned is known."""
    people = [
        a_person("0", labour="ordinary"),
        a_person("1", labour="ordinary"),
        a_person("2", labour="none", resident_id=a_resident_id(born_on=born), born_on=str(born)),
    ]
    case = await open_case(registry, members=people)
    await case.authorize(list(case.home.members[:2]))
    for step in ("survey", "review", "publicity", "comparison", "town-check", "county-decision", "announcement"):
        await case.take(step)
    await case.step("registration")
    case.on(date(2024, 10, 8))
    single = [Month(2023, 5).plus(n) for n in range(5)] + [Month(2024, 5).plus(n) for n in range(5)]
    spans = [*((month, month, 1) for month in single), (Month(2023, 10), Month(2024, 4), 7)]
    for member in case.home.members[:2]:
        for kind in KINDS:
            for first, last, months in spans:
                body = {
                    "kind": kind, "first_month": str(first), "last_month": str(last), "source": "home-visit",
                    "member_id": member, "amount": f"{937.5 * months if kind == 'wage' else 0:.2f}",
                }  # fmt: skip
                made = await registry.app.post(f"{case.home.path}/income-entries", body)
                assert made.status_code == 201, made.text
    assert (await answers(case))["income-stable"] == answer


@pytest.mark.clause("M-1.1.23")
async def test_a_natural_elimination_needs_reason_and_evidence_and_no_six_months(registry: Registry) -> None:
    case = await identified(registry)
    await helped(case)
    case.on(date(2024, 4, 8))
    await monthly(case, Month(2023, 4), Month(2024, 3), "1250.00")
    await resolve(case, how="naturally-gone", reason="family-income")
    for given in ({"reason": "family-income"}, {"reason": "luck", "attachments": [await case.evidence("town-check")]}):
        refused = await request(case, mode="natural", **given)
        assert "natural-reason" in [finding["code"] for finding in refused.json()["findings"]]
    paper = [await case.evidence("town-check")]
    out = await carried(case, await request(case, mode="natural", reason="family-income", attachments=paper))
    await done(case, out)
    assert (await registry.read(case.home))["monitored"][-1]["how"] == "natural"


@pytest.mark.clause("M-1.1.23")
async def test_natural_is_refused_where_a_guarantee_is_missing(registry: Registry) -> None:
    case = await identified(registry)
    await helped(case)
    case.on(date(2024, 4, 8))
    await monthly(case, Month(2023, 4), Month(2024, 3), "1250.00")
    await resolve(case, how="naturally-gone", reason="family-income")
    paper = [await case.evidence("town-check")]
    made = await request(case, mode="natural", reason="family-income", attachments=paper)
    out = await carried(case, made, guarantees={**SAFE, "housing": False})
    refused = await out.post("county-decision", {"outcome": "approved"})
    assert [finding["code"] for finding in refused.json()["findings"]] == ["guarantees-secured"]


@pytest.mark.clause("M-1.1.26")
@pytest.mark.parametrize("mode", ["aided", "natural"])
async def test_a_household_without_labour_is_held_whatever_the_answers_are(registry: Registry, mode: str) -> None:
    people = [a_person("0", labour="weak"), a_person("1", labour="none")]
    case = await ready(registry, members=people)
    assert (await check(case, mode))["outcome"] != "held", "a weak labourer works"
    died = await registry.change(
        case.home, f"members/{case.home.members[0]}/death",
        {"on": "2024-10-08", "succession": {"head": case.home.members[1], "relations": {}}},
        version=(await registry.read(case.home))["version"],
    )  # fmt: skip
    assert died.status_code == 200, died.text
    found = await check(case, mode)
    assert (found["outcome"], found["findings"][0]["clause"]) == ("held", "M-1.1.26")
    held = await request(case, mode=mode, reason="family-income", attachments=[await case.evidence("town-check")])
    assert (held.status_code, held.json()["code"]) == (409, "elimination-held")
    assert "elimination-held" in await case.events()
    listed = await registry.app.get("/v1/elimination/candidates?outcome=held")
    assert [item["household_id"] for item in listed.json()["items"]] == [case.home.id]
    assert (await registry.app.get("/v1/elimination/counts?since=2024-01")).json()["held"] == 1


@pytest.mark.clause("M-1.1.28")
@pytest.mark.parametrize(("household_type", "kept"), [("relieved", True), ("ordinary", False)])
async def test_an_unstable_relieved_household_is_kept_and_others_are_released(
    registry: Registry, household_type: str, kept: bool
) -> None:
    decision = {**DECISION, "monitored_class": "unstable-relieved" if kept else "marginal"}
    case = await open_case(registry, household_type=household_type)
    await case.to("county-decision")
    await case.step("county-decision", decision)
    await case.take("announcement")
    await case.step("registration")
    await helped(case)
    case.on(date(2024, 10, 8))
    await monthly(case, Month(2023, 5), Month(2024, 9), "1250.00")
    await resolve(case)
    out = await carried(case, await request(case))
    await done(case, out)
    assert ("post-monitoring-kept" in await case.events()) is kept
    assert (await registry.state(case.home))["monitored"][-1]["kept"] is kept


@pytest.mark.clause("M-1.1.29")
async def test_running_measures_go_on_to_their_own_end(registry: Registry) -> None:
    case = await ready(registry)
    out = await carried(case, await request(case))
    await done(case, out)
    assert (await case.events()).count("measure-carried-over") == 2
    items = (await registry.app.get(f"{case.home.path}/measures")).json()["items"]
    assert {item["state"] for item in items} == {"started"}


@pytest.mark.clause("M-1.1.27")
async def test_a_new_risk_reopens_and_is_told_beside_the_elimination(registry: Registry) -> None:
    case = await ready(registry)
    out = await carried(case, await request(case))
    await done(case, out)
    case.on(date(2024, 12, 2))
    told = await registry.app.post(
        "/v1/signals",
        {"household_id": case.home.id, "source": "self-declaration", "kind": "housing", "occurred_on": "2024-12-01"},
    )
    body = {"household_id": case.home.id, "origin": {"kind": "flag", "id": told.json()["flag_id"]}}
    made = await registry.app.post("/v1/cases", body)
    again = Case(registry, case.home, made.json()["id"], made.json()["version"], case.day)
    await again.authorize()
    await again.survey()
    for step in ("review", "publicity", "comparison", "town-check"):
        await again.take(step)
    await again.step("county-decision", {**DECISION, "risks": [{"code": "housing"}]})
    await again.take("announcement")
    await again.step("registration")
    assert (await case.events())[-2:] == ["household-identified", "elimination-reverted"]
    spans = (await registry.read(case.home))["monitored"]
    assert [(span["since"], span["ended"]) for span in spans] == [("2024-03", "2024-10"), ("2024-12", None)]
    assert (await answers(case))["risks-gone"] == "no"
    counted = (await registry.app.get("/v1/elimination/counts?since=2024-10")).json()
    assert counted == {
        "since": "2024-10", "eliminated": 1, "of_these_natural": 0, "reopened": 1, "held": 0, "monitored": 1,
    }  # fmt: skip
    assert (await registry.app.get("/v1/elimination/counts?since=2024-11")).json()["eliminated"] == 0


async def test_only_a_monitored_household_is_checked(registry: Registry) -> None:
    home = await registry.register(1)
    path = f"{home.path}/elimination/check"
    refused = await registry.app.get(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-monitored")
    other = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await registry.app.get(path, as_=other)).status_code == 404
    assert (await registry.app.get(f"/v1/households/{uuid4()}/elimination/check")).status_code == 404


async def test_candidates_are_listed_by_id_and_never_ranked(registry: Registry) -> None:
    first = await registry.register([a_person("0", labour="ordinary"), a_person("1", labour="ordinary")])
    second = await identified(registry)
    case = await open_for(registry, first, day=second.day)
    await case.to("announcement")
    await case.take("announcement")
    await case.step("registration")
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    listed = (await registry.app.get("/v1/elimination/candidates", as_=county)).json()
    assert [item["household_id"] for item in listed["items"]] == sorted([first.id, second.home.id])
    assert not any("rate" in key or "rank" in key for item in listed["items"] for key in item)
    one = await registry.app.get("/v1/elimination/candidates?limit=1", as_=county)
    assert len(one.json()["items"]) == 1
    assert 'rel="next"' in one.headers["Link"]
    elsewhere = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await registry.app.get("/v1/elimination/candidates", as_=elsewhere)).json()["items"] == []


def test_a_survey_of_twelve_months_ends_with_the_last_month() -> None:
    assert a_survey(date(2024, 3, 12))["months_end"] == "2024-02"
