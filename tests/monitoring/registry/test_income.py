"""Income entries over HTTP: unique by key, an explicit zero known, corrections that keep what stood before."""

import asyncio
from typing import Any

import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registered, Registry
from tests.tokens import OTHER_VILLAGE, VILLAGE

WAGE_2023 = {
    "kind": "wage",
    "first_month": "2023-01",
    "last_month": "2023-12",
    "amount": "12000.50",
    "source": "home-visit",
}


async def record(registry: Registry, home: Registered, **given: Any):
    rest = {name: given.pop(name) for name in ("as_", "key") if name in given}
    return await registry.app.post(f"{home.path}/income-entries", {**WAGE_2023, **given}, **rest)


async def listed(registry: Registry, home: Registered, query: str = "", **more: Any) -> list[dict[str, Any]]:
    found = await registry.app.get(f"{home.path}/income-entries{query}", **more)
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_an_entry_is_recorded_and_read_as_sent(registry: Registry) -> None:
    home = await registry.register(2)
    registry.on(TODAY)
    done = await record(registry, home)
    assert (done.status_code, done.json()["state"]) == (201, "recorded")
    assert "12000" not in done.text
    (entry,) = await listed(registry, home)
    assert entry == {
        **WAGE_2023,
        "id": done.json()["id"],
        "member_id": None,
        "recorded_on": str(TODAY),
        "replaced_on": None,
        "division": VILLAGE,
    }


async def test_a_correction_replaces_and_keeps_and_an_equal_one_changes_nothing(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await record(registry, home)
    same = await record(registry, home, amount="12000.5")
    assert (same.status_code, same.json()["state"], same.json()["id"]) == (200, "unchanged", None)
    registry.on(TODAY.replace(day=13))
    zero = await record(registry, home, amount="0")
    assert (zero.status_code, zero.json()["state"]) == (201, "replaced")
    assert [entry["amount"] for entry in await listed(registry, home)] == ["0.00"]
    kept = await listed(registry, home, "?history=true")
    assert {(entry["amount"], entry["replaced_on"]) for entry in kept} == {("12000.50", "2024-03-13"), ("0.00", None)}


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "production"},
        {"last_month": "2023-11"},
        {"first_month": "2023-02"},
        {"source": "survey"},
        {"member_id": "one"},
    ],
)
async def test_another_kind_period_source_or_person_is_another_entry(registry: Registry, other: dict[str, str]) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await record(registry, home)
    given = {"member_id": home.members[0]} if "member_id" in other else other
    assert (await record(registry, home, **given)).json()["state"] == "recorded"
    assert len(await listed(registry, home)) == 2


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"last_month": "2022-12"}, 422, "invalid-income"),
        ({"amount": "-0.01"}, 422, "invalid-income"),
        ({"amount": "-0.01", "kind": "per-capita-net"}, 201, None),
        ({"amount": "0.001"}, 422, "invalid"),
        ({"amount": 12}, 422, "invalid"),
        ({"first_month": "2024-03", "last_month": "2024-03"}, 201, None),
        ({"first_month": "2024-03", "last_month": "2024-04"}, 422, "day-in-future"),
        ({"member_id": "5f0d2c1e-7b2a-4a62-b0a4-c1d9e3f80701"}, 404, "member-unknown"),
        ({"first_month": "2023-13"}, 422, "invalid"),
    ],
)
async def test_an_entry_that_cannot_be_is_refused(
    registry: Registry, given: dict[str, Any], status: int, code: str | None
) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    done = await record(registry, home, **given)
    assert (done.status_code, done.json().get("code")) == (status, code), done.text
    assert len(await listed(registry, home)) == (status == 201)


async def test_two_corrections_at_once_leave_one_standing(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await record(registry, home)
    answers = await asyncio.gather(*(record(registry, home, amount=f"{amount}.00") for amount in (100, 200, 300)))
    assert {answer.status_code for answer in answers} == {201}
    assert len(await listed(registry, home)) == 1
    assert len(await listed(registry, home, "?history=true")) == 4


async def test_rights_to_an_entry_follow_the_village_of_its_recording(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await record(registry, home)
    moved = {"reason": "housing", "to_division": OTHER_VILLAGE}
    assert (await registry.change(home, "moves", moved)).status_code == 200
    await record(registry, home, source="survey")
    former = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    present = registry.as_(Role.VILLAGE_COMMITTEE, OTHER_VILLAGE)
    assert [entry["source"] for entry in await listed(registry, home, as_=former)] == ["home-visit"]
    assert {entry["source"] for entry in await listed(registry, home, as_=present)} == {"home-visit", "survey"}
    assert (await record(registry, home, as_=former)).status_code == 404


async def test_entries_come_in_pages(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    for month in range(1, 6):
        period = {"first_month": f"2023-{month:02d}", "last_month": f"2023-{month:02d}"}
        await record(registry, home, **period)
    path, seen = f"{home.path}/income-entries?limit=2", []
    while path:
        page = await registry.app.get(path)
        seen += [entry["first_month"] for entry in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    assert seen == [f"2023-{month:02d}" for month in range(1, 6)]
