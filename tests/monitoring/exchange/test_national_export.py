"""The registry exported under the national headings: brought back unchanged, it changes nothing."""

import asyncio
import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from chassis import database
from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI
from sampletown import build_town
from sampletown.national_file import write_national_csv
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.monitoring.screening.test_sample_town import imported_town, upload
from tests.tokens import OTHER_TOWN_VILLAGE, TOWN

COUNTY = "150623"
PURPOSE = {"X-Purpose": "monthly report to the national system"}
EXPORT = "/v1/exports/national"


@pytest.fixture
async def town(start_app: StartApp, kafka: Topics, business_clock: DemoClock, tmp_path: Path) -> RunningApp:
    """The tiny town, imported."""
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app("monitoring", worker=True)
    await imported_town(app, business_clock, tmp_path, build_town(1, "tiny"))
    return app


async def exported(app: RunningApp, query: str = "", **headers: str) -> httpx.Response:
    officer = app.officer(Role.COUNTY_OFFICER, COUNTY)
    found = await app.get(f"{EXPORT}{query}", as_=officer, **{**PURPOSE, **headers})
    assert found.status_code == 200, found.text
    return found


def rows(content: str) -> list[dict[str, str]]:
    return sorted(csv.DictReader(io.StringIO(content.removeprefix("\ufeff"))), key=lambda row: row["证件号码"])


async def written(app: RunningApp) -> dict[str, int]:
    """How many rows stand where an import could write."""
    tables = ("household", "household_past", "member", "income_entry", "chassis.outbox")
    async with database.connect(app.runtime.engine) as connection:
        return {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}


async def test_what_was_imported_is_exported_cell_by_cell(town: RunningApp, tmp_path: Path) -> None:
    file = tmp_path / "again.csv"
    write_national_csv(file, build_town(1, "tiny").households)
    came = rows(await asyncio.to_thread(file.read_text, "utf-8"))
    went = rows((await exported(town)).content.decode("utf-8"))
    assert len(went) == len(came) > 300
    assert {name for row in came for name, value in row.items() if value} <= went[0].keys()
    assert [{name: row[name] for name in came[0]} for row in went] == came


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_an_export_brought_back_unchanged_writes_nothing(town: RunningApp, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"export.{form}"
    content = (await exported(town, f"?format={form}")).content
    await asyncio.to_thread(file.write_bytes, content)
    before = await written(town)
    assert before["income_entry"] > 0
    done = await upload(town, "/v1/imports/national", file, town.officer(Role.COUNTY_OFFICER, COUNTY))
    result: dict[str, Any] = done["result"]
    assert (result["known"], result["registered"], result["taken_over"], result["refused"]) == (
        before["household"],
        0,
        0,
        0,
    )
    assert await written(town) == before


async def test_long_numbers_are_text_in_the_workbook(town: RunningApp) -> None:
    content = (await exported(town, "?format=xlsx")).content
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    headings = [str(name) for name in sheet[0]]
    numbers = [row[headings.index("证件号码")] for row in sheet[1:]]
    assert all(isinstance(number, str) and len(number) in (0, 18) for number in numbers)


async def test_since_an_instant_only_what_changed_since(town: RunningApp) -> None:
    first = await exported(town)
    again = await exported(town, f"?since={first.headers['Next-Since'].replace('+', '%2B')}")
    assert rows(again.text) == []
    officer = town.officer(Role.COUNTY_OFFICER, COUNTY)
    (home,) = (await town.get("/v1/households?limit=1", as_=officer)).json()["items"]
    income = {"kind": "wage", "first_month": "2022-01", "last_month": "2022-12", "amount": "1.00", "source": "survey"}
    made = await town.post(f"/v1/households/{home['id']}/income-entries", income, as_=officer)
    assert made.status_code == 201, made.text
    changed = rows((await exported(town, f"?since={first.headers['Next-Since'].replace('+', '%2B')}")).text)
    assert {row["户编号"] for row in changed} == {home["national_no"]}


async def test_each_chunk_is_audited_with_its_purpose(town: RunningApp) -> None:
    await exported(town)
    async with database.connect(town.runtime.engine) as connection:
        audited = await connection.fetch("select purpose, result_ids from chassis.audit where search = 'export'")
        households = await connection.fetchval("select count(*) from household where ended_on is null")
    assert {row["purpose"] for row in audited} == set(PURPOSE.values())
    assert len({one for row in audited for one in row["result_ids"]}) == households


async def test_who_may_not_see_gets_nothing(start_app: StartApp, business_clock: DemoClock) -> None:
    business_clock.move(datetime(2024, 3, 12, 9, tzinfo=SHANGHAI))
    app = await start_app("monitoring")
    assert (await app.get(EXPORT)).json()["code"] == "purpose-missing"
    cadre = app.officer(Role.LIAISON_CADRE)
    assert (await app.get(EXPORT, as_=cadre, **PURPOSE)).status_code == 403
    viewer = app.officer(Role.MUNICIPAL_VIEWER, "1506")
    assert (await app.get(EXPORT, as_=viewer, **PURPOSE)).json()["code"] == "may-not-unmask"
    for query in ("?since=yesterday", "?since=2024-03-12T00:00:00", "?format=pdf"):
        refused = await app.get(EXPORT + query, **PURPOSE)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


async def test_another_town_gets_its_own_households_only(town: RunningApp) -> None:
    stranger = town.officer(Role.TOWN_OFFICER, OTHER_TOWN_VILLAGE[:9])
    found = await town.get(EXPORT, as_=stranger, **PURPOSE)
    assert rows(found.text) == []
    assert len(rows((await town.get(EXPORT, as_=town.officer(division=TOWN), **PURPOSE)).text)) > 300
