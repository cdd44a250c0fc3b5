"""Resettled households have somebody who keeps in touch, in one of four relations (M-1.3.6)."""

from uuid import uuid4

import pytest

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registered, Registry

SITE = "昂素安置区"


async def relate(registry: Registry, home: Registered, relation: str | None, day: str, version: int) -> None:
    relations = [] if relation is None else [{"relation": relation, "officer": uuid4().hex}]
    put = await registry.put(f"{home.path}/liaison", {"on": day, "relations": relations}, version=version)
    assert put.status_code == 200, put.text


async def missing(registry: Registry) -> list[str]:
    items = (await registry.app.get("/v1/liaison/missing")).json()["items"]
    return [item["id"] for item in items]


@pytest.mark.clause("M-1.3.6")
@pytest.mark.parametrize("relation", ["site-leader", "liaison-cadre", "party-member", "volunteer"])
async def test_any_of_the_four_relations_is_enough_until_it_ends(registry: Registry, relation: str) -> None:
    home = await registry.register(1, resettlement_site=SITE)
    await registry.register(1)
    registry.on(TODAY)
    assert await missing(registry) == [home.id]
    await relate(registry, home, relation, str(TODAY), 0)
    assert await missing(registry) == []
    elsewhere = registry.as_(Role.TOWN_OFFICER, "150623101")
    assert (await registry.app.get("/v1/liaison/missing", as_=elsewhere)).json()["items"] == []
    registry.on(TODAY.replace(day=13))
    await relate(registry, home, None, "2024-03-13", 1)
    assert await missing(registry) == [home.id]
