"""Warnings and bureaus' records add up over HTTP: by person, rule and period, each record once (M-1.1.2)."""

from pathlib import Path
from typing import Any

import pytest

from contracts.files.bureau import MEDICAL
from tests.apps import RunningApp
from tests.monitoring.screening.test_sample_town import upload
from tests.monitoring.screening.test_signals import expense, household
from tests.tokens import TOWN

OUTPATIENT = {"kind": "medical-outpatient"}
HEADING = ",".join(column.heading for column in MEDICAL.columns)


async def compare(app: RunningApp, directory: Path, *rows: tuple[str, str, str]) -> dict[str, Any]:
    """Send a medical file of the householder: number, day and own payment of each outpatient settlement."""
    file = directory / "medical.csv"
    lines = [f"{no},阿拉坦其其格,11010519491231002X,门诊,{day},900.00,,,,{amount}" for no, day, amount in rows]
    file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    as_ = app.issuer.app(TOWN, client="bureau-medical")
    result: dict[str, Any] = (await upload(app, "/v1/comparisons?kind=medical&month=2024-03", file, as_))["result"]
    return result


@pytest.mark.clause("M-1.1.2")
async def test_warnings_of_one_month_are_judged_on_their_sum(app: RunningApp) -> None:
    home = await household(app)
    assert (await expense(app, home, "300.00", **OUTPATIENT, occurred_on="2024-03-01"))["flagged"] is False
    assert (await expense(app, home, "199.99", **OUTPATIENT, occurred_on="2024-03-31"))["flagged"] is False
    assert (await expense(app, home, "499.99", **OUTPATIENT, occurred_on="2024-04-01"))["flagged"] is False
    assert (await expense(app, home, "0.01", **OUTPATIENT, occurred_on="2024-03-15"))["flagged"] is True
    (flag,) = (await app.get("/v1/flags")).json()["items"]
    assert (flag["rule"], flag["period"]) == ("medical-outpatient", "2024-03")


@pytest.mark.parametrize(
    ("kind", "amounts", "days"),
    [
        ("medical-inpatient", ("15000.00", "4999.99", "0.01"), ("2024-01-01", "2024-04-12", "2024-03-03")),
        ("tuition", ("6000.00", "4000.00", "0.01"), ("2023-09-01", "2024-04-12", "2023-12-31")),
    ],
)
async def test_a_calendar_year_and_a_school_year_add_up(
    app: RunningApp, kind: str, amounts: tuple[str, ...], days: tuple[str, ...]
) -> None:
    home = await household(app)
    before = "2023-12-31" if kind == "medical-inpatient" else "2023-08-31"
    assert (await expense(app, home, "9000.00", kind=kind, occurred_on=before))["flagged"] is False
    answers = [
        (await expense(app, home, amount, kind=kind, occurred_on=day))["flagged"]
        for amount, day in zip(amounts, days, strict=True)
    ]
    assert answers == [False, False, True]


async def test_one_person_s_expense_is_not_another_s(app: RunningApp) -> None:
    home = await household(app)
    other = home["members"][1]["id"]
    assert (await expense(app, home, "300.00", **OUTPATIENT))["flagged"] is False
    assert (await expense(app, home, "300.00", **OUTPATIENT, member_id=other))["flagged"] is False


async def test_a_record_that_is_told_twice_counts_once_and_a_correction_replaces_it(app: RunningApp) -> None:
    home = await household(app)
    for amount in ("300.00", "300.00", "310.00"):
        assert (await expense(app, home, amount, **OUTPATIENT, record_no="R-1"))["flagged"] is False
    assert (await expense(app, home, "190.00", **OUTPATIENT, record_no="R-2"))["flagged"] is True


@pytest.mark.clause("M-1.1.2")
async def test_a_warning_counts_with_the_bureau_s_records_and_never_twice(
    working_app: RunningApp, tmp_path: Path
) -> None:
    app, home = working_app, await household(working_app)
    assert (await expense(app, home, "400.00", **OUTPATIENT, record_no="R-1"))["flagged"] is False
    result = await compare(app, tmp_path, ("R-1", "2024-03-11", "400.00"), ("R-2", "2024-03-20", "99.99"))
    assert (result["matched"], result["flagged"]) == (2, 0), "R-1 is the warning's own record"
    assert (await expense(app, home, "99.99", **OUTPATIENT, record_no="R-2"))["flagged"] is False
    assert (await expense(app, home, "0.01", **OUTPATIENT, record_no="R-3"))["flagged"] is True


async def test_a_file_counts_with_earlier_warnings(working_app: RunningApp, tmp_path: Path) -> None:
    app, home = working_app, await household(working_app)
    assert (await expense(app, home, "400.00", **OUTPATIENT))["flagged"] is False
    assert (await compare(app, tmp_path, ("R-2", "2024-03-20", "99.99")))["flagged"] == 0
    assert (await compare(app, tmp_path, ("R-3", "2024-03-20", "0.01")))["flagged"] == 1
    assert (await compare(app, tmp_path, ("R-3", "2024-03-20", "0.01")))["flagged"] == 0, "a repeated file"


@pytest.mark.clause("M-1.1.2")
@pytest.mark.parametrize(
    ("kind", "evidence", "flagged"),
    [
        ("housing", {"grade": "C"}, True),
        ("housing", {"grade": "B"}, False),
        ("housing", {}, False),
        ("water", {"litres_per_day": "34.99"}, True),
        ("water", {"litres_per_day": "35"}, False),
        ("water", {"fetch_minutes": "20.5", "litres_per_day": "40"}, True),
        ("water", {"quality_ok": False}, True),
        ("civil-affairs", {"category": "低保"}, True),
        ("job-loss", {}, False),
        ("disaster", {}, True),
    ],
)
async def test_every_department_may_warn_of_one_case(
    app: RunningApp, kind: str, evidence: dict[str, Any], flagged: bool
) -> None:
    home = await household(app)
    body = {
        "household_id": home["id"],
        "member_id": home["members"][0]["id"],
        "source": "department-warning",
        "kind": kind,
        "occurred_on": "2024-04-11",
        **evidence,
    }
    answer = await app.post("/v1/signals", body)
    assert (answer.status_code, answer.json().get("flagged")) == (201, flagged), answer.text
