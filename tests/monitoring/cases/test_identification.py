"""Identification over HTTP: every step on its boundary (M-1.1.5, M-1.1.8 to M-1.1.16)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import Role
from tests.monitoring.cases.conftest import COUNTY, DECISION, OPENED, VOTE, Case, a_survey, open_case, signal
from tests.monitoring.registry.conftest import Registry, a_person
from tests.tokens import TOWN, VILLAGE


@pytest.mark.clause("M-1.1.13")
@pytest.mark.clause("M-1.1.14")
async def test_the_whole_way_in(case: Case) -> None:
    await case.to("announcement")
    await case.take("announcement")
    done = await case.step("registration")
    assert (done["state"], done["step"]) == ("completed", None)
    home = await case.registry.read(case.home)
    assert (home["monitored_class"], home["monitored"][-1]["since"]) == ("marginal", "2024-03")
    assert [risk["code"] for risk in home["risks"]] == ["schooling"]
    assert (await case.events())[3:] == [
        "case-opened", "case-authorized", "case-surveyed", "case-reviewed",
        "publicity-opened", "publicity-closed", "case-compared", "case-town-checked", "case-county-decided",
        "case-announced", "household-identified",
    ]  # fmt: skip


@pytest.mark.clause("M-1.1.5")
async def test_one_open_case_per_household(case: Case) -> None:
    told = await signal(case.registry, case.home, OPENED, kind="housing")
    body = {"household_id": case.home.id, "origin": {"kind": "signal", "id": told["id"]}}
    again = await case.registry.app.post("/v1/cases", body)
    assert (again.status_code, again.json()["code"]) == (409, "case-is-open")
    await case.step("withdrawal", {"reason": "household-wishes"})
    assert (await case.registry.app.post("/v1/cases", body)).status_code == 201


@pytest.mark.clause("M-1.1.3")
async def test_a_case_takes_up_the_flags_and_leaves_none_waiting(registry: Registry) -> None:
    case = await open_case(registry)
    (flag,) = (await registry.app.get(f"/v1/flags?household_id={case.home.id}")).json()["items"]
    assert flag["standing"] == "case-opened"
    assert (await registry.app.get("/v1/backlog")).json()["open"] == 0
    state = await registry.state(case.home)
    assert state["household_id"] == case.home.id


async def test_the_origin_belongs_to_the_household(registry: Registry) -> None:
    case = await open_case(registry)
    other = await registry.register(1)
    (flag,) = (await registry.app.get(f"/v1/flags?household_id={case.home.id}")).json()["items"]
    for origin in ({"kind": "flag", "id": flag["id"]}, {"kind": "incident", "id": str(uuid4())}):
        refused = await registry.app.post("/v1/cases", {"household_id": other.id, "origin": origin})
        assert refused.status_code == 404


@pytest.mark.clause("M-1.1.8")
@pytest.mark.parametrize(("companions", "status"), [([], 409), (["officer-survey"], 409), (["somebody"], 200)])
async def test_a_survey_is_made_by_two_persons(case: Case, companions: list[str], status: int) -> None:
    answer = await case.post("survey", a_survey(case.day, companions=companions))
    assert answer.status_code == status, answer.text
    if status == 409:
        (finding,) = answer.json()["findings"]
        assert (finding["clause"], finding["answer"]) == ("M-1.1.8", "no")
        assert finding["parameters"][0]["value"] == 2
        assert (await case.read())["step"] == "survey"


@pytest.mark.parametrize(
    "wrong",
    [
        {"surveyed_on": "2024-03-13"},
        {"months_end": "2024-04"},
        {"wage": "-1.00"},
        {"labour": {"5f0d2c1e-7b2a-4a62-b0a4-c1d9e3f80701": "skilled"}},
    ],
)
async def test_a_survey_that_cannot_be_changes_nothing(case: Case, wrong: dict[str, Any]) -> None:
    answer = await case.post("survey", a_survey(case.day, **wrong))
    assert answer.status_code in (404, 422)
    assert await case.registry.rows("select id from survey") == []


async def test_a_survey_may_speak_of_the_month_that_ends_with_its_day(case: Case) -> None:
    case.on(date(2024, 3, 31))
    await case.survey(months_end="2024-03")


@pytest.mark.clause("M-1.1.9")
async def test_no_comparison_without_the_word_of_every_adult(registry: Registry) -> None:
    child = {"name": "乌日娜", "relation": "2", "born_on": "2006-03-24"}
    people = [a_person("0"), a_person("1"), child]
    case = await open_case(registry, members=people)
    await case.survey()
    await case.review()
    await case.publicise()
    assert case.day == date(2024, 3, 18)
    refused = await case.post("comparison-results", {"hits": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "not-authorized-by-household")
    body = {
        "signed_on": str(case.day),
        "expires_on": str(case.day),
        "scope": ["vehicles"],
        "signed_by": [case.home.members[0]],
        "attachments": [await case.evidence("authorization")],
    }
    unsigned = await case.post("authorization", body)
    assert (unsigned.status_code, unsigned.json()["code"]) == (409, "adults-missing")
    await case.step("authorization", {**body, "signed_by": list(case.home.members[:2])})
    case.on(date(2024, 3, 19))
    expired = await case.post("comparison-results", {"hits": []})
    assert expired.json()["code"] == "not-authorized-by-household"
    await case.step(
        "authorization",
        {**body, "signed_on": "2024-03-19", "expires_on": "2024-06-30", "signed_by": list(case.home.members[:2])},
    )
    case.on(date(2024, 3, 24))
    grown = await case.post("comparison-results", {"hits": []})
    assert grown.json()["code"] == "adults-missing", "the child came of age on this day"
    await case.step(
        "authorization",
        {**body, "signed_on": "2024-03-24", "expires_on": "2024-06-30", "signed_by": list(case.home.members)},
    )
    assert (await case.step("comparison-results", {"hits": []}))["step"] == "town-check"


async def test_an_authorisation_needs_its_paper(case: Case) -> None:
    body = {
        "signed_on": str(case.day),
        "expires_on": str(case.day),
        "scope": ["vehicles"],
        "signed_by": list(case.home.members),
        "attachments": [str(uuid4())],
    }
    refused = await case.post("authorization", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "evidence-not-found")


@pytest.mark.clause("M-1.1.10")
@pytest.mark.parametrize(("present", "status"), [(19, 409), (20, 200)])
async def test_a_vote_needs_its_quorum(case: Case, present: int, status: int) -> None:
    await case.survey()
    vote = {"held_on": str(case.day), "entitled": 30, "present": present, "in_favour": present, "against": 0}
    answer = await case.post("review", {**vote, "abstained": 0})
    assert answer.status_code == status
    if status == 409:
        assert answer.json()["findings"][0]["parameters"][0]["value"] == "2/3"


@pytest.mark.clause("M-1.1.10")
@pytest.mark.parametrize(("in_favour", "state"), [(12, "rejected"), (13, "open")])
async def test_the_vote_binds(case: Case, in_favour: int, state: str) -> None:
    await case.survey()
    told = await case.review(in_favour=in_favour, against=24 - in_favour, abstained=0)
    assert told["state"] == state
    assert ("case-rejected" in await case.events()) is (state == "rejected")


async def test_voices_that_do_not_add_up_are_refused(case: Case) -> None:
    await case.survey()
    answer = await case.post("review", {"held_on": str(case.day), **VOTE, "abstained": 2})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-vote")


@pytest.mark.clause("M-1.1.11")
async def test_publicity_lasts_its_days_counted_from_the_day_after(case: Case) -> None:
    await case.survey()
    await case.review()
    told = await case.put_up()
    assert (told["from_on"], told["last_on"]) == ("2024-03-12", "2024-03-17")
    for day, status in ((date(2024, 3, 17), 409), (date(2024, 3, 18), 200)):
        case.on(day)
        answer = await case.post("closing", {}, path=f"/v1/publicities/{case.publicity_id}/closing")
        assert answer.status_code == status, answer.text


@pytest.mark.clause("M-1.1.11")
async def test_a_notice_is_public_while_it_runs_and_says_no_more_than_it_may(case: Case) -> None:
    await case.survey()
    await case.review()
    told = await case.put_up()
    notice = await case.registry.app.client.get(told["notice"])
    assert notice.status_code == 200
    assert set(notice.json()) == {
        "id", "procedure", "division", "place", "householder", "members", "from_on", "last_on",
    }  # fmt: skip
    assert (notice.json()["householder"], notice.json()["members"]) == ("斯琴·高娃", 2)
    case.on(date(2024, 3, 18))
    await case.close()
    assert (await case.registry.app.client.get(told["notice"])).status_code == 404
    assert (await case.registry.app.client.get(f"/v1/public-notices/{uuid4()}")).status_code == 404


@pytest.mark.clause("M-1.1.11")
async def test_an_upheld_objection_brings_a_second_round(case: Case) -> None:
    await case.to("publicity")
    await case.put_up()
    case.on(date(2024, 3, 14))
    filed = await case.registry.app.post(
        f"/v1/publicities/{case.publicity_id}/objections",
        {"content": "他家有两辆货车", "name": "王五", "phone": "13800001234"},
    )
    assert filed.status_code == 201
    shown = await case.read()
    assert shown["stands_still"] is True
    case.on(date(2024, 3, 18))
    closing = await case.post("closing", {}, path=f"/v1/publicities/{case.publicity_id}/closing")
    assert (closing.status_code, closing.json()["code"]) == (409, "objection-open")
    case.on(date(2024, 3, 20))
    path = f"/v1/objections/{filed.json()['id']}/examination"
    body = {"outcome": "upheld", "reason": "facts-confirmed"}
    own = await case.post("examination", body, path=path, person="second-surveyor")
    assert (own.status_code, own.json()["code"]) == (409, "duties-not-separated")
    told = await case.step("examination", body, path=path)
    assert (told["step"], told["round"]) == ("survey", 2)
    shown = await case.read()
    assert (shown["stands_still"], shown["due_on"]) == (False, "2024-04-02"), "six days were not counted"
    await case.survey()
    await case.review()
    await case.publicise()
    assert (await case.read())["publicities"][1]["round"] == 2
    words = str(await case.registry.told(case.home))
    assert not [secret for secret in ("货车", "王五", "13800001234") if secret in words]


async def test_a_dismissed_objection_lets_the_publicity_close(case: Case) -> None:
    await case.to("publicity")
    await case.put_up()
    objections = [
        (await case.registry.app.post(f"/v1/publicities/{case.publicity_id}/objections", {"content": text})).json()
        for text in ("甲", "乙")
    ]
    await case.read()
    body = {"outcome": "dismissed", "reason": "facts-not-found"}
    await case.step("examination", body, path=f"/v1/objections/{objections[0]['id']}/examination")
    assert (await case.read())["stands_still"] is True
    await case.step("examination", body, path=f"/v1/objections/{objections[1]['id']}/examination")
    assert (await case.read())["stands_still"] is False
    again = await case.post("examination", body, path=f"/v1/objections/{objections[1]['id']}/examination")
    assert again.json()["code"] == "objection-is-examined"
    case.on(date(2024, 3, 18))
    await case.close()
    late = await case.registry.app.post(f"/v1/publicities/{case.publicity_id}/objections", {"content": "晚了"})
    assert (late.status_code, late.json()["code"]) == (409, "publicity-is-over")


async def test_who_objected_is_read_with_a_purpose_only(case: Case) -> None:
    await case.to("publicity")
    await case.put_up()
    filed = await case.registry.app.post(
        f"/v1/publicities/{case.publicity_id}/objections", {"content": "不实", "name": "王五"}
    )
    path = filed.headers["Location"]
    assert (await case.registry.app.get(path)).json()["code"] == "purpose-missing"
    told = await case.registry.app.get(path, **{"X-Purpose": "examination"})
    assert (told.status_code, told.json()["name"]) == (200, "王五")
    village = case.registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert (await case.registry.app.get(path, as_=village, **{"X-Purpose": "curiosity"})).status_code == 403


@pytest.mark.clause("M-1.1.12")
async def test_every_hit_is_adjudicated_and_one_that_stands_stops_the_check(case: Case) -> None:
    await case.to("comparison")
    hits = {"hits": [{"source": "vehicles", "kind": "truck"}, {"source": "bank-deposits", "kind": "deposit"}]}
    assert (await case.step("comparison-results", hits))["step"] == "comparison"
    assert (await case.post("comparison-results", hits)).json()["code"] == "hits-open"
    first, second = (await case.read())["hits"]
    early = await case.post("town-check", {"outcome": "passed"})
    assert (early.status_code, early.json()["code"]) == (409, "step-out-of-order")
    path = f"/v1/cases/{case.id}/comparison-results"
    await case.step("adjudication", {"outcome": "explained", "reason": "needed-for-work"},
                    path=f"{path}/{first['id']}/adjudication")  # fmt: skip
    told = await case.step("adjudication", {"outcome": "disqualifying", "reason": "means-sufficient"},
                           path=f"{path}/{second['id']}/adjudication")  # fmt: skip
    assert told["step"] == "town-check"
    stopped = await case.post("town-check", {"outcome": "passed"})
    assert (stopped.status_code, stopped.json()["code"]) == (409, "hit-stands")
    assert stopped.json()["findings"][0]["clause"] == "M-1.1.12"
    assert (await case.step("town-check", {"outcome": "rejected"}))["state"] == "rejected"


@pytest.mark.clause("M-1.1.13")
async def test_survey_check_and_decision_are_three_persons(case: Case) -> None:
    await case.to("town-check")
    same = await case.post("town-check", {"outcome": "passed"}, person="second-surveyor")
    assert (same.status_code, same.json()["code"]) == (409, "duties-not-separated")
    await case.take("town-check")
    for person in ("officer-town-check", "officer-survey"):
        refused = await case.post("county-decision", DECISION, person=person)
        assert refused.json()["code"] == "duties-not-separated"
    await case.take("county-decision")


@pytest.mark.clause("M-1.1.13")
async def test_the_county_may_return_and_the_steps_follow_again(case: Case) -> None:
    await case.to("county-decision")
    told = await case.step("return", {"to_step": "comparison", "reason": "evidence-missing"})
    assert (told["step"], told["round"]) == ("comparison", 2)
    refused = await case.post("county-decision", DECISION)
    assert refused.json()["code"] == "step-out-of-order"
    forward = await case.post("return", {"to_step": "announcement", "reason": "evidence-missing"})
    assert (forward.status_code, forward.json()["code"]) == (422, "no-such-step")
    for step in ("comparison", "town-check", "county-decision"):
        await case.take(step)


async def test_what_was_compared_is_compared_anew_after_a_return(case: Case) -> None:
    await case.to("comparison")
    await case.step("comparison-results", {"hits": [{"source": "vehicles", "kind": "truck"}]})
    (hit,) = (await case.read())["hits"]
    path = f"/v1/cases/{case.id}/comparison-results/{hit['id']}/adjudication"
    await case.step("adjudication", {"outcome": "disqualifying", "reason": "means-sufficient"}, path=path)
    await case.step("return", {"to_step": "comparison", "reason": "evidence-missing"})
    assert (await case.read())["hits"] == []
    await case.step("comparison-results", {"hits": []})
    await case.step("town-check", {"outcome": "passed"})


@pytest.mark.clause("M-1.1.14")
@pytest.mark.parametrize(
    ("household_type", "given", "monitored_class"),
    [
        ("ordinary", {"wage": "14999.99", "transfer": "0.00"}, "marginal"),
        ("relieved", {"wage": "14999.99", "transfer": "0.00"}, "unstable-relieved"),
        ("ordinary", {"wage": "15000.00", "transfer": "0.00", "rigid_expenditure": "0.01"}, "sudden-hardship"),
        ("ordinary", {"wage": "15000.00", "transfer": "0.00", "rigid_expenditure": "0.00"}, None),
        ("ordinary", {"wage": None}, None),
    ],
)
async def test_the_class_follows_from_income_range_and_shock(
    registry: Registry, household_type: str, given: dict[str, Any], monitored_class: str | None
) -> None:
    case = await open_case(registry, household_type=household_type)
    await case.authorize()
    await case.survey(**given)
    for step in ("review", "publicity", "comparison", "town-check"):
        await case.take(step)
    for claimed in ("marginal", "unstable-relieved", "sudden-hardship"):
        if claimed == monitored_class:
            continue
        refused = await case.post("county-decision", {**DECISION, "monitored_class": claimed})
        assert (refused.status_code, refused.json()["code"]) == (409, "not-identifiable")
        assert refused.json()["findings"][0]["clause"] == "M-1.1.14"
    if monitored_class:
        await case.step("county-decision", {**DECISION, "monitored_class": monitored_class})


@pytest.mark.clause("M-1.1.14")
@pytest.mark.parametrize(
    ("risks", "status"),
    [([], 409), ([{"code": "other"}], 422), ([{"code": "unknown-risk"}], 422), ([{"code": "illness"}], 200)],
)
async def test_at_least_one_known_risk_is_registered(case: Case, risks: list[dict[str, str]], status: int) -> None:
    await case.to("county-decision")
    answer = await case.post("county-decision", {**DECISION, "risks": risks})
    assert answer.status_code == status, answer.text


async def test_a_risk_that_tells_health_is_not_named_in_public(case: Case) -> None:
    await case.to("county-decision")
    await case.step("county-decision", {**DECISION, "risks": [{"code": "illness"}, {"code": "schooling"}]})
    await case.take("announcement")
    await case.take("registration")
    (told,) = [body for name, _, body in await case.registry.told(case.home) if name == "household-identified"]
    assert told["risks"] == ["other-hardship", "schooling"]
    case_events = [body for _, _, body in await case.registry.told(case.home) if "case_id" in body]
    assert len(case_events) > 9
    assert "illness" not in str(case_events)


@pytest.mark.clause("M-1.1.16")
async def test_the_limit_is_fifteen_days_and_the_overdue_are_listed(case: Case) -> None:
    assert (await case.read())["due_on"] == "2024-03-27"
    county = case.registry.as_(Role.COUNTY_OFFICER, COUNTY)
    for day, listed in ((date(2024, 3, 27), 0), (date(2024, 3, 28), 1)):
        case.on(day)
        found = (await case.registry.app.get("/v1/cases/overdue", as_=county)).json()["items"]
        assert [one["days_over"] for one in found] == [1] * listed


@pytest.mark.clause("M-1.1.16")
async def test_the_timeline_tells_who_when_by_which_clause_and_limit(case: Case) -> None:
    await case.to("publicity")
    story = (await case.registry.app.get(f"/v1/cases/{case.id}/timeline", **{"Accept-Language": "en"})).json()
    assert story["limits"][1] == {
        "limit": "total", "clause": "M-1.1.16", "due_on": "2024-03-27", "near_on": "2024-03-24",
    }  # fmt: skip
    survey = next(entry for entry in story["entries"] if entry["step"] == "survey")
    assert (survey["clause"], survey["by"], survey["day"]) == ("M-1.1.8", ["officer-survey", "second-surveyor"], 0)
    assert survey["findings"][0]["because"] == "2 persons made the survey"


@pytest.mark.clause("M-1.1.15")
async def test_a_green_channel_falls_due_ten_days_later(case: Case) -> None:
    body = {"reason": "sudden-illness", "attachments": [await case.evidence("green-channel")]}
    await case.step("green-channel", body)
    assert (await case.read())["green_channel"]["due_on"] == "2024-03-22"
    twice = await case.post("green-channel", {**body})
    assert twice.json()["code"] == "green-channel-is-open"
    (told,) = [body for name, _, body in await case.registry.told(case.home) if name == "green-channel-opened"]
    assert told["reason"] == "other-hardship"
    no_paper = await case.post("green-channel", {**body, "attachments": []})
    assert no_paper.status_code == 422


async def test_two_officers_at_once_one_wins(case: Case) -> None:
    await case.survey()
    seen = case.version
    await case.review()
    late = await case.post("review", {"held_on": str(case.day), **VOTE}, **{"If-Match": f'"{seen}"'})
    assert late.status_code == 412


async def test_what_waits_stands_on_the_list_of_who_may_take_it(case: Case) -> None:
    async def work(role: Role, division: str) -> list[str]:
        items = (await case.registry.app.get("/v1/work", as_=case.registry.as_(role, division))).json()["items"]
        return [item["what"] for item in items]

    assert await work(Role.VILLAGE_TEAM, VILLAGE) == ["identification:survey"]
    assert await work(Role.VILLAGE_COMMITTEE, VILLAGE) == []
    await case.survey()
    assert await work(Role.VILLAGE_COMMITTEE, VILLAGE) == ["identification:review"]
    await case.review()
    await case.put_up()
    await case.registry.app.post(f"/v1/publicities/{case.publicity_id}/objections", {"content": "不实"})
    assert await work(Role.TOWN_OFFICER, TOWN) == ["examination"]
    assert await work(Role.TOWN_OFFICER, "150623101") == []
    later = case.day + timedelta(days=1)
    await signal(case.registry, await case.registry.register(1), case.day, kind="housing")
    case.on(later)
    assert sorted(await work(Role.TOWN_OFFICER, TOWN)) == ["answer", "examination"]


async def test_another_towns_case_is_not_there(case: Case) -> None:
    other = case.registry.as_(Role.TOWN_OFFICER, "150623101")
    for path in (f"/v1/cases/{case.id}", f"/v1/cases/{case.id}/timeline"):
        assert (await case.registry.app.get(path, as_=other)).status_code == 404
    assert (await case.registry.app.get("/v1/cases", as_=other)).json()["items"] == []
    refused = await case.registry.app.post(
        f"/v1/cases/{case.id}/return", {"to_step": "survey", "reason": "evidence-missing"}, as_=other,
        **{"If-Match": f'"{case.version}"'},
    )  # fmt: skip
    assert refused.status_code == 404
