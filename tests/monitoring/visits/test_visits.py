"""Visits over HTTP: only by the liaison cadre of that day, once each, alone or in a batch (M-1.1.6)."""

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registered, Registry, registry
from tests.tokens import OTHER_TOWN_VILLAGE, VILLAGE

__all__ = ["registry"]
CADRE = "cadre-1"
PDF = b"%PDF-1.7\nsynthetic\n%%EOF\n"


def cadre(registry: Registry, person: str = CADRE, division: str = VILLAGE) -> dict[str, str]:
    return registry.app.officer(Role.LIAISON_CADRE, division, person)


async def assigned(registry: Registry, *, from_on: date, until_on: date | None = None, **given: Any) -> Registered:
    """A household whose liaison cadre is CADRE from a day on, until another one follows."""
    home = await registry.register(2, **given)
    registry.on(TODAY)
    for version, (officer, day) in enumerate([(CADRE, from_on), *([("cadre-2", until_on)] if until_on else [])]):
        body = {"on": str(day), "relations": [{"relation": "liaison-cadre", "officer": officer}]}
        put = await registry.put(f"{home.path}/liaison", body, version=version)
        assert put.status_code == 200, put.text
    return home


async def visit(
    registry: Registry, home: Registered, day: str, *, as_: dict[str, str] | None = None, key: str | None = None,
    **given: Any,
) -> httpx.Response:  # fmt: skip
    body = {"visited_on": day, "purpose": "routine", **given}
    return await registry.app.post(f"{home.path}/visits", body, as_=as_ or cadre(registry), key=key)


async def visits(registry: Registry) -> int:
    return int((await registry.rows("select count(*) as visits from visit"))[0]["visits"])


@pytest.mark.clause("M-1.1.6")
@pytest.mark.parametrize(
    ("day", "status"),
    [("2024-02-29", 403), ("2024-03-01", 201), ("2024-03-09", 201), ("2024-03-10", 403)],
)
async def test_only_the_cadre_of_that_day_records_a_visit(registry: Registry, day: str, status: int) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1), until_on=date(2024, 3, 10))
    answer = await visit(registry, home, day)
    assert answer.status_code == status, answer.text
    assert await visits(registry) == (status == 201)
    if status == 403:
        assert answer.json()["code"] == "cadre-not-assigned"


@pytest.mark.clause("M-1.1.6")
async def test_another_officer_or_another_relation_is_not_enough(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    volunteer = {"relation": "volunteer", "officer": "helper"}
    body = {"on": "2024-03-02", "relations": [{"relation": "liaison-cadre", "officer": CADRE}, volunteer]}
    assert (await registry.put(f"{home.path}/liaison", body, version=1)).status_code == 200
    for officer in (cadre(registry, "helper"), cadre(registry, "somebody"), registry.app.officer()):
        assert (await visit(registry, home, "2024-03-11", as_=officer)).json()["code"] == "cadre-not-assigned"
    assert await visits(registry) == 0


async def test_a_visit_may_be_of_today_and_not_of_tomorrow(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    assert (await visit(registry, home, "2024-03-12")).status_code == 201
    late = await visit(registry, home, "2024-03-13")
    assert (late.status_code, late.json()["code"]) == (422, "invalid-visit")
    strange = await visit(registry, home, "2024-03-11", purpose="tea")
    assert (strange.status_code, strange.json()["code"]) == (422, "invalid-visit")


async def test_a_visit_with_its_own_id_is_recorded_once(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    made = str(uuid4())
    told = [await visit(registry, home, "2024-03-11", id=made, hardships=[{"kind": "illness"}]) for _ in range(2)]
    assert [(one.status_code, one.json()["state"]) for one in told] == [(201, "recorded"), (200, "known")]
    assert await visits(registry) == 1
    assert [name for name, _, _ in await registry.told(home)].count("visit-recorded") == 1
    assert (await visit(registry, home, "2024-03-10", id=made)).json()["code"] == "visit-exists"


async def test_twenty_repeats_at_once_have_one_effect(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    made = str(uuid4())
    told = await asyncio.gather(*(visit(registry, home, "2024-03-11", id=made, key="same") for _ in range(20)))
    assert {one.status_code for one in told} <= {201, 409}
    assert await visits(registry) == 1


async def test_hardship_that_was_seen_flags_the_household_once(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    hardships = [{"kind": "illness", "member_id": home.members[1]}, {"kind": "housing"}]
    told = (await visit(registry, home, "2024-03-11", hardships=hardships)).json()["signals"]
    assert [one["finding"]["answer"] for one in told] == ["yes", "yes"]
    assert [one["flagged"] for one in told] == [True, True]
    again = (await visit(registry, home, "2024-03-12", hardships=hardships[:1])).json()["signals"]
    assert [(one["flag_id"], one["flagged"]) for one in again] == [(told[0]["flag_id"], False)]
    assert len((await registry.app.get(f"/v1/flags?household_id={home.id}")).json()["items"]) == 2
    sources = await registry.rows("select distinct source from signal")
    assert sources == [{"source": "cadre-visit"}]


async def test_what_was_found_is_read_with_a_purpose_and_never_listed(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    made = (await visit(registry, home, "2024-03-11", findings="屋顶漏雨", id=str(uuid4()))).json()["id"]
    listed = await registry.app.get(f"{home.path}/visits")
    assert [(one["id"], one["has_findings"]) for one in listed.json()["items"]] == [(made, True)]
    assert "屋顶" not in listed.text
    assert "屋顶" not in str(await registry.told(home))
    path = f"/v1/visits/{made}"
    assert (await registry.app.get(path)).json()["code"] == "purpose-missing"
    assert (await registry.app.get(path, as_=cadre(registry), **{"X-Purpose": "check"})).status_code == 403
    shown = await registry.app.get(path, **{"X-Purpose": "check"})
    assert shown.json()["findings"] == "屋顶漏雨"
    audited = await registry.rows("select purpose, unmasked from chassis.audit where search = 'by-id' and unmasked")
    assert audited == [{"purpose": "check", "unmasked": True}]


async def test_a_list_goes_on_where_the_page_ended(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    for day in ("2024-03-02", "2024-03-04", "2024-03-03"):
        assert (await visit(registry, home, day)).status_code == 201
    first = await registry.app.get(f"{home.path}/visits?limit=2")
    assert [one["visited_on"] for one in first.json()["items"]] == ["2024-03-04", "2024-03-03"]
    rest = await registry.app.get(first.links["next"]["url"])
    assert [one["visited_on"] for one in rest.json()["items"]] == ["2024-03-02"]


async def test_outside_of_the_division_there_is_no_such_household(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    stranger = cadre(registry, division=OTHER_TOWN_VILLAGE)
    assert (await visit(registry, home, "2024-03-11", as_=stranger)).status_code == 404
    assert (await registry.app.get(f"{home.path}/visits", as_=stranger)).status_code == 404


async def test_one_refused_visit_of_a_batch_does_not_lose_the_others(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    other = await registry.register(1)
    plain = {"visited_on": "2024-03-11", "purpose": "routine"}
    batch = [
        {**plain, "household_id": home.id, "id": str(uuid4()), "hardships": [{"kind": "illness"}]},
        {**plain, "household_id": other.id, "id": str(uuid4())},
        {**plain, "household_id": str(uuid4()), "id": str(uuid4())},
        {**plain, "household_id": home.id, "id": str(uuid4()), "attachments": [str(uuid4())]},
        {**plain, "household_id": home.id, "id": str(uuid4()), "visited_on": "2024-03-10"},
    ]
    answer = await registry.app.post("/v1/visits/batch", {"visits": batch}, as_=cadre(registry))
    items = answer.json()["items"]
    assert [item["id"] for item in items] == [one["id"] for one in batch]
    assert [item["status"] for item in items] == [201, 403, 404, 422, 201]
    assert items[3]["problem"]["errors"][0]["pointer"] == "/visits/3/attachments/0"
    assert await visits(registry) == 2
    assert [name for name, _, _ in await registry.told(home)].count("visit-recorded") == 2
    again = await registry.app.post("/v1/visits/batch", {"visits": batch}, as_=cadre(registry))
    assert [item["status"] for item in again.json()["items"]] == [200, 403, 404, 422, 200]


async def test_a_cited_attachment_exists_and_is_frozen(registry: Registry) -> None:
    home = await assigned(registry, from_on=date(2024, 3, 1))
    kept = await registry.app.client.post(
        f"/v1/attachments?division={VILLAGE}&purpose=visit",
        content=PDF,
        headers={**cadre(registry), "Idempotency-Key": "photo-1", "Content-Type": "application/pdf"},
    )
    assert kept.status_code == 201, kept.text
    path = kept.headers["Location"]
    assert (await registry.app.get(path)).json()["cited"] is False
    done = await visit(registry, home, "2024-03-11", attachments=[kept.json()["id"]])
    assert done.status_code == 201
    assert (await registry.app.get(path)).json()["cited"] is True
    unknown = await visit(registry, home, "2024-03-11", attachments=[kept.json()["id"], str(uuid4())])
    assert (unknown.status_code, unknown.json()["code"]) == (422, "evidence-not-found")
    assert [error["pointer"] for error in unknown.json()["errors"]] == ["/attachments/1"]
    assert await visits(registry) == 1
