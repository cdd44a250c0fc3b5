"""A national file that is brought in again: nothing changes, differences are listed, and a person settles each."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI
from tests.apps import RunningApp
from tests.monitoring.exchange.test_national_export import COUNTY, exported, town, written
from tests.monitoring.screening.test_sample_town import upload
from tests.tokens import VILLAGE

__all__ = ["town"]
LISTED = "/v1/import-differences"
Row = dict[str, str]


def officer(app: RunningApp) -> dict[str, str]:
    return app.officer(Role.COUNTY_OFFICER, COUNTY)


async def file_of(app: RunningApp, change: Callable[[list[Row]], None]) -> str:
    """The registry's own export of one household of several members, changed."""
    rows = list(csv.DictReader(io.StringIO((await exported(app)).text.removeprefix("\ufeff"))))
    by_number: dict[str, list[Row]] = {}
    for row in rows:
        by_number.setdefault(row["户编号"], []).append(row)
    home = next(group for _, group in sorted(by_number.items()) if _plain(group))
    headings = list(home[0])
    change(home)
    target = io.StringIO()
    writer = csv.DictWriter(target, [name for name in headings if name in home[0]], extrasaction="ignore")
    writer.writeheader()
    writer.writerows(home)
    return target.getvalue()


def _plain(group: list[Row]) -> bool:
    """A household of several, not monitored, with safe water, without a site, whose second member is able to work."""
    first, second = group[0], group[1] if len(group) > 2 else {}
    return (
        bool(second)
        and (first["监测对象类别"], first["是否解决安全饮用水"], first["安置区"]) == ("", "是", "")
        and second["劳动技能"] == "普通劳动力"
    )


async def brought_in(app: RunningApp, content: str, directory: Path, query: str = "") -> dict[str, Any]:
    file = directory / "again.csv"
    file.write_text(content, encoding="utf-8")
    return await upload(app, f"/v1/imports/national{query}", file, officer(app))


async def listed(app: RunningApp, query: str = "") -> list[dict[str, Any]]:
    found = await app.get(f"{LISTED}{query}", as_=officer(app))
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def settle(app: RunningApp, one: dict[str, Any], how: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return await app.post(f"{LISTED}/{one['id']}/{how}", body or {}, as_=officer(app))


def set_to(heading: str, value: str, *, member: int | None = None) -> Callable[[list[Row]], None]:
    def change(rows: list[Row]) -> None:
        for number, row in enumerate(rows):
            if member is None or number == member:
                row[heading] = value

    return change


async def test_what_a_file_says_otherwise_is_listed_and_changes_nothing(town: RunningApp, tmp_path: Path) -> None:
    def change(rows: list[Row]) -> None:
        set_to("安置区", "样例二安置区")(rows)
        set_to("姓名", "欧阳守望", member=1)(rows)

    content = await file_of(town, change)
    before = await written(town)
    done = await brought_in(town, content, tmp_path)
    assert (done["result"]["known"], done["result"]["differences"]) == (1, 2)
    assert await written(town) == before
    by_column = {one["column"]: one for one in await listed(town)}
    assert (by_column["安置区"]["in_file"], by_column["安置区"]["state"]) == ("样例二安置区", "open")
    assert (by_column["姓名"]["in_file"], by_column["姓名"]["member_id"] is None) == ("欧***", False)
    again = await brought_in(town, content, tmp_path)
    assert again["result"]["differences"] == 0
    assert len(await listed(town)) == 2


@pytest.mark.parametrize(
    "change",
    [
        set_to("安置区", ""),
        set_to("联系电话", "", member=0),
        set_to("工资性收入", ""),
        lambda rows: [row.pop("文化程度") for row in rows],
        lambda rows: [row.pop("人均纯收入") for row in rows],
    ],
    ids=["empty", "empty-of-member", "empty-income", "absent-of-member", "absent-income"],
)
async def test_an_empty_cell_clears_nothing_and_an_absent_column_changes_nothing(
    town: RunningApp, tmp_path: Path, change: Callable[[list[Row]], None]
) -> None:
    before = await written(town)
    done = await brought_in(town, await file_of(town, change), tmp_path)
    assert (done["result"]["known"], done["result"]["differences"]) == (1, 0)
    assert (await written(town), await listed(town)) == (before, [])


async def test_accepting_corrects_the_registry_with_version_and_event(town: RunningApp, tmp_path: Path) -> None:
    await brought_in(town, await file_of(town, set_to("是否解决安全饮用水", "否")), tmp_path)
    (one,) = await listed(town)
    before = (await town.get(f"/v1/households/{one['household_id']}", as_=officer(town))).json()
    done = await settle(town, one, "acceptance")
    assert (done.status_code, done.json()["version"]) == (200, before["version"] + 1)
    after = (await town.get(f"/v1/households/{one['household_id']}", as_=officer(town))).json()
    assert after["guarantees"]["water"]["secured"] == "no"
    assert await listed(town) == []
    again = await settle(town, one, "acceptance")
    assert (again.status_code, again.json()["code"]) == (409, "difference-is-settled")


async def test_a_members_cell_is_accepted_for_that_member(town: RunningApp, tmp_path: Path) -> None:
    await brought_in(town, await file_of(town, set_to("劳动技能", "丧失劳动力", member=1)), tmp_path)
    (one,) = await listed(town)
    assert (await settle(town, one, "acceptance")).status_code == 200
    home = (await town.get(f"/v1/households/{one['household_id']}", as_=officer(town))).json()
    assert {member["id"]: member["labour"] for member in home["members"]}[one["member_id"]] == "lost"


async def test_a_yearly_figure_is_accepted_as_an_entry_of_that_year(
    town: RunningApp, business_clock: DemoClock, tmp_path: Path
) -> None:
    business_clock.move(datetime(2024, 3, 12, 9, tzinfo=SHANGHAI))
    await brought_in(town, await file_of(town, set_to("工资性收入", "43210.50")), tmp_path)
    (one,) = await listed(town)
    assert (one["column"], one["in_file"], one["kind"]) == ("工资性收入", "43210.50", "differs")
    assert (await settle(town, one, "acceptance")).status_code == 200
    path = f"/v1/households/{one['household_id']}/income-entries"
    entries = (await town.get(path, as_=officer(town))).json()["items"]
    (wage,) = [entry for entry in entries if entry["kind"] == "wage" and entry["amount"] == "43210.50"]
    assert (wage["first_month"], wage["last_month"]) == (f"{one['year']}-01", f"{one['year']}-12")
    assert (await brought_in(town, await file_of(town, lambda rows: None), tmp_path))["result"]["differences"] == 0


async def test_what_is_kept_is_not_listed_again_until_the_file_says_something_else(
    town: RunningApp, tmp_path: Path
) -> None:
    content = await file_of(town, set_to("安置区", "样例二安置区"))
    await brought_in(town, content, tmp_path)
    (one,) = await listed(town)
    wrong = await settle(town, one, "keeping", {"reason": "no-such-reason"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid-reason")
    assert (await settle(town, one, "keeping", {"reason": "registry-right"})).status_code == 200
    assert (await brought_in(town, content, tmp_path))["result"]["differences"] == 0
    other = await brought_in(town, content.replace("样例二安置区", "样例一安置区"), tmp_path)
    assert other["result"]["differences"] == 1
    assert [row["state"] for row in await listed(town, "?state=kept")] == ["kept"]


async def test_a_difference_that_no_longer_holds_is_gone(town: RunningApp, tmp_path: Path) -> None:
    await brought_in(town, await file_of(town, set_to("安置区", "样例二安置区")), tmp_path)
    assert len(await listed(town)) == 1
    await brought_in(town, await file_of(town, lambda rows: None), tmp_path)
    assert await listed(town) == []
    assert [row["state"] for row in await listed(town, "?state=gone")] == ["gone"]


async def test_people_and_decisions_are_listed_and_not_taken_from_a_file(town: RunningApp, tmp_path: Path) -> None:
    def change(rows: list[Row]) -> None:
        gone = rows.pop()
        rows.append({**gone, "证件号码": "11010519491231002X", "与户主关系": "其他"})
        for row in rows:
            row["监测对象类别"], row["识别监测时间"] = "突发严重困难户", "202301"

    before = await written(town)
    await brought_in(town, await file_of(town, change), tmp_path)
    found = await listed(town)
    assert {(one["column"], one["kind"]) for one in found} == {
        ("证件号码", "member-unknown"),
        ("证件号码", "member-not-in-file"),
        ("监测对象类别", "not-recorded"),
        ("识别监测时间", "not-recorded"),
    }
    assert all("11010519491231002X" not in str(one) for one in found)
    for one in found:
        refused = await settle(town, one, "acceptance")
        assert (refused.status_code, refused.json()["code"]) == (409, "not-for-accepting")
    assert await written(town) == before


async def test_a_dry_run_reports_by_line_and_column_and_lists_nothing(town: RunningApp, tmp_path: Path) -> None:
    done = await brought_in(town, await file_of(town, set_to("安置区", "样例二安置区")), tmp_path, "?dry_run=true")
    assert done["result"]["differences"] == 1
    errors = (await town.get(f"/v1/operations/{done['id']}/errors", as_=officer(town))).json()["items"]
    assert [(error["line"], error["column"], error["code"]) for error in errors] == [(2, "安置区", "not-recorded")]
    assert await listed(town) == []


async def test_differences_are_seen_and_settled_within_the_division_only(town: RunningApp, tmp_path: Path) -> None:
    await brought_in(town, await file_of(town, set_to("安置区", "样例二安置区")), tmp_path)
    (one,) = await listed(town)
    elsewhere = town.officer(Role.COUNTY_OFFICER, "150624")
    assert (await town.get(LISTED, as_=elsewhere)).json()["items"] == []
    assert (await town.post(f"{LISTED}/{one['id']}/acceptance", {}, as_=elsewhere)).status_code == 404
    village = town.officer(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert (await town.get(LISTED, as_=village)).status_code == 403
