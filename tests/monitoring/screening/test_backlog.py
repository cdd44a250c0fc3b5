"""What waits for an answer by age, rule and village, until it reaches zero (M-1.1.3, for flags)."""

from datetime import datetime
from typing import Any

import pytest

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI
from tests.apps import RunningApp
from tests.monitoring.screening.test_signals import expense, household
from tests.tokens import VILLAGE


async def backlog(app: RunningApp, query: str = "", **headers: Any) -> dict[str, Any]:
    answer = await app.get(f"/v1/backlog{query}", **headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    ("day", "from_days", "overdue"),
    [(12, 0, 0), (19, 0, 0), (20, 8, 0), (27, 8, 0), (28, 16, 1)],
)
async def test_a_flag_grows_older_and_is_overdue_after_its_days(
    app: RunningApp, business_clock: DemoClock, day: int, from_days: int, overdue: int
) -> None:
    await expense(app, await household(app), "10000.01", kind="tuition")
    business_clock.move(datetime(2024, 4, day, 10, tzinfo=SHANGHAI))
    body = await backlog(app)
    assert [age["from_days"] for age in body["ages"] if age["open"]] == [from_days]
    (rule,) = body["flags"]
    assert (rule["rule"], rule["open"], rule["oldest"], rule["overdue"]) == ("tuition", 1, "2024-04-12", overdue)


async def test_the_backlog_is_cut_by_division_and_reaches_zero(app: RunningApp, business_clock: DemoClock) -> None:
    flagged = await expense(app, await household(app), "10000.01", kind="tuition")
    business_clock.move(datetime(2024, 5, 13, 9, tzinfo=SHANGHAI))
    body = await backlog(app)
    assert (body["open"], body["divisions"]) == (1, [{"division": VILLAGE, "open": 1}])
    assert body["ages"][-1] == {"from_days": 31, "open": 1}
    assert (await backlog(app, "?division=150623100201"))["open"] == 0
    elsewhere = app.officer(Role.TOWN_OFFICER, "150623101")
    assert (await backlog(app, as_=elsewhere))["open"] == 0
    path = f"/v1/flags/{flagged['flag_id']}"
    tag = (await app.get(path)).headers["ETag"]
    await app.post(f"{path}/dismissal", {"reason": "covered-by-grant"}, **{"If-Match": tag})
    cleared = await backlog(app)
    assert (cleared["open"], cleared["flags"], cleared["divisions"]) == (0, [], [])
