"""The routine cycle over HTTP: in time on the due day, overdue the day after, cut to one's division (M-1.1.1)."""

import base64
import json
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import database
from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI, Month
from services.monitoring.domain.visits import cycle_months, overdue_since
from services.monitoring.storage.visit_cycles import Asked, overdue, overdue_by_village
from tests.apps import RunningApp, StartApp
from tests.builders import VILLAGE, a_book
from tests.engines import RolledBack
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE

_HOUSEHOLD = """
insert into household (id, division, household_type, registered_on, risks, guarantees, history, monitored, successors,
                       version)
values ($1, $2, 'ordinary', $3, '[]', '{}', $4, $5, '[]', 1)
"""
_VISIT = """
insert into visit (id, household_id, division, visitor, visited_on, recorded_on, purpose, findings, attachments)
values ($1, $2, $3, 'cadre-77', $4, $4, 'routine', '', '[]')
"""


async def registered(
    connection: asyncpg.Connection,
    *,
    on: date,
    division: str = VILLAGE,
    monitored: list[dict[str, Any]] | None = None,
    visits: tuple[date, ...] = (),
) -> UUID:
    """A household in the database, with the days on which it was visited."""
    identifier = uuid4()
    history = {"divisions": [[division, str(on), None]]}
    await connection.execute(_HOUSEHOLD, identifier, division, on, json.dumps(history), json.dumps(monitored or []))
    await connection.executemany(_VISIT, [(uuid4(), identifier, division, day) for day in visits])
    return identifier


@pytest.fixture
async def app(start_app: StartApp, business_clock: DemoClock) -> RunningApp:
    business_clock.move(datetime(2023, 8, 31, 9, tzinfo=SHANGHAI))
    return await start_app("monitoring")


async def listed(app: RunningApp, query: str = "", **headers: Any) -> list[dict[str, Any]]:
    answer = await app.get(f"/v1/screenings/overdue{query}", **headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.clause("M-1.1.1")
async def test_a_visit_is_in_time_on_the_due_day_and_overdue_the_day_after(app: RunningApp) -> None:
    home = (await app.post("/v1/households", A_HOUSEHOLD)).json()
    assert await listed(app, "?day=2023-08-31") == []
    assert await listed(app, "?day=2024-02-29") == []
    (late,) = await listed(app, "?day=2024-03-01")
    assert late == {
        "household_id": home["id"],
        "division": VILLAGE,
        "monitored": False,
        "last_visit_on": None,
        "due_on": "2024-02-29",
        "overdue_since": "2024-03-01",
        "days_overdue": 1,
    }


async def test_a_visit_begins_the_cycle_anew_and_a_later_one_is_not_known_yet(app: RunningApp) -> None:
    home = (await app.post("/v1/households", A_HOUSEHOLD)).json()
    async with database.connect(app.runtime.engine) as connection:
        await connection.execute(_VISIT, uuid4(), UUID(home["id"]), VILLAGE, date(2024, 1, 31))
    assert await listed(app, "?day=2024-07-31") == []
    assert [one["last_visit_on"] for one in await listed(app, "?day=2024-08-01")] == ["2024-01-31"]
    assert (await app.get("/v1/screenings/overdue/villages?day=2024-07-31")).json()["overdue"] == 0


async def test_a_monitored_household_is_visited_each_month(app: RunningApp) -> None:
    async with database.connect(app.runtime.engine) as connection:
        spans = [{"since": "2023-01", "ended": "2023-11", "how": "aided"}]
        await registered(connection, on=date(2023, 8, 31), monitored=spans)
    assert await listed(app, "?day=2023-09-30") == []
    (late,) = await listed(app, "?day=2023-10-01")
    assert (late["monitored"], late["due_on"]) == (True, "2023-09-30")
    assert await listed(app, "?day=2023-12-01") == [], "no longer monitored: the longer cycle holds again"


async def test_a_town_sees_its_own_villages_page_by_page_and_counted(app: RunningApp) -> None:
    async with database.connect(app.runtime.engine) as connection:
        for division in (VILLAGE, VILLAGE, OTHER_VILLAGE, OTHER_TOWN_VILLAGE):
            await registered(connection, on=date(2023, 1, 5), division=division)
    seen, path = [], "/v1/screenings/overdue?limit=2"
    while path:
        page = await app.get(path)
        seen += [(one["division"], one["household_id"]) for one in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert sorted(division for division, _ in seen) == [VILLAGE, VILLAGE, OTHER_VILLAGE]
    assert len(set(seen)) == 3
    counted = (await app.get("/v1/screenings/overdue/villages")).json()
    assert counted["items"] == [{"division": VILLAGE, "overdue": 2}, {"division": OTHER_VILLAGE, "overdue": 1}]
    assert len(await listed(app, f"?division={OTHER_VILLAGE}")) == 1
    assert await listed(app, f"?division={OTHER_TOWN_VILLAGE}") == []
    other = app.officer(Role.TOWN_OFFICER, "150623101")
    assert [one["division"] for one in await listed(app, as_=other)] == [OTHER_TOWN_VILLAGE]


async def test_a_cursor_of_another_list_is_refused(app: RunningApp) -> None:
    foreign = base64.urlsafe_b64encode(b'["x"]').decode()
    refused = await app.get(f"/v1/screenings/overdue?cursor={foreign}")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#query.cursor")


async def test_without_a_cycle_in_force_the_list_is_refused(app: RunningApp) -> None:
    refused = await app.get("/v1/screenings/overdue?day=2026-01-01")
    assert (refused.status_code, refused.json()["code"]) == (409, "parameter-not-in-force")


_DAYS = st.dates(date(2023, 1, 25), date(2024, 4, 3))
_SPANS = st.sampled_from([None, ("2023-02", None), ("2023-02", "2023-12")])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(_DAYS, st.lists(_DAYS, max_size=2), _SPANS), min_size=1, max_size=12), _DAYS)
async def test_sql_finds_exactly_whom_the_pure_rule_calls_overdue(
    rolled_back: RolledBack, homes: list[Any], day: date
) -> None:
    connection = await database.driver(await rolled_back("monitoring"))
    inner = connection.transaction()
    await inner.start()
    book, expected = a_book(), {}
    for registered_on, visits, span in homes:
        spans = [] if span is None else [{"since": span[0], "ended": span[1], "how": None}]
        home = await registered(connection, on=registered_on, monitored=spans, visits=tuple(visits))
        if registered_on > day:
            continue
        monitored = span is not None and span[0] <= str(Month.of(day)) <= (span[1] or "9999-12")
        months = cycle_months(book, monitored=monitored, day=day, division=VILLAGE)
        last = max((visit for visit in visits if visit <= day), default=None)
        since = overdue_since(last, registered_on, months, day)
        if since is not None:
            expected[str(home)] = since
    asked = Asked(book, VILLAGE, day)
    found = await overdue(connection, asked, None, 500)
    assert {one.household_id: one.since for one in found} == expected
    assert (await overdue_by_village(connection, asked)).total() == len(expected)
    await inner.rollback()
