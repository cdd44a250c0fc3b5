"""Signals and flags over HTTP: recorded, judged, dismissed, flagged again; reporters protected."""

from datetime import datetime
from typing import Any

import pytest

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI
from tests.apps import RunningApp, StartApp
from tests.monitoring.api.test_registering import A_HOUSEHOLD


@pytest.fixture
async def app(start_app: StartApp, business_clock: DemoClock) -> RunningApp:
    business_clock.move(datetime(2024, 3, 12, 9, tzinfo=SHANGHAI))
    return await start_app("monitoring")


async def household(app: RunningApp, household_type: str = "ordinary") -> dict[str, Any]:
    made = await app.post("/v1/households", {**A_HOUSEHOLD, "household_type": household_type})
    body: dict[str, Any] = made.json()
    return body


async def expense(app: RunningApp, of: dict[str, Any], amount: str, **given: Any) -> dict[str, Any]:
    answer = await app.post(
        "/v1/signals",
        {
            "household_id": of["id"],
            "member_id": of["members"][0]["id"],
            "source": "department-warning",
            "kind": "medical-inpatient",
            "occurred_on": "2024-03-11",
            "amount": amount,
            **given,
        },
    )
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.clause("M-1.1.2")
@pytest.mark.parametrize(
    ("household_type", "amount", "flagged"),
    [
        ("relieved", "4999.99", False),
        ("relieved", "5000.00", True),
        ("ordinary", "19999.99", False),
        ("ordinary", "20000.00", True),
    ],
)
async def test_on_the_line_of_its_type_a_household_is_flagged(
    app: RunningApp, household_type: str, amount: str, flagged: bool
) -> None:
    answer = await expense(app, await household(app, household_type), amount)
    assert answer["flagged"] is flagged


async def test_one_household_rule_and_period_has_one_flag(app: RunningApp) -> None:
    home = await household(app, "relieved")
    first, second = await expense(app, home, "6000.00"), await expense(app, home, "7000.00")
    assert (first["flagged"], second["flagged"]) == (True, False)
    assert first["flag_id"] == second["flag_id"]
    assert len((await app.get(f"/v1/flags?household_id={home['id']}")).json()["items"]) == 1


async def test_after_a_dismissal_only_weightier_evidence_flags_again(app: RunningApp) -> None:
    home = await household(app, "relieved")
    flag_id = (await expense(app, home, "6000.00", record_no="R-1"))["flag_id"]
    tag = (await app.get(f"/v1/flags/{flag_id}")).headers["ETag"]
    body = {"reason": "covered-by-grant"}
    dismissed = await app.post(f"/v1/flags/{flag_id}/dismissal", body, **{"If-Match": tag})
    assert (dismissed.status_code, dismissed.json()["state"]) == (200, "dismissed")
    stale = await app.post(f"/v1/flags/{flag_id}/dismissal", body, **{"If-Match": tag})
    assert stale.status_code == 412
    assert (await expense(app, home, "6000.00", record_no="R-1"))["flagged"] is False
    assert (await expense(app, home, "0.01", record_no="R-2"))["flagged"] is True


async def test_after_the_transition_period_honest_parameters_refuse(app: RunningApp, business_clock: DemoClock) -> None:
    home = await household(app)
    business_clock.move(datetime(2026, 1, 2, 9, tzinfo=SHANGHAI))
    refused = await app.post(
        "/v1/signals",
        {"household_id": home["id"], "source": "self-declaration", "kind": "illness", "occurred_on": "2026-01-01"},
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "parameter-not-in-force")


SEEN = {"source": "social-supervision", "kind": "illness", "occurred_on": "2024-03-10"}


@pytest.mark.clause("M-1.1.7")
@pytest.mark.parametrize("reporter", [None, {"channel": "12345"}])
async def test_a_neighbour_may_stay_anonymous_and_is_heard_all_the_same(
    app: RunningApp, reporter: dict[str, str] | None
) -> None:
    home = await household(app)
    given = {} if reporter is None else {"reporter": reporter}
    report = {
        "household_id": home["id"],
        "source": "social-supervision",
        "kind": "illness",
        "occurred_on": "2024-03-10",
    }
    made = await app.post("/v1/signals", {**report, **given})
    assert (made.status_code, made.json()["flagged"], made.json()["finding"]["clause"]) == (201, True, "M-1.1.7")
    shown = await app.get(
        f"/v1/signals/{made.json()['id']}/reporter",
        as_=app.officer(Role.REPORTER_GUARDIAN),
        **{"X-Purpose": "call back"},
    )
    if reporter is None:
        assert shown.status_code == 404
    else:
        assert shown.json() == {"channel": "12345", "name": None, "phone": None, "statement": None}


@pytest.mark.clause("M-1.1.7")
@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REPORTER_GUARDIAN])
async def test_no_other_role_sees_who_reported(app: RunningApp, role: Role) -> None:
    home = await household(app)
    report = {
        "household_id": home["id"],
        "source": "social-supervision",
        "kind": "illness",
        "occurred_on": "2024-03-10",
    }
    made = await app.post("/v1/signals", {**report, "reporter": {"channel": "12345", "name": "李四"}})
    refused = await app.get(
        f"/v1/signals/{made.json()['id']}/reporter", as_=app.officer(role), **{"X-Purpose": "curious"}
    )
    assert refused.status_code == 403
    assert "李四" not in refused.text


@pytest.mark.clause("M-1.1.7")
async def test_a_reporter_is_shown_to_the_guardian_only(app: RunningApp) -> None:
    home = await household(app)
    made = await app.post(
        "/v1/signals",
        {
            "household_id": home["id"],
            "source": "social-supervision",
            "kind": "illness",
            "occurred_on": "2024-03-10",
            "reporter": {"channel": "12345", "name": "李四", "phone": "13912345678"},
        },
    )
    assert made.status_code == 201, made.text
    assert "李四" not in made.text
    path = f"/v1/signals/{made.json()['id']}/reporter"
    assert (await app.get(path)).status_code == 403
    guardian = app.officer(Role.REPORTER_GUARDIAN)
    without = await app.get(path, as_=guardian)
    assert (without.status_code, without.json()["code"]) == (422, "purpose-missing")
    shown = await app.get(path, as_=guardian, **{"X-Purpose": "call back"})
    assert shown.json()["phone"] == "13912345678"
    listed = await app.get(f"/v1/signals?household_id={home['id']}")
    assert "李四" not in listed.text
    audited = (await app.get("/v1/audit?unmasked=true", as_=app.officer(Role.AUDITOR))).json()["items"]
    assert audited[0]["purpose"] == "call back"
