"""After a full run nothing of what was planted has come out: no id number, name, phone or measured value."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import structlog

from contracts.access import Role
from contracts.events.envelope import public_topic, state_topic
from contracts.month import Month
from tests.builders import a_resident_id
from tests.monitoring.cases.conftest import DECISION, Case, signal
from tests.monitoring.cases.test_elimination import carried, done, helped, monthly, request, resolve
from tests.monitoring.registry.conftest import Registered, a_person
from tests.monitoring.screening.test_cumulation import HEADING
from tests.monitoring.screening.test_sample_town import upload
from tests.privacy.conftest import Surfaces
from tests.privacy.scanner import found
from tests.things import send
from tests.tokens import TOWN, VILLAGE

NAMES = ("欧阳守望甲", "慕容试样乙")
IDS = (a_resident_id(901, date(1971, 3, 4)), a_resident_id(902, date(1973, 5, 6), "2"))
STRANGER = a_resident_id(903, date(1975, 7, 8))
WRONG_ID = IDS[0][:-1] + ("0" if IDS[0][-1] != "0" else "1")
PHONES = ("13987654321", "15812349876")
EXPENSE, WAGE, RIGID = "26417.39", "31864.27", "28753.61"
REPORTER, TOLD_BY_REPORTER = "司徒举报丙", "17755443322"
WORDS = ("老人长期患病卧床不起", "该户名下有两辆未申报货车")
PLANTED = (*NAMES, *IDS, STRANGER, WRONG_ID, *PHONES, EXPENSE, WAGE, RIGID, REPORTER, TOLD_BY_REPORTER, *WORDS)
SEVEN_MONTHS_LATER = date(2024, 10, 8)


async def _story(surfaces: Surfaces, directory: Path) -> None:
    """In and out of monitoring, with every kind of personal word on the way."""
    registry = surfaces.registry
    people = [
        a_person("0", name=NAMES[0], resident_id=IDS[0], phone=PHONES[0], labour="ordinary"),
        a_person("1", name=NAMES[1], resident_id=IDS[1], phone=PHONES[1], labour="ordinary"),
    ]
    home = await registry.register(people)
    registry.on(date(2024, 3, 12))
    warned = await signal(
        registry, home, date(2024, 3, 11), source="department-warning", kind="medical-inpatient", amount=EXPENSE,
        member_id=home.members[1],
    )  # fmt: skip
    await _reported(surfaces, home)
    await _compared(surfaces, directory)
    opened = await registry.app.post(
        "/v1/cases", {"household_id": home.id, "origin": {"kind": "flag", "id": warned["flag_id"]}}
    )
    assert opened.status_code == 201, opened.text
    case = Case(registry, home, opened.json()["id"], opened.json()["version"], date(2024, 3, 12))
    await case.authorize()
    await case.survey(wage=WAGE, rigid_expenditure=RIGID)
    await case.review()
    await _objected(case)
    for step in ("comparison", "town-check"):
        await case.take(step)
    await case.step(
        "county-decision", {**DECISION, "monitored_class": "sudden-hardship", "risks": [{"code": "illness"}]}
    )
    await case.take("announcement")
    await case.step("registration")
    await helped(case, "illness", "health")
    case.on(SEVEN_MONTHS_LATER)
    await monthly(case, Month(2023, 5), Month(2024, 9), "1250.00")
    await resolve(case, "illness")
    await done(case, await carried(case, await request(case)))
    for path in (f"/v1/households/{home.id}/dossier", f"/v1/towns/{TOWN}/overview"):
        await surfaces.gateway.get(path)


async def _reported(surfaces: Surfaces, home: Registered) -> None:
    reporter = {"name": REPORTER, "phone": TOLD_BY_REPORTER, "statement": WORDS[0], "channel": "12345"}
    body = {"household_id": home.id, "source": "social-supervision", "kind": "illness", "occurred_on": "2024-03-10"}
    told = await surfaces.registry.app.post("/v1/signals", {**body, "reporter": reporter})
    assert told.status_code == 201, told.text


async def _compared(surfaces: Surfaces, directory: Path) -> None:
    """A bureau's file with a row that matches, one of a stranger, and two that cannot be read."""
    rows = (
        f"R-1,{NAMES[0]},{IDS[0]},门诊,2024-03-01,900.00,,,,{EXPENSE}",
        f"R-2,{NAMES[1]},{STRANGER},门诊,2024-03-01,900.00,,,,{EXPENSE}",
        f"R-3,{NAMES[1]},{WRONG_ID},门诊,2024-03-01,900.00,,,,{EXPENSE}",
        f"R-4,{NAMES[1]},{IDS[1]},门诊,三月一日,900.00,,,,{EXPENSE}x",
    )
    file = directory / "medical.csv"
    file.write_text("\n".join([HEADING, *rows]), encoding="utf-8")
    app = surfaces.registry.app
    operation = await upload(
        app, "/v1/comparisons?kind=medical&month=2024-03", file, app.issuer.app(TOWN, client="bureau-medical")
    )
    assert operation["result"]["matched"] == 1


async def _objected(case: Case) -> None:
    told = await case.put_up()
    body = {"content": WORDS[1], "name": REPORTER, "phone": TOLD_BY_REPORTER}
    objected = await case.registry.app.post(f"/v1/publicities/{case.publicity_id}/objections", body)
    assert objected.status_code == 201, objected.text
    await case.read()
    examined = await case.registry.app.post(
        f"/v1/objections/{objected.json()['id']}/examination",
        {"outcome": "dismissed", "reason": "facts-not-found"},
        as_=case.registry.app.officer(Role.COUNTY_OFFICER, "150623", "examiner"),
        **{"If-Match": f'"{case.version}"'},
    )
    assert examined.status_code == 200, examined.text
    case.version = examined.json()["version"]
    case.on(date.fromisoformat(told["last_on"]) + timedelta(days=7))
    await case.close()


async def _refusals(surfaces: Surfaces) -> None:
    """Bad input that holds what nobody may repeat: in bodies, fields, paths, queries and headers."""
    app = surfaces.registry.app
    person = {"name": NAMES[0], "relation": "0", "resident_id": WRONG_ID, "phone": PHONES[0]}
    household = {"division": VILLAGE, "household_type": "ordinary", "members": [person]}
    bodies = (
        household,
        {**household, NAMES[1]: IDS[1]},
        {**household, "members": [{**person, "resident_id": IDS[0], "phone": f"{PHONES[0]}x", "born_on": WAGE}]},
        {**household, "division": IDS[0]},
        {**household, "members": WORDS[0]},
        [NAMES[0]],
    )
    for body in bodies:
        assert (await app.post("/v1/households", body)).status_code in (400, 403, 404, 422)
    broken = json.dumps(household, ensure_ascii=False)[:-9]
    sent = {**app.officer(), "Idempotency-Key": "k-1", "Content-Type": "application/json"}
    assert (await app.client.post("/v1/households", content=broken.encode(), headers=sent)).status_code in (400, 422)
    for client in (app.client, surfaces.gateway.client):
        for path in (
            f"/v1/households/{IDS[0]}",
            f"/v1/households?division={IDS[0]}",
            f"/v1/cases?step={PHONES[0]}{IDS[0]}{IDS[1]}",
            f"/v1/{NAMES[0]}",
            f"/v1/towns/{IDS[0]}/overview",
        ):
            assert (await client.get(path, headers=app.officer())).status_code in (400, 404, 422)
    looked = await app.client.post(
        "/v1/households/search", json={"resident_id": WRONG_ID}, headers={**app.officer(), "X-Purpose": IDS[0]}
    )
    assert looked.status_code in (400, 404, 422)
    odd = {**app.officer(), "If-Match": IDS[0], "Idempotency-Key": f"{IDS[0]}-1"}
    assert (await app.client.post("/v1/signals", json={"amount": WAGE}, headers=odd)).status_code == 422


async def test_nothing_that_was_planted_comes_out(surfaces: Surfaces, tmp_path: Path) -> None:
    await _story(surfaces, tmp_path)
    await _refusals(surfaces)
    collected = await surfaces.collected()
    assert {surface: bool(sum(map(len, pieces))) for surface, pieces in collected.items()} == dict.fromkeys(
        collected, True
    ), "a surface that tells nothing proves nothing"
    assert [(where, what, how) for where, what, how in found(PLANTED, collected)] == []


@pytest.mark.parametrize("surface", ["public topics", "state topics", "logs", "metrics", "problems"])
async def test_the_scan_finds_what_is_planted_on_each_surface(surfaces: Surfaces, surface: str) -> None:
    app = surfaces.registry.app
    if surface.endswith("topics"):
        topic = (state_topic if surface == "state topics" else public_topic)("monitoring", surfaces.topics.prefix)
        await send(surfaces.topics, topic, b"foreign", {}, json.dumps({"who": NAMES[0]}).encode())
    elif surface == "logs":
        structlog.get_logger("test").info("leaking", who=NAMES[0])
    elif surface == "metrics":
        app.runtime.metrics.sent.labels(PHONES[0]).inc()
    else:
        answer = await app.client.get("/v1/households/none", headers=app.officer())
        surfaces.problems.append(answer.content + EXPENSE.encode())
    assert {where for where, _, _ in found(PLANTED, await surfaces.collected())} == {surface}
