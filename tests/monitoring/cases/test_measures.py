"""Measures over HTTP and Kafka: plans that fit, fund lines, providers' answers, limits of help."""

from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import database
from chassis.clock import DemoClock
from chassis.sweep import sweep
from contracts.access import Role
from services.monitoring.commands import tell_case_deadlines, tell_help_deadlines
from tests.apps import StartApp
from tests.engines import Topics
from tests.monitoring.cases.conftest import DECISION, Case, open_case
from tests.monitoring.registry.conftest import REGISTERED, Registry, a_person
from tests.providers import Provider
from tests.tokens import TOWN, VILLAGE
from tests.waiting import eventually

EDUCATION = {"category": "education", "kind": "remedial", "covers": ["schooling"]}


async def identified(registry: Registry, risks: list[str] | None = None, **household: Any) -> Case:
    case = await open_case(registry, **household)
    await case.to("county-decision")
    await case.step("county-decision", {**DECISION, "risks": [{"code": one} for one in risks or ["schooling"]]})
    await case.take("announcement")
    await case.step("registration")
    return case


async def plan(case: Case, *measures: dict[str, Any], path: str = "") -> httpx.Response:
    answer: httpx.Response = await case.registry.app.post(
        f"{case.home.path}/measure-plan{path}", {"measures": list(measures)}, **{"Accept-Language": "en"}
    )
    return answer


async def act(case: Case, measure: dict[str, Any], name: str, **body: Any) -> httpx.Response:
    if name not in ("request", "funding"):
        body = {"on": str(case.day), "attachments": [await case.evidence("town-check")], **body}
    answer: httpx.Response = await case.registry.app.post(
        f"/v1/measures/{measure['id']}/{name}", body, **{"If-Match": f'"{measure["version"]}"'}
    )
    if answer.status_code == 200:
        measure.update(answer.json())
    return answer


@pytest.mark.clause("M-1.1.18")
@pytest.mark.parametrize(
    ("risk", "category", "fits"),
    [
        ("schooling", "education", True),
        ("schooling", "social-aid", True),
        ("schooling", "employment", False),
        ("housing", "housing", True),
        ("housing", "water", False),
        ("water", "water", True),
        ("other", "industry", True),
    ],
)
async def test_each_risk_is_met_by_an_allowed_category(
    registry: Registry, risk: str, category: str, fits: bool
) -> None:
    case = await open_case(registry)
    await case.to("county-decision")
    await case.step("county-decision", {**DECISION, "risks": [{"code": risk, "remark": "说明"}]})
    await case.take("announcement")
    await case.step("registration")
    measure = {"category": category, "kind": "remedial", "covers": [risk]}
    tried = await plan(case, measure, path="/validate")
    assert tried.json()["fits"] is fits
    found = next(one for one in tried.json()["findings"] if one["code"] == f"risk-covered-{risk}")
    assert (found["clause"], found["answer"]) == ("M-1.1.18", "yes" if fits else "no")
    assert list(found["parameters"][0]["value"]) == [risk]
    assert await registry.rows("select id from measure") == []
    approved = await plan(case, measure)
    assert (approved.status_code, approved.json().get("code")) == ((201, None) if fits else (409, "plan-refused"))


@pytest.mark.clause("M-1.1.18")
async def test_every_risk_needs_a_measure_and_later_plans_count_those_that_stand(registry: Registry) -> None:
    case = await identified(registry, ["schooling", "housing"])
    refused = await plan(case, EDUCATION)
    assert [one["code"] for one in refused.json()["findings"]] == ["risk-covered-housing"]
    housing = {"category": "housing", "kind": "remedial", "covers": ["housing"]}
    assert (await plan(case, EDUCATION, housing)).status_code == 201
    assert (await plan(case, {"category": "motivation", "kind": "preventive"})).status_code == 201


@pytest.mark.clause("M-1.1.18")
@pytest.mark.parametrize(
    ("labour", "wished", "fits"),
    [("ordinary", True, True), ("weak", True, True), ("lost", True, False), ("ordinary", False, False)],
)
async def test_a_post_fits_ability_and_wish(registry: Registry, labour: str, wished: bool, fits: bool) -> None:
    case = await identified(registry, members=[a_person("0", labour=labour), a_person("1", labour="ordinary")])
    job = {"category": "employment", "kind": "preventive", "member_id": case.home.members[0], "wished": wished}
    assert (await plan(case, EDUCATION, job, path="/validate")).json()["fits"] is fits


@pytest.mark.clause("P-2")
@pytest.mark.parametrize(("labour", "status"), [("weak", 409), ("none", 201)])
async def test_where_there_is_labour_guarantee_alone_is_no_plan(registry: Registry, labour: str, status: int) -> None:
    people = [a_person("0", labour="none", health="disabled"), a_person("1", labour=labour)]
    case = await identified(registry, ["disability"], members=people)
    only = {"category": "comprehensive", "kind": "remedial", "covers": ["disability"]}
    answer = await plan(case, only)
    assert answer.status_code == status
    if status == 409:
        assert [(one["clause"], one["code"]) for one in answer.json()["findings"]] == [("P-2", "not-only-guaranteed")]
        assert (await plan(case, only, {"category": "motivation", "kind": "preventive"})).status_code == 201


@pytest.mark.clause("M-1.1.17")
async def test_preventive_and_remedial_measures_are_recorded_and_shown(registry: Registry) -> None:
    case = await identified(registry)
    await plan(case, EDUCATION, {"category": "motivation", "kind": "preventive"})
    items = (await registry.app.get(f"{case.home.path}/measures")).json()["items"]
    assert {(item["category"], item["kind"]) for item in items} == {
        ("education", "remedial"), ("motivation", "preventive"),
    }  # fmt: skip
    assert (await plan(case, {"category": "motivation", "kind": "curing"})).status_code == 422


@pytest.mark.clause("M-1.1.19")
async def test_the_eleven_categories_are_a_dated_dictionary_and_name_their_provider(registry: Registry) -> None:
    listed = (await registry.app.get("/v1/dictionaries/measure-categories")).json()["entries"]
    assert len(listed) == 11
    case = await identified(registry)
    made = await plan(case, EDUCATION, {"category": "motivation", "kind": "preventive"})
    assert [one["provider"] for one in made.json()["measures"]] == ["relief", "officers"]
    assert (await plan(case, {**EDUCATION, "category": "gold"})).json()["code"] == "invalid-measure"
    assert (await plan(case, {**EDUCATION, "covers": ["water"]})).json()["code"] == "invalid-measure"


@pytest.mark.clause("M-1.1.20")
async def test_what_is_paid_names_its_fund_line_before_it_is_asked_for(registry: Registry) -> None:
    case = await identified(registry)
    (measure,) = (await plan(case, {**EDUCATION, "funded": True})).json()["measures"]
    refused = await act(case, measure, "request")
    assert (refused.status_code, refused.json()["findings"][0]["clause"]) == (409, "M-1.1.20")
    line = {"level": "region", "year": 2024, "source": "linkage-fund", "amount": "1500.00", "project": "XM-7"}
    assert (await act(case, measure, "funding", **{**line, "level": "world"})).status_code == 422
    assert (await act(case, measure, "funding", **line)).status_code == 200
    assert (await act(case, measure, "request")).status_code == 200
    (shown,) = (await registry.app.get(f"{case.home.path}/measures")).json()["items"]
    assert shown["funding"] == [line]
    assert "1500" not in str(await registry.told(case.home))


async def test_an_officer_records_in_order_and_with_evidence(registry: Registry) -> None:
    case = await identified(registry)
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    early = await act(case, measure, "completion")
    assert (early.status_code, early.json()["code"]) == (409, "measure-out-of-order")
    await act(case, measure, "request")
    assert (await act(case, measure, "start", attachments=[str(uuid4())])).json()["code"] == "evidence-not-found"
    assert (await act(case, measure, "start", on="2024-03-19")).json()["code"] == "day-in-future"
    assert (await act(case, measure, "decline")).json()["state"] == "declined"
    assert (await act(case, measure, "request")).json()["state"] == "requested"
    assert (await act(case, measure, "start")).json()["state"] == "started"
    stale = {**measure, "version": measure["version"] - 1}
    assert (await act(case, stale, "completion")).status_code == 412
    assert (await act(case, measure, "completion")).json()["state"] == "completed"


async def test_where_a_provider_answers_itself_officers_do_not(registry: Registry) -> None:
    case = await identified(registry)
    changed = await registry.app.post(
        "/v1/parameters",
        {
            "key": "monitoring.measures.recorded-by-officers",
            "value": ["officers"],
            "unit": "providers",
            "valid_from": "2024-01-01",
            "valid_to": None,
            "division": "150623",
            "source": "test",
            "clause": "M-1.1.19",
        },
        as_=registry.as_(Role.ADMINISTRATOR, "150623"),
    )
    assert changed.status_code == 201, changed.text
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    await act(case, measure, "request")
    assert (await act(case, measure, "start")).json()["code"] == "provider-answers"
    waiting = (await registry.app.get("/v1/measures/unanswered")).json()["items"]
    assert [item["id"] for item in waiting] == [measure["id"]]


async def deadlines(registry: Registry, day: date) -> list[tuple[str, str, str]]:
    """What the daily work tells at the end of each day up to this one: event, limit, last day."""
    for name, job in (
        (tell_help_deadlines.JOB, tell_help_deadlines.tell_help_deadlines),
        (tell_case_deadlines.JOB, tell_case_deadlines.tell_case_deadlines),
    ):
        while await sweep(registry.app.runtime, name, job, day):
            continue
    rows = await registry.rows(
        "select type, convert_from(payload, 'UTF8')::jsonb ->> 'limit' as what, "
        "convert_from(payload, 'UTF8')::jsonb ->> 'due_on' as due from chassis.outbox "
        "where type like '%deadline%' or type like '%overdue%' order by sequence, id"
    )
    return [(row["type"].split(".")[2], row["what"], row["due"]) for row in rows]


@pytest.mark.clause("M-1.1.18")
@pytest.mark.clause("M-1.1.19")
async def test_a_plan_in_ten_days_a_measure_in_a_month_a_living_in_six(registry: Registry) -> None:
    case = await identified(registry)
    assert case.day == date(2024, 3, 18)
    await deadlines(registry, date(2024, 3, 17))
    assert await deadlines(registry, date(2024, 3, 24)) == []
    assert await deadlines(registry, date(2024, 3, 25)) == [("measure-deadline-near", "plan", "2024-03-28")]
    assert len(await deadlines(registry, date(2024, 3, 27))) == 1
    told = await deadlines(registry, date(2024, 3, 28))
    assert told[1:] == [("measure-deadline-missed", "plan", "2024-03-28")]
    case.on(date(2024, 4, 1))
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    assert (await deadlines(registry, date(2024, 4, 15)))[2:] == [
        ("measure-deadline-near", "first-measure", "2024-04-18"),
    ]  # fmt: skip
    case.on(date(2024, 4, 16))
    await act(case, measure, "request")
    await act(case, measure, "start")
    late = await deadlines(registry, date(2024, 9, 18))
    assert late[3:] == [
        ("measure-deadline-near", "developmental", "2024-09-18"),
        ("measure-deadline-missed", "developmental", "2024-09-18"),
    ]
    assert await deadlines(registry, date(2024, 12, 31)) == late


@pytest.mark.clause("M-1.1.16")
async def test_a_case_is_told_as_near_and_as_missed_once_each(registry: Registry) -> None:
    case = await open_case(registry)
    await deadlines(registry, date(2024, 3, 12))
    assert await deadlines(registry, date(2024, 3, 23)) == []
    near = ("case-deadline-near", "total", "2024-03-27")
    assert await deadlines(registry, date(2024, 3, 24)) == [near]
    assert await deadlines(registry, date(2024, 3, 26)) == [near]
    missed = ("case-deadline-missed", "total", "2024-03-27")
    assert await deadlines(registry, date(2024, 4, 30)) == [near, missed]
    case.on(date(2024, 5, 1))
    await case.read()
    await case.step("withdrawal", {"reason": "household-wishes"})
    assert await deadlines(registry, date(2024, 5, 30)) == [near, missed]


@pytest.mark.clause("M-1.1.15")
async def test_a_green_channel_is_told_as_overdue_after_its_ten_days(registry: Registry) -> None:
    case = await open_case(registry)
    await deadlines(registry, date(2024, 3, 12))
    paper = [await case.evidence("green-channel")]
    await case.step("green-channel", {"reason": "natural-disaster", "attachments": paper})
    assert (await deadlines(registry, date(2024, 3, 21)))[0][:2] == ("case-deadline-near", "green-channel")
    assert ("green-channel-overdue", "green-channel", "2024-03-22") in await deadlines(registry, date(2024, 3, 22))


@pytest.mark.clause("M-1.1.15")
async def test_through_the_green_channel_measures_come_before_the_steps(registry: Registry) -> None:
    case = await open_case(registry)
    motivation = {"category": "motivation", "kind": "remedial"}
    refused = await plan(case, motivation)
    assert (refused.status_code, refused.json()["code"]) == (409, "not-monitored")
    paper = [await case.evidence("green-channel")]
    await case.step("green-channel", {"reason": "natural-disaster", "attachments": paper})
    assert (await plan(case, motivation)).status_code == 201


@pytest.mark.clause("M-1.1.3")
async def test_the_backlog_is_cleared_when_nothing_waits(registry: Registry) -> None:
    case = await open_case(registry)

    async def backlog() -> dict[str, Any]:
        found: dict[str, Any] = (await registry.app.get("/v1/backlog")).json()
        return found

    first = await backlog()
    assert first["cases"] == [{"procedure": "identification", "open": 1, "oldest": "2024-03-12", "overdue": 0}]
    assert (first["open"], first["measures"], first["overdue_visits"]) == (0, [], 1), "nobody ever came"
    case.on(date(2024, 3, 28))
    assert (await backlog())["cases"][0]["overdue"] == 1
    await case.to("county-decision")
    await case.step("county-decision", DECISION)
    await case.take("announcement")
    await case.step("registration")
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    assert (await backlog())["measures"][0]["state"] == "planned"
    await act(case, measure, "request")
    assert (await backlog())["measures"][0]["state"] == "requested"
    await act(case, measure, "start")
    last = await backlog()
    assert (last["open"], last["cases"], last["measures"]) == (0, [], [])


async def test_days_from_signal_to_flag_case_and_first_help(registry: Registry) -> None:
    case = await identified(registry)
    case.on(date(2024, 4, 1))
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    await act(case, measure, "request")
    await act(case, measure, "start")
    found = await registry.app.get("/v1/response-times?since=2024-01-01")
    assert {(item["division"], item["step"], item["median"]) for item in found.json()["items"]} == {
        (VILLAGE, "signal-to-flag", 0.0), (VILLAGE, "flag-to-case", 0.0), (VILLAGE, "case-to-first-help", 20.0),
    }  # fmt: skip
    assert (await registry.app.get("/v1/response-times?since=2024-03-13")).json()["items"] == []


async def test_measures_follow_their_person_and_end_with_them(registry: Registry) -> None:
    case = await identified(registry)
    job = {"category": "employment", "kind": "preventive", "member_id": case.home.members[1], "wished": True}
    await plan(case, EDUCATION, job)
    version = (await registry.read(case.home))["version"]
    body = {"members": [{"member_id": case.home.members[1], "relation": "0"}], "reason": "own-household"}
    split = await registry.change(case.home, "splits", {**body, "on": str(case.day)}, version=version)
    assert split.status_code in (200, 201), split.text
    new_id = split.json()["new_household"]["id"]
    (followed,) = (await registry.app.get(f"/v1/households/{new_id}/measures")).json()["items"]
    assert followed["category"] == "employment"
    (stayed,) = (await registry.app.get(f"{case.home.path}/measures")).json()["items"]
    assert stayed["category"] == "education"


async def test_a_case_ends_with_its_household_and_passes_to_its_successor(registry: Registry) -> None:
    case = await open_case(registry)
    heir = await registry.register(1)
    version = (await registry.read(case.home))["version"]
    merged = await registry.app.post(
        f"{case.home.path}/merges",
        {
            "into_household_id": heir.id,
            "into_version": (await registry.read(heir))["version"],
            "members": [{"member_id": one, "relation": "8"} for one in case.home.members],
            "on": str(case.day),
            "reason": "marriage",
        },
        **{"If-Match": f'"{version}"'},
    )
    assert merged.status_code == 200, merged.text
    assert (await case.read())["household_id"] == heir.id
    ended = await registry.change(heir, "end", {"on": str(case.day), "reason": "left-county"},
                                  version=(await registry.read(heir))["version"])  # fmt: skip
    assert ended.status_code == 200, ended.text
    assert (await case.read())["state"] == "ended"


@pytest.mark.clause("M-1.1.19")
async def test_a_providers_word_has_its_effect_once_and_late_ones_none(
    start_app: StartApp, business_clock: DemoClock, kafka: Topics
) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    registry = Registry(await start_app("monitoring", worker=True), business_clock)
    registry.on(REGISTERED)
    case = await identified(registry)
    job = {"category": "employment", "kind": "preventive", "member_id": case.home.members[0], "wished": True}
    _, measure = (await plan(case, EDUCATION, job)).json()["measures"]
    await act(case, measure, "request")
    employment, stranger = Provider("employment", kafka), Provider("relief", kafka)
    word = {
        "household_id": case.home.id, "division": VILLAGE, "measure_id": measure["id"], "on": str(case.day),
    }  # fmt: skip
    await stranger.say("measure-completed", case.home.id, word)
    await employment.say("measure-accepted", case.home.id, word)
    await standing(registry, measure, standing="accepted")
    await employment.say("measure-started", case.home.id, word)
    await employment.say("measure-continued-to", case.home.id, {**word, "continues_to": "2025-03-31"})
    await employment.say("measure-accepted", case.home.id, word)
    await employment.say("measure-continued-to", case.home.id, {**word, "continues_to": "2025-06-30"})
    await standing(registry, measure, standing="started", continues_to="2025-06-30")
    unknown = {**word, "measure_id": str(uuid4())}
    await employment.say("measure-accepted", case.home.id, unknown)
    await employment.say("measure-completed", case.home.id, word)

    async def parked() -> bool:
        rows = await registry.rows("select key from chassis.parked_messages")
        return [row["key"] for row in rows] == [f"household/{case.home.id}"] * 2

    await eventually(parked)
    await standing(registry, measure, standing="started")


async def standing(registry: Registry, measure: dict[str, Any], **wanted: str) -> None:
    """Wait until the measure stands so."""

    async def reached() -> bool:
        async with database.connect(registry.app.runtime.engine) as connection:
            document = await connection.fetchval("select document from measure where id = $1", measure["id"])
        return all(document[key] == value for key, value in wanted.items())

    await eventually(reached)


async def test_another_town_sees_no_measure(registry: Registry) -> None:
    case = await identified(registry)
    (measure,) = (await plan(case, EDUCATION)).json()["measures"]
    other = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await registry.app.get(f"{case.home.path}/measures", as_=other)).status_code == 404
    asked = await registry.app.post(f"/v1/measures/{measure['id']}/request", {}, as_=other, **{"If-Match": '"1"'})
    assert asked.status_code == 404
    assert (
        await registry.app.get("/v1/measures/unanswered", as_=registry.as_(Role.TOWN_OFFICER, TOWN))
    ).status_code == 200
