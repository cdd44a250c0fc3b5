"""The stories of ten households, told over HTTP on the business clock and heard by a reader of the log."""

from datetime import date, timedelta

from contracts.month import Month
from tests.journeys.conftest import Outside
from tests.monitoring.cases.conftest import DECISION, Case, open_case, open_for, signal
from tests.monitoring.cases.test_elimination import (
    SAFE,
    answers,
    carried,
    check,
    done,
    helped,
    monthly,
    request,
    resolve,
)
from tests.monitoring.cases.test_measures import EDUCATION, act, deadlines, plan
from tests.monitoring.registry.conftest import Registry, a_person

IN = [
    "case-opened", "case-authorized", "case-surveyed", "case-reviewed", "publicity-opened", "publicity-closed",
    "case-compared", "case-town-checked", "case-county-decided", "case-announced", "household-identified",
]  # fmt: skip
OUT = [
    "case-opened", "elimination-requested", "case-authorized", "case-surveyed", "case-reviewed", "publicity-opened",
    "publicity-closed", "case-compared", "case-town-checked", "case-county-decided", "case-announced",
]  # fmt: skip
SEVEN_MONTHS_LATER = date(2024, 10, 8)


async def brought_in(case: Case, monitored_class: str = "marginal", risk: str = "schooling") -> None:
    """From the opened case to registration, in this class and with this risk."""
    await case.to("county-decision")
    await case.step("county-decision", {**DECISION, "monitored_class": monitored_class, "risks": [{"code": risk}]})
    await case.take("announcement")
    await case.step("registration")


async def well_off(case: Case, day: date) -> None:
    """On this day every window of the last six month-ends reaches the line."""
    case.on(day)
    last = Month.of(day).plus(-1)
    await monthly(case, last.plus(-16), last, "1250.00")


async def let_go(case: Case) -> Case:
    await resolve(case)
    out = await carried(case, await request(case))
    await done(case, out)
    return out


async def test_a_medical_shock_ends_after_seven_months(registry: Registry, outside: Outside) -> None:
    people = [a_person("0", labour="ordinary"), a_person("1", labour="ordinary")]
    home = await registry.register(people)
    registry.on(date(2024, 3, 12))
    warned = await signal(
        registry, home, date(2024, 3, 11), source="department-warning", kind="medical-inpatient", amount="26000.00",
        member_id=home.members[1],
    )  # fmt: skip
    assert warned["flagged"] is True
    made = await registry.app.post(
        "/v1/cases", {"household_id": home.id, "origin": {"kind": "flag", "id": warned["flag_id"]}}
    )
    case = Case(registry, home, made.json()["id"], made.json()["version"], date(2024, 3, 12))
    await case.authorize()
    await case.survey(wage="30000.00", rigid_expenditure="26000.00")
    for step in ("review", "publicity", "comparison", "town-check"):
        await case.take(step)
    await case.step(
        "county-decision", {**DECISION, "monitored_class": "sudden-hardship", "risks": [{"code": "illness"}]}
    )
    await case.take("announcement")
    await case.step("registration")
    await helped(case, "illness", "health")
    await well_off(case, SEVEN_MONTHS_LATER)
    await resolve(case, "illness")
    out = await carried(case, await request(case))
    await done(case, out)
    heard = await outside.heard(home)
    assert [name for name in heard if name.startswith(("household-", "risk-"))] == [
        "household-registered", "household-flagged", "household-identified", "risk-resolved",
        "household-risk-eliminated",
    ]  # fmt: skip
    public = str([body for _, _, body in await registry.told(home)])
    assert "26000" not in public
    assert "medical" not in public


async def test_a_green_channel_helps_first_and_its_deadline_is_told(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await deadlines(registry, case.day)
    paper = [await case.evidence("green-channel")]
    await case.step("green-channel", {"reason": "natural-disaster", "attachments": paper})
    (measure,) = (await plan(case, {"category": "motivation", "kind": "remedial"})).json()["measures"]
    await act(case, measure, "request")
    assert (await act(case, measure, "start")).json()["state"] == "started"
    await deadlines(registry, date(2024, 3, 22))
    case.on(date(2024, 3, 23))
    await case.read()
    await brought_in(case)
    heard = await outside.heard(case.home)
    assert heard.index("measure-recorded") < heard.index("green-channel-overdue") < heard.index("household-identified")


async def test_a_household_that_lost_its_last_labour_is_held(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry, members=[a_person("0", labour="weak"), a_person("1", labour="none")])
    await brought_in(case)
    await helped(case)
    await well_off(case, SEVEN_MONTHS_LATER)
    await resolve(case)
    version = (await registry.read(case.home))["version"]
    died = await registry.change(
        case.home, f"members/{case.home.members[0]}/death",
        {"on": str(case.day), "succession": {"head": case.home.members[1], "relations": {}}}, version=version,
    )  # fmt: skip
    assert died.status_code == 200
    held = await request(case)
    assert held.json()["code"] == "elimination-held"
    heard = await outside.heard(case.home)
    assert heard[-3:] == ["member-died", "measure-recorded", "elimination-held"], "his job ended with him"
    assert "household-risk-eliminated" not in heard


async def test_a_risk_goes_by_itself(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await brought_in(case)
    await helped(case)
    await well_off(case, date(2024, 4, 8))
    await resolve(case, how="naturally-gone", reason="family-income")
    paper = [await case.evidence("town-check")]
    out = await carried(case, await request(case, mode="natural", reason="family-income", attachments=paper))
    await done(case, out)
    assert (await outside.heard(case.home))[-3:] == [
        "household-risk-eliminated", "measure-carried-over", "measure-carried-over",
    ]  # fmt: skip


async def test_natural_or_not_a_missing_guarantee_keeps_it(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await brought_in(case)
    await helped(case)
    await well_off(case, date(2024, 4, 8))
    await resolve(case, how="naturally-gone", reason="family-income")
    paper = [await case.evidence("town-check")]
    made = await request(case, mode="natural", reason="family-income", attachments=paper)
    out = await carried(case, made, guarantees={**SAFE, "water": False})
    assert (await out.post("county-decision", {"outcome": "approved"})).status_code == 409
    assert (await out.step("county-decision", {"outcome": "rejected"}))["state"] == "rejected"
    assert (await outside.heard(case.home))[-2:] == ["case-county-decided", "case-rejected"]
    assert (await registry.read(case.home))["monitored"][-1]["ended"] is None


async def test_an_objection_brings_a_second_publicity(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await case.to("publicity")
    await case.put_up()
    filed = await registry.app.post(f"/v1/publicities/{case.publicity_id}/objections", {"content": "收入不实"})
    await case.read()
    case.on(case.day + timedelta(days=3))
    upheld = {"outcome": "upheld", "reason": "facts-confirmed"}
    await case.step("examination", upheld, path=f"/v1/objections/{filed.json()['id']}/examination")
    for step in ("survey", "review", "publicity", "comparison", "town-check", "county-decision", "announcement"):
        await case.take(step)
    await case.step("registration")
    heard = await outside.heard(case.home)
    assert heard.count("publicity-opened") == 2
    assert heard.count("publicity-closed") == 1
    assert heard.index("objection-filed") < heard.index("objection-examined") < heard.index("case-returned")


async def test_an_unstable_household_is_kept_after_elimination(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry, household_type="relieved")
    await brought_in(case, "unstable-relieved")
    await helped(case)
    await well_off(case, SEVEN_MONTHS_LATER)
    await let_go(case)
    assert "post-monitoring-kept" in await outside.heard(case.home)
    assert (await plan(case, {"category": "motivation", "kind": "preventive"})).status_code == 201, "help goes on"


async def test_another_is_released_and_no_longer_helped(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await brought_in(case)
    await helped(case)
    await well_off(case, SEVEN_MONTHS_LATER)
    await let_go(case)
    heard = await outside.heard(case.home)
    assert "post-monitoring-kept" not in heard
    assert [name for name in heard if name in (*IN, "elimination-requested")][11:] == OUT
    case.on(date(2024, 11, 1))
    assert (await plan(case, EDUCATION)).json()["code"] == "not-monitored"


async def test_a_herder_sells_once_a_year(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await brought_in(case)
    await helped(case)
    case.on(SEVEN_MONTHS_LATER)
    await monthly(case, Month(2023, 5), Month(2024, 9), "0.00")
    sale = {"kind": "production", "first_month": "2023-10", "last_month": "2023-10", "source": "home-visit"}
    sold = await registry.app.post(f"{case.home.path}/income-entries", {**sale, "amount": "15000.00"})
    assert sold.status_code == 201
    await let_go(case)
    assert "household-risk-eliminated" in await outside.heard(case.home)


async def test_a_household_splits_in_the_middle_of_its_case(registry: Registry, outside: Outside) -> None:
    people = [a_person("0", labour="ordinary"), a_person("1", labour="ordinary"), a_person("2", labour="skilled")]
    case = await open_case(registry, members=people)
    await case.to("comparison")
    version = (await registry.read(case.home))["version"]
    body = {"members": [{"member_id": case.home.members[2], "relation": "0"}], "reason": "own-household"}
    split = await registry.change(case.home, "splits", {**body, "on": str(case.day)}, version=version)
    assert split.status_code == 201, split.text
    for step in ("comparison", "town-check", "county-decision", "announcement"):
        await case.take(step)
    await case.step("registration")
    heard = await outside.heard(case.home)
    assert heard.index("publicity-closed") < heard.index("household-split") < heard.index("household-identified")
    state = await registry.state(case.home)
    assert [one["how"] for one in state["successors"]] == ["split"]
    assert (await registry.rows("select monitored from household where id = $1", split.json()["new_household"]["id"]))[
        0
    ]["monitored"] == [], "the case stays with the household that was surveyed"


async def test_a_new_risk_opens_it_again(registry: Registry, outside: Outside) -> None:
    case = await open_case(registry)
    await brought_in(case)
    await helped(case)
    await well_off(case, SEVEN_MONTHS_LATER)
    await let_go(case)
    case.on(date(2024, 12, 2))
    told = await signal(registry, case.home, date(2024, 12, 1), kind="housing")
    assert told["flagged"] is True
    made = await registry.app.post(
        "/v1/cases", {"household_id": case.home.id, "origin": {"kind": "flag", "id": told["flag_id"]}}
    )
    again = Case(registry, case.home, made.json()["id"], made.json()["version"], case.day)
    await brought_in(again, risk="housing")
    assert (await outside.heard(case.home))[-2:] == ["household-identified", "elimination-reverted"]
    assert (await check(again))["outcome"] == "refused"
    assert (await answers(again))["risks-gone"] == "no"


async def test_two_households_of_a_village_do_not_mix(registry: Registry, outside: Outside) -> None:
    first = await registry.register([a_person("0", labour="ordinary"), a_person("1", labour="ordinary")])
    case = await open_case(registry)
    other = await open_for(registry, first, day=case.day)
    await case.to("publicity")
    other.on(case.day)
    await other.to("review")
    assert [name for name in await outside.heard(first) if name.startswith("case-")] == IN[:3]
    assert [name for name in await outside.heard(case.home) if name.startswith("case-")] == IN[:4]
