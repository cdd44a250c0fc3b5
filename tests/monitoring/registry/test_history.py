"""Entry and exit with nothing deleted: the state on any day can be read (M-1.1.4)."""

from datetime import date

import asyncpg
import pytest

from chassis import database
from contracts.access import Role
from tests.monitoring.registry.conftest import REGISTERED, TODAY, Registry, a_person
from tests.tokens import OTHER_VILLAGE, VILLAGE

JOINED, MOVED, ENDED = date(2023, 10, 1), date(2023, 12, 1), date(2024, 2, 1)


async def as_of(registry: Registry, path: str, day: date) -> dict[str, object]:
    found = await registry.app.get(f"{path}?as_of={day}")
    assert found.status_code == 200, found.text
    body: dict[str, object] = found.json()
    return body


@pytest.mark.clause("M-1.1.4")
async def test_a_household_that_came_changed_and_left_is_read_as_of_any_day(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    joined = {"on": str(JOINED), "reason": "marriage", "member": a_person("1")}
    assert (await registry.change(home, "members", joined)).status_code == 201
    relieved = {"on": str(MOVED), "reason": "home-visit", "household_type": "relieved", "resettlement_site": "南区"}
    assert (await registry.change(home, "corrections", relieved, version=2)).status_code == 200
    moved = {"on": str(MOVED), "reason": "resettlement", "to_division": OTHER_VILLAGE}
    assert (await registry.change(home, "moves", moved, version=3)).status_code == 200
    assert (
        await registry.change(home, "end", {"on": str(ENDED), "reason": "left-county"}, version=4)
    ).status_code == 200

    def told(body: dict[str, object]) -> tuple[object, ...]:
        members = body["members"]
        assert isinstance(members, list)
        return (
            body["division"],
            body["household_type"],
            body["resettlement_site"],
            len(members),
            body["state"],
        )

    expected = {
        REGISTERED: (VILLAGE, "ordinary", None, 1, "registered"),
        date(2023, 9, 30): (VILLAGE, "ordinary", None, 1, "registered"),
        JOINED: (VILLAGE, "ordinary", None, 2, "registered"),
        date(2023, 11, 30): (VILLAGE, "ordinary", None, 2, "registered"),
        MOVED: (OTHER_VILLAGE, "relieved", "南区", 2, "registered"),
        date(2024, 1, 31): (OTHER_VILLAGE, "relieved", "南区", 2, "registered"),
        ENDED: (OTHER_VILLAGE, "relieved", "南区", 0, "ended"),
    }
    for day, stood in expected.items():
        assert told(await as_of(registry, home.path, day)) == stood, day
    before = await registry.app.get(f"{home.path}?as_of=2023-07-31")
    assert before.status_code == 404
    later = await registry.app.get(f"{home.path}?as_of=2024-03-13")
    assert (later.status_code, later.json()["code"]) == (422, "day-in-future")


@pytest.mark.clause("M-1.1.4")
async def test_what_was_corrected_is_kept_until_the_day_of_the_correction(registry: Registry) -> None:
    home = await registry.register(2, risks=[{"code": "illness"}])
    registry.on(TODAY)
    wife = home.members[1]
    change = {"on": str(JOINED), "reason": "home-visit", "member": {"labour": "weak", "name": "乌云毕力格"}}
    await registry.change(home, f"members/{wife}/corrections", change)
    await registry.change(home, "corrections", {"on": str(MOVED), "reason": "home-visit", "risks": []}, version=2)

    async def stood(day: date) -> tuple[object, ...]:
        body = await as_of(registry, home.path, day)
        (member,) = [m for m in body["members"] if m["id"] == wife]  # type: ignore[attr-defined]
        return member["labour"], member["name"], [risk["code"] for risk in body["risks"]]  # type: ignore[attr-defined]

    assert await stood(date(2023, 9, 30)) == (None, "斯*·**", ["illness"])
    assert await stood(JOINED) == ("weak", "乌****", ["illness"])
    assert await stood(date(2023, 11, 30)) == ("weak", "乌****", ["illness"])
    assert await stood(MOVED) == ("weak", "乌****", [])
    history = (await registry.app.get(f"{home.path}/history")).json()
    assert [(past["version"], past["until_on"]) for past in history["replaced_versions"]] == [
        (1, str(JOINED)),
        (2, str(MOVED)),
    ]
    assert history["replaced_versions"][0]["replaced_by"] == "town-officer-150623100"


async def test_a_later_correction_from_an_earlier_day_holds_from_that_day(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    path = f"members/{home.members[0]}/corrections"
    for version, (day, labour) in enumerate([(MOVED, "weak"), (JOINED, "lost")], start=1):
        body = {"on": str(day), "reason": "home-visit", "member": {"labour": labour}}
        assert (await registry.change(home, path, body, version=version)).status_code == 200

    async def labour(day: date) -> object:
        return (await as_of(registry, home.path, day))["members"][0]["labour"]  # type: ignore[index]

    assert [await labour(day) for day in (REGISTERED, JOINED, MOVED)] == [None, "lost", "lost"]


async def test_a_member_recorded_late_is_counted_from_the_day_of_joining(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    body = {"on": str(JOINED), "reason": "registered-late", "member": a_person("2")}
    await registry.change(home, "members", body)
    await registry.change(home, "corrections", {"reason": "home-visit", "national_no": "7"}, version=2)
    for day, members in ((date(2023, 9, 30), 1), (JOINED, 2)):
        assert len((await as_of(registry, home.path, day))["members"]) == members  # type: ignore[arg-type]


async def test_the_former_village_reads_its_own_days_only(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    moved = {"on": str(MOVED), "reason": "housing", "to_division": OTHER_VILLAGE}
    await registry.change(home, "moves", moved)
    former = registry.as_(Role.VILLAGE_COMMITTEE, VILLAGE)
    present = registry.as_(Role.VILLAGE_COMMITTEE, OTHER_VILLAGE)
    statuses = {
        (officer, day): (await registry.app.get(f"{home.path}?as_of={day}", as_=headers)).status_code
        for officer, headers in (("former", former), ("present", present))
        for day in ("2023-11-30", "2023-12-01")
    }
    assert statuses == {
        ("former", "2023-11-30"): 200,
        ("former", "2023-12-01"): 404,
        ("present", "2023-11-30"): 200,
        ("present", "2023-12-01"): 200,
    }


@pytest.mark.clause("M-1.1.4")
async def test_the_past_cannot_be_rewritten_or_deleted(registry: Registry) -> None:
    home = await registry.register(1)
    registry.on(TODAY)
    await registry.change(home, "corrections", {"reason": "home-visit", "national_no": "7"})
    assert len(await registry.rows("select * from household_past")) == 1
    for statement in ("delete from household_past", "update household_past set until_on = '2020-01-01'"):
        async with database.connect(registry.app.runtime.engine) as connection:
            with pytest.raises(asyncpg.RaiseError, match="append-only"):
                await connection.execute(statement)
    gone = await registry.app.client.delete(home.path, headers=registry.app.officer())
    assert gone.status_code == 405
