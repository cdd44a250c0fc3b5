"""Reads of personal data: masked, audited, cut to the caller's division; unmasked by permission and purpose."""

import asyncio

from contracts.access import Role
from tests.monitoring.registry.conftest import TODAY, Registered, Registry, a_person
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, TOWN, VILLAGE

COUNTY = "150623"


async def audited(registry: Registry) -> list[dict[str, object]]:
    await registry.app.runtime.audit.flush()
    return await registry.rows(
        "select person, purpose, unmasked, route, search, result_ids from chassis.audit order by id"
    )


async def test_names_are_masked_with_their_interpuncts(registry: Registry) -> None:
    home = await registry.register(
        [
            a_person("0", name="斯琴·高娃", phone="13812345678", resident_id="11010519491231002X"),
            a_person(name="阿拉坦其其格"),
            a_person(name="张三"),
            a_person(name="巴 特尔"),
        ]
    )
    members = (await registry.read(home))["members"]
    assert [member["name"] for member in members] == ["斯*·**", "阿*****", "张*", "巴 **"]
    assert (members[0]["phone"], members[0]["resident_id"]) == ("138****5678", "110105********002X")
    assert members[0]["born_on"] is None or len(members[0]["born_on"]) == 4


async def test_an_unmasked_read_needs_permission_and_purpose_and_is_written_down_first(registry: Registry) -> None:
    home = await registry.register([a_person("0", name="斯琴·高娃", born_on="1980-05-06")])
    path = f"{home.path}?unmasked=true"
    village = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    purpose = {"X-Purpose": "home-visit"}
    refused = await registry.app.get(path, as_=village, **purpose)
    assert (refused.status_code, refused.json()["code"]) == (403, "may-not-unmask")
    aimless = await registry.app.get(path)
    assert (aimless.status_code, aimless.json()["code"]) == (422, "purpose-missing")
    assert await audited(registry) == []
    seen = await registry.app.get(path, **purpose)
    assert (seen.status_code, seen.json()["members"][0]["name"]) == (200, "斯琴·高娃")
    assert seen.json()["members"][0]["born_on"] == "1980-05-06"
    # Without a flush: the row is there when the answer is.
    (row,) = await registry.rows("select person, purpose, unmasked, search, result_ids from chassis.audit")
    assert row == {
        "person": f"town-officer-{TOWN}",
        "purpose": "home-visit",
        "unmasked": True,
        "search": "by-id",
        "result_ids": [home.id],
    }


async def test_an_unmasked_read_outside_of_the_division_finds_and_writes_nothing(registry: Registry) -> None:
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    home = await registry.register(1, division=OTHER_TOWN_VILLAGE, as_=county)
    hidden = await registry.app.get(f"{home.path}?unmasked=true", **{"X-Purpose": "home-visit"})
    assert hidden.status_code == 404
    assert await audited(registry) == []


async def test_a_day_in_the_past_is_never_unmasked(registry: Registry) -> None:
    home = await registry.register(1)
    refused = await registry.app.get(f"{home.path}?unmasked=true&as_of=2023-08-01", **{"X-Purpose": "home-visit"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#query.unmasked")


async def test_a_person_is_found_by_any_form_of_the_id_masked_and_audited(registry: Registry) -> None:
    home = await registry.register([a_person("0", resident_id="11010519491231002X")])
    await registry.register(1)
    for number in ("11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X43"):
        found = await registry.app.post("/v1/households/search", {"resident_id": number})
        assert [item["id"] for item in found.json()["items"]] == [home.id], found.text
        assert "11010519491231002X" not in found.text
    assert {row["search"] for row in await audited(registry)} == {"by-resident-id"}
    assert [row["result_ids"] for row in await audited(registry)] == [[home.id]] * 3
    assert all("1101" not in str(row) for row in await audited(registry))


async def test_a_search_by_id_stays_within_the_division_and_tells_a_wrong_id(registry: Registry) -> None:
    await registry.register([a_person("0", resident_id="11010519491231002X")])
    neighbour = registry.as_(Role.VILLAGE_COMMITTEE, OTHER_VILLAGE)
    hidden = await registry.app.post("/v1/households/search", {"resident_id": "11010519491231002X"}, as_=neighbour)
    assert (hidden.status_code, hidden.json()["items"]) == (200, [])
    wrong = await registry.app.post("/v1/households/search", {"resident_id": "110105194912310021"})
    assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (422, "id-check-digit")
    assert "110105194912310021" not in wrong.text


async def test_a_search_is_kept_under_no_key(registry: Registry) -> None:
    body = {"resident_id": "11010519491231002X"}
    await registry.app.post("/v1/households/search", body, key="look")
    home = await registry.register([a_person("0", resident_id="11010519491231002X")])
    again = await registry.app.post("/v1/households/search", body, key="look")
    assert [item["id"] for item in again.json()["items"]] == [home.id]
    assert await registry.rows("select 1 from chassis.idempotency_keys where route like '%search'") == []


async def test_what_does_not_fit_in_a_household_is_named(registry: Registry) -> None:
    home = await registry.register(
        [a_person("0", resident_id=None), a_person("1", sex="2"), a_person("8", phone="13900000001")]
    )
    await registry.register([a_person("0", phone="13900000001")])
    found = (await registry.app.get(f"{home.path}/quality", **{"Accept-Language": "en"})).json()["items"]
    by_code = {(item["code"], item["member_id"]) for item in found}
    assert ("id-missing", home.members[0]) in by_code
    assert ("sex-differs-from-id", home.members[1]) in by_code
    assert ("phone-in-two-households", home.members[2]) in by_code
    assert "No resident id is recorded" in {item["title"] for item in found}
    assert "13900000001" not in str(found)


async def test_the_same_id_and_phone_in_two_households_are_found_masked(registry: Registry) -> None:
    twice, shared = "11010519491231002X", "13900000001"
    one = await registry.register([a_person("0", resident_id=twice, phone=shared)])
    two = await registry.register([a_person("0", resident_id=twice)])
    three = await registry.register([a_person("0", phone=shared), a_person(phone="13900000002")])
    await registry.register([a_person("0"), a_person(phone="13900000003")])
    items = (await registry.app.get("/v1/quality/findings")).json()["items"]
    assert [(item["code"], item["value"], {place["household_id"] for place in item["places"]}) for item in items] == [
        ("id-in-two-households", "110105********002X", {one.id, two.id}),
        ("phone-in-two-households", "139****0001", {one.id, three.id}),
    ]
    (audit,) = await audited(registry)
    assert (audit["search"], set(audit["result_ids"])) == ("quality", {one.id, two.id, three.id})  # type: ignore[call-overload]


async def test_one_household_with_a_shared_phone_is_no_finding_nor_is_a_former_member(registry: Registry) -> None:
    phone = "13900000001"
    await registry.register([a_person("0", phone=phone), a_person(phone=phone)])
    other = await registry.register([a_person("0"), a_person(phone=phone)])
    assert len((await registry.app.get("/v1/quality/findings")).json()["items"]) == 1
    registry.on(TODAY)
    await registry.change(other, f"members/{other.members[1]}/departure", {"reason": "marriage"})
    assert (await registry.app.get("/v1/quality/findings")).json()["items"] == []


async def test_findings_come_in_pages_and_end_at_the_division(registry: Registry) -> None:
    county = registry.as_(Role.COUNTY_OFFICER, COUNTY)
    for number in range(3):
        person = a_person("0")
        await registry.register([person])
        await registry.register([person], division=OTHER_VILLAGE if number else VILLAGE)
    elsewhere = a_person("0")
    await registry.register([elsewhere])
    await registry.register([elsewhere], division=OTHER_TOWN_VILLAGE, as_=county)
    path, seen = "/v1/quality/findings?limit=2&code=id-in-two-households", []
    while path:
        page = await registry.app.get(path)
        seen += [item["places"][0]["member_id"] for item in page.json()["items"]]
        path = page.links.get("next", {}).get("url", "")
    assert len(seen) == len(set(seen)) == 3
    village = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    assert len((await registry.app.get("/v1/quality/findings", as_=village)).json()["items"]) == 1
    outside = await registry.app.get(f"/v1/quality/findings?division={OTHER_VILLAGE}", as_=village)
    assert outside.json()["items"] == []
    assert len((await registry.app.get("/v1/quality/findings", as_=county)).json()["items"]) == 4


async def test_masked_reads_are_audited_by_kind_and_id(registry: Registry) -> None:
    home = await registry.register(1)
    await asyncio.gather(
        *(registry.app.get(f"{home.path}{rest}") for rest in ("", "?as_of=2023-08-01", "/quality", "/income-entries"))
    )
    rows = await audited(registry)
    assert {row["search"] for row in rows} == {"by-id", "by-id-as-of", "quality-by-id", "income"}
    assert all((row["result_ids"], row["unmasked"]) == ([home.id], False) for row in rows)
    assert Registered(home.id, ()).path not in str(rows)
