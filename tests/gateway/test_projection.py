"""What the gateway keeps of monitoring's state: totals that always fit the rows, and rows that equal the registry's."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from chassis import database
from chassis.clock import DemoClock
from chassis.projection import StateMessage
from chassis.projection_drop import drop_projections
from contracts.access import Role
from contracts.events.monitoring_state import DatedCode, FlagState, HouseholdState, MonitoredSpan, SignalState
from contracts.month import Month
from gateway.projection import FLAGS, HANDLERS, HOUSEHOLDS, SIGNALS, Kept
from services.monitoring.domain.public import public_kind
from tests.apps import RunningApp, StartApp
from tests.engines import FreshDatabase, Topics
from tests.gateway.conftest import RunningGateway, StartGateway
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import OTHER_TOWN_VILLAGE, OTHER_VILLAGE, TOWN, VILLAGE

DAY = date(2023, 8, 1)
OTHER_TOWN = "150623101"
_RECOUNTED = {
    HOUSEHOLDS.kind: """
        select division, household_type, coalesce(monitored_class, 'not-monitored') as monitored_class,
               count(*) as households, sum(persons) as persons
        from household where ended_on is null group by 1, 2, 3""",
    FLAGS.kind: "select division, rule, state, count(*) as flags from flag group by 1, 2, 3",
    SIGNALS.kind: """
        select division, source, date_trunc('month', recorded_on)::date as month, count(*) as signals
        from signal group by 1, 2, 3""",
}
_TOTALS = {
    HOUSEHOLDS.kind: "select * from household_total where households <> 0 or persons <> 0",
    FLAGS.kind: "select * from flag_total where flags <> 0",
    SIGNALS.kind: "select * from signal_total where signals <> 0",
}


def state(kind: str, identifier: str, version: int, division: str, body: str | None) -> StateMessage:
    return StateMessage("monitoring", kind, identifier, version, division, datetime(2024, 1, 1, tzinfo=UTC), body)


def household_body(rng: random.Random, identifier: str, division: str) -> str:
    example = HouseholdState.example()
    member = example.members[0]
    spans = rng.choice([(), (MonitoredSpan(since=Month(2022, 6), ended=rng.choice([None, Month(2023, 7)]), how=None),)])
    return example.model_copy(
        update={
            "household_id": identifier,
            "divisions": (DatedCode(value=division, from_on=DAY, until_on=None),),
            "household_types": (DatedCode(value=rng.choice(["ordinary", "relieved"]), from_on=DAY, until_on=None),),
            "monitored": spans,
            "members": tuple(
                member.model_copy(update={"left_on": rng.choice([None, DAY])}) for _ in range(rng.randint(1, 4))
            ),
            "ended_on": rng.choice([None, None, DAY]),
        }
    ).model_dump_json()


def flag_body(rng: random.Random, identifier: str, division: str) -> str:
    update = {"flag_id": identifier, "state": rng.choice(["open", "dismissed"]), "rule": rng.choice(["tuition", "job"])}
    return FlagState.example().model_copy(update=update).model_dump_json()


def signal_body(rng: random.Random, identifier: str, division: str) -> str:
    update = {"signal_id": identifier, "recorded_on": date(2023, rng.randint(7, 9), 3), "source": rng.choice("ab")}
    return SignalState.example().model_copy(update=update).model_dump_json()


BODIES = {HOUSEHOLDS.kind: household_body, FLAGS.kind: flag_body, SIGNALS.kind: signal_body}


async def rows(connection: asyncpg.Connection, query: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in await connection.fetch(query)), key=repr)


async def test_totals_fit_the_rows_whatever_comes_late_twice_or_is_erased(fresh_database: FreshDatabase) -> None:
    connection = await database.direct(await fresh_database("gateway"), "test")
    rng = random.Random(7)
    ids = [str(UUID(int=number)) for number in range(12)]
    try:
        for handler in (HOUSEHOLDS, FLAGS, SIGNALS):
            newest = dict.fromkeys(ids, 0)
            for _ in range(30):
                batch = []
                for identifier in rng.sample(ids, rng.randint(1, 8)):
                    version = rng.randint(max(1, newest[identifier] - 2), newest[identifier] + 2)
                    newest[identifier] = max(newest[identifier], version)
                    division = rng.choice([VILLAGE, OTHER_VILLAGE])
                    gone = version == newest[identifier] and rng.random() < 0.1
                    body = None if gone else BODIES[handler.kind](rng, identifier, division)
                    batch.append(state(handler.kind, identifier, version, division, body))
                await handler.apply(connection, batch)
                recounted = await rows(connection, _RECOUNTED[handler.kind])
                assert await rows(connection, _TOTALS[handler.kind]) == recounted
                assert recounted
    finally:
        await connection.close()


async def kept_versions(connection: asyncpg.Connection, handler: Kept) -> dict[str, int]:
    return {str(row["id"]): row["version"] for row in await connection.fetch(f"select id, version from {handler.kind}")}


async def test_only_a_newer_version_replaces(fresh_database: FreshDatabase) -> None:
    connection = await database.direct(await fresh_database("gateway"), "test")
    one, rng = str(uuid4()), random.Random(1)
    try:
        for version, kept in ((2, 2), (1, 2), (2, 2), (3, 3)):
            body = household_body(rng, one, VILLAGE)
            await HOUSEHOLDS.apply(connection, [state("household", one, version, VILLAGE, body)])
            assert await kept_versions(connection, HOUSEHOLDS) == {one: kept}
        await HOUSEHOLDS.apply(connection, [state("household", one, 2, VILLAGE, None)])
        assert await kept_versions(connection, HOUSEHOLDS) == {one: 3}, "an erasure that is older erases nothing"
        await HOUSEHOLDS.apply(connection, [state("household", one, 4, VILLAGE, None)])
        assert await kept_versions(connection, HOUSEHOLDS) == {}
    finally:
        await connection.close()


_REGISTRY = {
    HOUSEHOLDS.kind: """
        select id, version, division, household_type, monitored_class,
               (select count(*)::int from member where household_id = household.id and left_on is null) as persons,
               registered_on, ended_on, ended_how from household""",
    FLAGS.kind: "select id, version, division, household_id, rule, standing, round, opened_on, closed_on from flag",
    SIGNALS.kind: "select id, version, division, household_id, source, kind, recorded_on, flag_id from signal",
}
_PROJECTION = {
    HOUSEHOLDS.kind: "select * from household",
    FLAGS.kind: "select id, version, division, household_id, rule, state, round, opened_on, closed_on from flag",
    SIGNALS.kind: "select * from signal",
}


async def registry(app: RunningApp) -> dict[str, list[tuple[Any, ...]]]:
    async with database.connect(app.runtime.engine) as connection:
        found = {kind: await rows(connection, query) for kind, query in _REGISTRY.items()}
    # Rules and kinds that would tell health travel under another name.
    place = {FLAGS.kind: 4, SIGNALS.kind: 5}
    for kind, at in place.items():
        found[kind] = sorted(((*row[:at], public_kind(row[at]), *row[at + 1 :]) for row in found[kind]), key=repr)
    return found


async def projection(app: RunningApp) -> dict[str, list[tuple[Any, ...]]]:
    async with database.connect(app.runtime.engine) as connection:
        return {kind: await rows(connection, query) for kind, query in _PROJECTION.items()}


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(40):
        while not await reached():
            pass


async def equals_registry(gateway: RunningGateway, monitoring: RunningApp) -> None:
    async def equal() -> bool:
        return await projection(gateway) == await registry(monitoring)

    await until(equal)


async def a_busy_registry(start_app: StartApp, kafka: Topics, clock: DemoClock) -> RunningApp:
    """Monitoring with its worker: households in two towns, one moved, signals, a flag open and one dismissed."""
    clock.move(datetime(2023, 9, 5, 1, tzinfo=UTC))
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    monitoring = await start_app("monitoring", worker=True)
    county = monitoring.officer(Role.COUNTY_OFFICER, "150623")
    made = []
    for village in (VILLAGE, VILLAGE, OTHER_VILLAGE, OTHER_TOWN_VILLAGE):
        body = {**A_HOUSEHOLD, "division": village, "members": [{"name": "张三", "relation": "0"}]}
        answer = await monitoring.post("/v1/households", body, as_=county)
        assert answer.status_code == 201, answer.text
        made.append(answer.json())
    flags = []
    for household in made[:2]:
        signal = {
            "household_id": household["id"],
            "source": "self-declaration",
            "kind": "unstable-work",
            "occurred_on": "2023-09-04",
        }
        answer = await monitoring.post("/v1/signals", signal, as_=county)
        assert answer.status_code == 201, answer.text
        assert answer.json()["flagged"], answer.text
        flags.append(answer.json()["flag_id"])
    seen = await monitoring.get(f"/v1/flags/{flags[1]}", as_=county)
    reason = {"reason": "covered-by-grant"}
    dismissed = await monitoring.post(
        f"/v1/flags/{flags[1]}/dismissal", reason, as_=county, **{"If-Match": seen.headers["ETag"]}
    )
    assert dismissed.status_code == 200, dismissed.text
    return monitoring


async def overview(gateway: RunningGateway, division: str, role: Role = Role.COUNTY_OFFICER) -> dict[str, Any]:
    caller = gateway.officer(role, "150623")
    answer = await gateway.get(f"/v1/towns/{division}/overview", as_=caller, **{"Accept-Language": "en"})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_a_fresh_gateway_equals_the_registry_row_for_row_and_so_does_a_rebuilt_one(
    start_app: StartApp, start_gateway: StartGateway, kafka: Topics, business_clock: DemoClock
) -> None:
    monitoring = await a_busy_registry(start_app, kafka, business_clock)
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True)
    await equals_registry(gateway, monitoring)
    before = await projection(gateway)
    assert all(before.values())

    await drop_projections(gateway.settings.database_url, HANDLERS, kafka.prefix)
    await equals_registry(gateway, monitoring)

    await gateway.stop()
    body = {**A_HOUSEHOLD, "members": [{"name": "李四", "relation": "0"}]}
    assert (await monitoring.post("/v1/households", body)).status_code == 201
    again = await start_gateway({"monitoring": monitoring.app}, worker=True, database_url=gateway.settings.database_url)
    await equals_registry(again, monitoring)
    assert len((await projection(again))["household"]) == len(before["household"]) + 1


async def test_an_overview_counts_its_own_division_and_no_other(
    start_app: StartApp, start_gateway: StartGateway, kafka: Topics, business_clock: DemoClock
) -> None:
    monitoring = await a_busy_registry(start_app, kafka, business_clock)
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True)
    await equals_registry(gateway, monitoring)

    async def current() -> bool:
        return (await overview(gateway, "150623"))["current_to"] is not None

    await until(current)
    county, town, village, other = [
        (await overview(gateway, division))["parts"]["monitoring"] for division in ("150623", TOWN, VILLAGE, OTHER_TOWN)
    ]
    assert [part["households"] for part in (county, town, village, other)] == [4, 3, 2, 1]
    assert county["persons"] == 4
    assert county["by_class"] == {"not-monitored": 4}
    assert county["by_village"] == {VILLAGE: 2, OTHER_VILLAGE: 1, OTHER_TOWN_VILLAGE: 1}
    assert {standing: sum(rules.values()) for standing, rules in town["flags"].items()} == {"open": 1, "dismissed": 1}
    assert town["signals"] == {"month": "2023-09", "by_source": {"self-declaration": 2}}
    assert other["flags"] == {}
    assert other["signals"]["by_source"] == {}

    business_clock.move(datetime(2023, 9, 30, 16, tzinfo=UTC))
    next_month = (await overview(gateway, TOWN))["parts"]["monitoring"]["signals"]
    assert next_month == {"month": "2023-10", "by_source": {}}, "midnight of 1 October in Shanghai"

    for role, division, asked, status in (
        (Role.TOWN_OFFICER, TOWN, OTHER_TOWN, 404),
        (Role.TOWN_OFFICER, TOWN, "150623", 404),
        (Role.VILLAGE_COMMITTEE, VILLAGE, OTHER_VILLAGE, 404),
        (Role.VILLAGE_COMMITTEE, VILLAGE, VILLAGE, 200),
        (Role.BUREAU_OFFICER, "150623", TOWN, 403),
    ):
        answer = await gateway.get(f"/v1/towns/{asked}/overview", as_=gateway.officer(role, division))
        assert answer.status_code == status


async def test_an_overview_stands_while_monitoring_is_down(
    start_app: StartApp, start_gateway: StartGateway, kafka: Topics, business_clock: DemoClock
) -> None:
    monitoring = await a_busy_registry(start_app, kafka, business_clock)
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True)
    await equals_registry(gateway, monitoring)

    async def current() -> bool:
        return (await overview(gateway, TOWN))["current_to"] is not None

    await until(current)
    await gateway.stop()
    alone = await start_gateway(database_url=gateway.settings.database_url)
    shown = await overview(alone, TOWN)
    assert shown["parts"]["monitoring"]["households"] == 3
    assert datetime.fromisoformat(shown["current_to"]) < datetime.now(UTC)


async def test_before_anything_was_read_nothing_is_shown_as_zero(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    parts = (await overview(gateway, TOWN))["parts"]
    assert parts["monitoring"] == {
        "available": False,
        "because": "projection-not-current-yet",
        "detail": "The data have not been received yet",
    }
    assert {name for name, part in parts.items() if not part["available"]} == {
        "monitoring", "assets", "employment", "relief",
    }  # fmt: skip


async def test_one_partition_without_a_heartbeat_is_unknown(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    rng = random.Random(3)
    topic = f"{gateway.settings.topic_prefix}shouwang.monitoring.state"
    one = str(uuid4())
    instants = (datetime(2024, 1, 2, tzinfo=UTC), None)
    async with database.connect(gateway.runtime.engine) as connection:
        await HOUSEHOLDS.apply(connection, [state("household", one, 1, VILLAGE, household_body(rng, one, VILLAGE))])
        for partition, instant in enumerate(instants):
            await connection.execute(
                "insert into chassis.positions (topic, partition, next_offset, message_id, current_to) "
                "values ($1, $2, 1, '', $3)",
                topic,
                partition,
                instant,
            )
        assert (await overview(gateway, TOWN))["parts"]["monitoring"]["available"] is False
        await connection.execute(
            "update chassis.positions set current_to = $1 where partition = 1", datetime(2024, 1, 1, tzinfo=UTC)
        )
    assert (await overview(gateway, TOWN))["current_to"] == "2024-01-01T00:00:00+00:00"
