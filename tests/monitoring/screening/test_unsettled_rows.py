"""Every row of a compared file is settled: matched by its rule, or looked at by somebody who says why (M-1.1.1)."""

from pathlib import Path

import pytest

from contracts.access import Role
from contracts.files.bureau import MEDICAL
from tests.apps import RunningApp
from tests.monitoring.screening.test_cumulation import HEADING
from tests.monitoring.screening.test_sample_town import upload
from tests.monitoring.screening.test_signals import household
from tests.tokens import TOWN

ROWS = (
    "R-1,阿拉坦其其格,11010519491231002X,门诊,2024-03-01,900.00,,,,1.00",
    "R-1,阿拉坦其其格,11010519491231002X,门诊,2024-03-01,900.00,,,,1.00",
    "R-2,某人,110105194912310038,门诊,2024-03-01,900.00,,,,1.00",
    "R-3,某人,110105194912310039,门诊,2024-03-01,900.00,,,,1.00",
    "R-4,阿拉坦其其格,11010519491231002X,门诊,三月一日,900.00,,,,1.00",
)


async def compared(app: RunningApp, directory: Path) -> str:
    """A file of five rows: one matched twice, one of a stranger, one with a wrong id, one without a day."""
    await household(app)
    file = directory / f"{MEDICAL.kind}.csv"
    file.write_text("\n".join([HEADING, *ROWS]), encoding="utf-8")
    as_ = app.issuer.app(TOWN, client="bureau-medical")
    operation = await upload(app, "/v1/comparisons?kind=medical&month=2024-03", file, as_)
    return str(operation["id"])


@pytest.mark.clause("M-1.1.1")
async def test_the_unsettled_rows_of_a_file_reach_zero(working_app: RunningApp, tmp_path: Path) -> None:
    app = working_app
    path = f"/v1/comparisons/{await compared(app, tmp_path)}"
    body = (await app.get(path)).json()
    counts = body["result"]
    assert (counts["rows"], counts["matched"], counts["unmatched"], counts["rejected"]) == (5, 2, 1, 2)
    assert body["unsettled"] == 3
    listed = (await app.get(f"{path}/unsettled-rows")).json()["items"]
    assert [(row["line"], row["column"], row["code"]) for row in listed] == [
        (4, "证件号码", "unmatched"),
        (5, "证件号码", "id-check-digit"),
        (6, "结算日期", "date-form"),
    ]
    for row in listed:
        settled = await app.post(f"{path}/rows/{row['line']}/settlement", {"reason": "not-our-resident"})
        assert settled.status_code == 200, settled.text
    assert (await app.get(path)).json()["unsettled"] == 0
    assert (await app.get(f"{path}/unsettled-rows")).json()["items"] == []
    kept = (await app.get(f"{path}/unsettled-rows?settled=true&code=unmatched")).json()["items"]
    assert [(row["line"], row["reason"], row["settled_on"]) for row in kept] == [(4, "not-our-resident", "2024-04-12")]


async def test_what_cannot_be_settled_says_why(working_app: RunningApp, tmp_path: Path) -> None:
    app = working_app
    path = f"/v1/comparisons/{await compared(app, tmp_path)}"
    reason = {"reason": "row-wrong"}
    assert (await app.post(f"{path}/rows/2/settlement", reason)).status_code == 404, "the row matched"
    assert (await app.post(f"{path}/rows/3/settlement", reason)).status_code == 404, "repeated, and counted once"
    unknown = await app.post(f"{path}/rows/4/settlement", {"reason": "because"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "invalid-reason")
    elsewhere = app.officer(Role.TOWN_OFFICER, "150623101")
    assert (await app.post(f"{path}/rows/4/settlement", reason, as_=elsewhere)).status_code == 404
    assert (await app.get(path, as_=elsewhere)).status_code == 404
    assert (await app.get(f"{path}/unsettled-rows", as_=elsewhere)).status_code == 404
    assert (await app.post(f"{path}/rows/4/settlement", reason)).status_code == 200
    again = await app.post(f"{path}/rows/4/settlement", reason)
    assert (again.status_code, again.json()["code"]) == (409, "row-is-settled")
