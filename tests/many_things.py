"""Thousands of things changed in one transaction each round, and whether a reader ends equal to their source."""

from contracts.events.envelope import EventData
from tests.things import Process, ThingChanged, raised, state

_CHANGE = """
insert into thing as known (id, value, version) select 'thing-' || n, n, 1 from generate_series(1, $1) as n
on conflict (id) do update set value = known.value + 1, version = known.version + 1
returning id, value, version
"""


async def change_many(source: Process, things: int, *, told: int) -> None:
    """Change the first so many things and say how they stand; the first `told` of them tell it in public as well."""
    async with source.unit() as uow:
        rows = await uow.driver.fetch(_CHANGE, things)
        event: EventData
        for row in rows[:told]:
            event = ThingChanged(value=row["value"])
            uow.raise_events([raised(row["id"], event, row["version"])])
        uow.publish_state(state(row["id"], row["value"], row["version"]) for row in rows)
        await uow.commit()


async def rows_of_source(source: Process) -> list[tuple[object, ...]]:
    """Every thing as the source has it."""
    return [tuple(row) for row in await source.fetch("select id, value, version from thing order by id")]


async def rows_of_reader(reader: Process) -> list[tuple[object, ...]]:
    """Every thing as the reader projected it."""
    return [tuple(row) for row in await reader.fetch("select id, value, version from seen_thing order by id")]


async def told_by_source(source: Process) -> list[tuple[object, ...]]:
    """Key and number of every public event that the source ever told of its things, in order."""
    query = "select key, sequence from chassis.outbox where type like '%.thing-changed.v1' order by key, sequence"
    return [tuple(row) for row in await source.fetch(query)]


async def effects_of_reader(reader: Process) -> list[tuple[object, ...]]:
    """Key and number of every effect that the reader carried out; one that ran twice stands there twice."""
    return [tuple(row) for row in await reader.fetch("select key, sequence from effect order by key, sequence")]


async def equals_source(reader: Process, source: Process) -> bool:
    """Whether the reader's projection equals the source row for row, and each event had its one effect."""
    if await _sums(source, "thing", "chassis.outbox") != await _sums(reader, "seen_thing", "effect"):
        return False
    return await rows_of_reader(reader) == await rows_of_source(source) and await effects_of_reader(
        reader
    ) == await told_by_source(source)


async def _sums(process: Process, things: str, events: str) -> tuple[object, ...]:
    """Asked again and again while thousands of rows come, where the rows themselves would cost too much."""
    told = " where type like '%.thing-changed.v1'" if events == "chassis.outbox" else ""
    query = f"select count(*), sum(version), (select count(*) from {events}{told}) from {things}"
    return tuple((await process.fetch(query))[0])
