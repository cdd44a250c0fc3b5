"""The sample town's files through the API: whom the screening flags is what the story says, no more and no less."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.files.bureau import BUREAU_FILES
from contracts.month import SHANGHAI, Month
from sampletown import build_town
from sampletown.national_file import write_national_csv
from tests.apps import RunningApp, StartApp
from tests.engines import Topics

COUNTY = "150623"
TYPES = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


async def upload(app: RunningApp, path: str, file: Path, as_: dict[str, str]) -> dict[str, Any]:
    """Send a file, wait for its operation, and answer the operation's last word."""
    headers = {**as_, "Idempotency-Key": uuid4().hex, "Content-Type": TYPES[file.suffix[1:]]}
    sent = await app.client.post(path, content=await asyncio.to_thread(file.read_bytes), headers=headers)
    assert sent.status_code == 202, sent.text
    async with asyncio.timeout(60):
        while True:
            operation = (await app.get(sent.headers["Location"], as_=as_)).json()
            if operation["state"] in ("succeeded", "failed"):
                assert operation["state"] == "succeeded", operation
                return operation
            await asyncio.sleep(0.05)


async def imported_town(app: RunningApp, clock: DemoClock, tmp_path: Path, town: Any) -> dict[str, Any]:
    clock.move(datetime(2023, 8, 1, 9, tzinfo=SHANGHAI))
    file = tmp_path / "national.csv"
    write_national_csv(file, town.households)
    return await upload(app, "/v1/imports/national", file, app.officer(Role.COUNTY_OFFICER, COUNTY))


def after(month: Month) -> datetime:
    """The fifth of the next month, when bureaus have sent what they know up to its end."""
    following = month.plus(1)
    return datetime(following.year, following.number, 5, 9, tzinfo=SHANGHAI)


async def flagged(app: RunningApp) -> set[tuple[str, str, str]]:
    """Household's national number, rule and period of every flag."""
    officer = app.officer(Role.COUNTY_OFFICER, COUNTY)
    async with app.runtime.engine.connect() as connection:
        rows = await connection.exec_driver_sql("select id::text as id, national_no from household")
        numbers = {row.id: row.national_no for row in rows}
    found, path = set(), "/v1/flags?limit=500"
    while path:
        page = await app.get(path, as_=officer)
        found |= {(numbers[f["household_id"]], f["rule"], f["period"]) for f in page.json()["items"]}
        path = page.links["next"]["url"] if "next" in page.links else ""
    return found


@pytest.mark.parametrize("dirty", [False, True], ids=["clean", "dirty"])
async def test_the_screening_flags_whom_the_story_says(
    start_app: StartApp, kafka: Topics, business_clock: DemoClock, tmp_path: Path, dirty: bool
) -> None:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app("monitoring", worker=True)
    town = build_town(1, "tiny")
    result = await imported_town(app, business_clock, tmp_path, town)
    assert result["result"]["refused"] == 0
    assert result["result"]["registered"] + result["result"]["taken_over"] == town.scale.households
    reported: set[tuple[str, int, str]] = set()
    for month in town.months:
        business_clock.move(after(month))
        for file in town.bureau_files(month, dirty=dirty):
            file.write(tmp_path)
            bureau = app.issuer.app(COUNTY, client=f"bureau-{file.kind}")
            operation = await upload(
                app, f"/v1/comparisons?kind={file.kind}&month={month}", tmp_path / file.path, bureau
            )
            counts = operation["result"]
            assert counts["rows"] == sum(counts[n] for n in ("matched", "unmatched", "ambiguous", "rejected"))
            if dirty:
                errors = (await app.get(f"/v1/operations/{operation['id']}/errors?limit=500", as_=bureau)).json()
                reported |= {(file.path, e["line"], e["code"]) for e in errors["items"]}
    expected = {(flag.national_no, flag.rule, flag.period) for flag in town.truth().flags}
    seen = await flagged(app)
    if not dirty:
        assert (seen - expected, expected - seen) == (set(), set())
        return
    endangered = {(f.national_no, f.rule, f.period) for f in town.dirty_truth().endangered}
    assert seen - expected == set()
    assert expected - seen <= endangered
    unreadable = {(row.file, row.line, row.code) for row in town.dirty_truth().unreadable}
    assert {row for row in unreadable if row[2] != "duplicate-row"} <= reported


def test_every_kind_of_file_is_played() -> None:
    town = build_town(1, "tiny")
    assert {file.kind for file in town.bureau_files(town.months[0])} == set(BUREAU_FILES)
