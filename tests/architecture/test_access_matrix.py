"""Routes × roles, generated: who holds a permission is never told that he lacks it, and who does not always is.

Requests carry no body and invented ids, so a caller who may is answered with whatever else is wrong (404, 422).
"""

import re
from pathlib import Path

import pytest

from chassis.access import guard_of
from chassis.routes import served_routes
from contracts.access import Role
from tests.apps import RunningApp, StartApp
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import TOWN

NOBODY = "00000000-0000-4000-8000-000000000000"
OTHER_TOWN = "150623101"


def address(path: str, household_id: str = NOBODY) -> str:
    filled = path.replace("{household_id}", household_id)
    return re.sub(r"\{[^}]*\}", NOBODY, filled)


@pytest.mark.parametrize("service", ["monitoring", "assets", "employment", "relief"])
async def test_each_route_lets_in_exactly_those_who_hold_its_permission(start_app: StartApp, service: str) -> None:
    app = await start_app(service)
    wrong = []
    for route in served_routes(app.app):
        guard = guard_of(route)
        if guard is None:
            continue
        for method in sorted(route.methods):
            path = address(route.path)
            anonymous = await app.client.request(method, path)
            if anonymous.status_code != 401:
                wrong.append((method, path, "nobody", anonymous.status_code))
            for role in Role:
                answer = await app.client.request(method, path, headers=app.officer(role))
                if (answer.status_code == 403 and answer.json()["code"] == "forbidden") == (
                    role in guard.permission.roles
                ):
                    wrong.append((method, path, role.value, answer.status_code))
            for scopes in ([], [guard.permission.name]):
                answer = await app.client.request(method, path, headers=app.issuer.app(TOWN, scopes))
                refused = answer.status_code == 403 and answer.json()["code"] == "forbidden"
                if refused == (bool(scopes) and guard.permission.apps):
                    wrong.append((method, path, f"app {scopes}", answer.status_code))
    assert wrong == []


async def test_a_household_does_not_exist_for_another_town(start_app: StartApp, tmp_path: Path) -> None:
    app = await start_app("monitoring")
    made = (await app.post("/v1/households", A_HOUSEHOLD)).json()
    seen = []
    for route in served_routes(app.app):
        if "{household_id}" not in route.path or "GET" not in route.methods or route.path.count("{") > 1:
            continue
        path = address(route.path, made["id"])
        seen.append(path)
        assert await status(app, path, TOWN) in (200, 409), path  # 409: it is there, and not monitored
        assert await status(app, path, OTHER_TOWN) == 404, path
    assert len(seen) >= 3


async def status(app: RunningApp, path: str, division: str) -> int:
    return (await app.get(path, as_=app.officer(Role.TOWN_OFFICER, division))).status_code
