"""The shortest way to a flagged household over HTTP."""

from contracts.access import Role
from tests.apps import RunningApp
from tests.monitoring.api.test_registering import A_HOUSEHOLD


async def flag_a_household(app: RunningApp) -> str:
    """Register a household and record its own word about unstable work; returns the id of the flagged household."""
    county = app.officer(Role.COUNTY_OFFICER, "150623")
    body = {**A_HOUSEHOLD, "members": [{"name": "张三", "relation": "0"}]}
    made = await app.post("/v1/households", body, as_=county)
    assert made.status_code == 201, made.text
    household: str = made.json()["id"]
    signal = {"household_id": household, "source": "self-declaration", "kind": "unstable-work"}
    recorded = await app.post("/v1/signals", {**signal, "occurred_on": "2023-09-04"}, as_=county)
    assert recorded.status_code == 201, recorded.text
    assert recorded.json()["flagged"], recorded.text
    return household
