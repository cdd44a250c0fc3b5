"""What stands still is seen, counted and set going again over HTTP, key by key, and holds up nobody else."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from uuid import uuid4

import pytest
from fastapi import APIRouter
from fastapi.responses import Response

from chassis import database
from chassis.access import requires
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.unit_of_work import UnitOfWork
from contracts import access
from contracts.access import Role
from contracts.events.envelope import MAX_BYTES, public_topic
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.things import (
    LARGEST_VALUE,
    READER,
    SOURCE,
    Process,
    StartProcess,
    ThingChanged,
    ThingNoted,
    first_sequences,
    has_effects,
    key_of,
    nothing_pending,
    raised,
    read_messages,
    reader_service,
    source_service,
)
from tests.waiting import eventually

router = APIRouter()


@router.post("/things/{thing}/notes", status_code=201)
async def post_note(
    thing: str, size: int, caller: Annotated[Caller, requires(access.OPERATE)], command: Command
) -> Response:
    """Change a thing and tell so in a message of a given size."""

    async def effect(uow: UnitOfWork) -> Answer:
        await uow.driver.execute("insert into thing values ($1, 1, 1)", thing)
        uow.raise_events([raised(thing, ThingNoted(note="x" * (size - len(ThingNoted().model_dump_json()))))])
        return Answer(201, {"id": thing})

    return await command.run(caller, effect)


class Operator:
    """A service whose worker runs, seen by its administrator over HTTP, with its database at hand."""

    def __init__(self, app: RunningApp, process: Process) -> None:
        self.app = app
        self.process = process
        self._as = app.officer(Role.ADMINISTRATOR)

    async def items(self, path: str) -> list[dict[str, Any]]:
        found = await self.app.get(path, as_=self._as)
        assert found.status_code == 200, found.text
        items: list[dict[str, Any]] = found.json()["items"]
        return items

    async def parked(self) -> list[tuple[str, str]]:
        """Key and reason of every parked message, in order, as the API tells them."""
        return [(item["key"], item["reason"]) for item in await self.items("/v1/parked-messages")]

    async def set_going(self, path: str) -> int:
        return (await self.app.post(path, {}, as_=self._as)).status_code

    async def standing(self) -> dict[str, Any]:
        body: dict[str, Any] = (await self.app.client.get("/readyz")).json()
        return body

    async def measured(self, line: str) -> bool:
        return line in (await self.app.client.get("/metrics")).text.splitlines()

    async def database(self, statement: str) -> None:
        async with database.connect(self.app.runtime.engine) as connection:
            await connection.execute(statement)


@pytest.fixture
async def source(start_process: StartProcess, kafka: Topics) -> Process:
    await kafka.create_topics(SOURCE, READER)
    return await start_process(source_service, kafka)


@pytest.fixture
async def reader(source: Process, start_process: StartProcess, start_app: StartApp, kafka: Topics) -> Operator:
    process = await start_process(reader_service, kafka, worker=False)
    app = await start_app(reader_service, worker=True, database_url=process.url, heartbeat_s=0.1)
    return Operator(app, process)


async def _has_parked(reader: Operator, count: int) -> bool:
    return len(await reader.parked()) == count


async def _gone(reader: Operator) -> bool:
    return await reader.parked() == []


async def test_a_poisoned_message_parks_its_key_and_is_replayed_in_order_once_it_is_cured(
    source: Process, reader: Operator
) -> None:
    await reader.database(f"insert into broken values ('{key_of('bad')}')")
    for value in (1, 2, 3):
        await source.change("bad", value)
        await source.change("good", value)
    await eventually(lambda: has_effects(reader.process, "good", 3))
    await eventually(lambda: _has_parked(reader, 3))
    assert await reader.parked() == [
        (key_of("bad"), "ValueError"),
        (key_of("bad"), "behind-parked"),
        (key_of("bad"), "behind-parked"),
    ]
    assert await reader.process.effects("bad") == []
    assert await reader.process.effects("good") == [1, 2, 3]

    standing = await reader.standing()
    assert (standing["status"], standing["parked_messages"]) == ("ready", 3)
    assert "parked_messages" in standing["degraded"]
    await eventually(lambda: reader.measured('shouwang_consumer_parked{reason="behind-parked"} 2.0'))
    assert await reader.measured('shouwang_consumer_parked{reason="ValueError"} 1.0')

    last = (await reader.items("/v1/parked-messages"))[-1]["id"]
    await reader.database("delete from broken")
    assert await reader.set_going(f"/v1/parked-messages/{last}/replay") == 202
    await eventually(lambda: _gone(reader))
    assert await reader.process.effects("bad") == [1, 2, 3]
    await source.change("bad", 4)
    await eventually(lambda: has_effects(reader.process, "bad", 4))
    assert await reader.process.effects("bad") == [1, 2, 3, 4]
    await eventually(lambda: _nothing_counted(reader))


async def _nothing_counted(reader: Operator) -> bool:
    metrics = (await reader.app.client.get("/metrics")).text
    return (
        "shouwang_consumer_parked{" not in metrics
        and "parked_messages" not in (await reader.standing())["degraded"]
        and await reader.measured("shouwang_consumer_parked_oldest_seconds 0.0")
    )


async def test_a_replay_before_the_cure_parks_the_whole_key_again_in_its_order(
    source: Process, reader: Operator
) -> None:
    await reader.database(f"insert into broken values ('{key_of('bad')}')")
    for value in (1, 2):
        await source.change("bad", value)
    await eventually(lambda: _has_parked(reader, 2))
    before = await reader.items("/v1/parked-messages")
    assert await reader.set_going(f"/v1/parked-messages/{before[0]['id']}/replay") == 202
    await eventually(
        lambda: reader.process.value("select count(*) = 0 from chassis.parked_messages where released_at is not null")
    )
    assert await reader.items("/v1/parked-messages") == before
    assert await reader.process.effects("bad") == []


async def test_pages_of_parked_messages_follow_each_other(source: Process, reader: Operator) -> None:
    await reader.database(f"insert into broken values ('{key_of('bad')}')")
    for value in range(1, 6):
        await source.change("bad", value)
    await eventually(lambda: _has_parked(reader, 5))
    seen: list[int] = []
    path: str | None = "/v1/parked-messages?limit=2"
    while path is not None:
        page = await reader.app.get(path, as_=reader.app.officer(Role.ADMINISTRATOR))
        seen += [item["id"] for item in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else None
    assert seen == [item["id"] for item in await reader.items("/v1/parked-messages")]


async def test_what_waits_for_a_state_goes_on_by_itself_when_that_has_come(source: Process, reader: Operator) -> None:
    async with source.unit() as uow:  # two events whose state is not said yet
        uow.raise_events([raised("late", ThingChanged(value=value, needs_state=True)) for value in (1, 2)])
        await uow.commit()
    await source.change("other", 1, needs_state=True)
    await eventually(lambda: _has_parked_of(reader, "late", 2))
    waiting, behind = await _parked_of(reader, "late")
    assert (waiting["reason"], waiting["waiting_for"]) == ("waiting-for-state", key_of("late"))
    assert (behind["reason"], behind["waiting_for"]) == ("behind-parked", None)
    await eventually(lambda: has_effects(reader.process, "other", 1))
    await source.change("late", 3, needs_state=True)
    await eventually(lambda: has_effects(reader.process, "late", 3))
    assert await reader.process.effects("late") == [1, 2, 3]
    await eventually(lambda: _gone(reader))


async def _parked_of(reader: Operator, thing: str) -> Sequence[dict[str, Any]]:
    return [item for item in await reader.items("/v1/parked-messages") if item["key"] == key_of(thing)]


async def _has_parked_of(reader: Operator, thing: str, count: int) -> bool:
    return len(await _parked_of(reader, thing)) == count


async def test_a_state_that_failed_is_cured_by_the_next_of_its_key(source: Process, reader: Operator) -> None:
    await source.change("a", LARGEST_VALUE + 1)
    await source.change("b", LARGEST_VALUE)
    await eventually(lambda: reader.process.value("select true from seen_thing where id = 'b'"))
    await eventually(lambda: _has_parked(reader, 1))
    assert await reader.parked() == [(key_of("a"), "state-failed")]
    await source.change("a", 2)
    await eventually(lambda: _gone(reader))
    assert await reader.process.value("select value from seen_thing where id = 'a'") == 2


async def test_only_an_administrator_sets_going_and_only_what_is_there(reader: Operator) -> None:
    for path in ("/v1/parked-messages/1/replay", "/v1/outbox/parked-keys/1/release"):
        assert await reader.set_going(path) == 404
        assert (await reader.app.post(path, {})).status_code == 403
    for path in ("/v1/parked-messages", "/v1/outbox/parked-keys"):
        assert (await reader.app.get(path)).status_code == 403


@pytest.fixture
async def sender(start_process: StartProcess, start_app: StartApp, kafka: Topics) -> Operator:
    await kafka.create_topics(SOURCE, READER)
    process = await start_process(source_service, kafka, worker=False)
    service = replace(source_service, routers=[router])
    return Operator(await start_app(service, worker=True, database_url=process.url, heartbeat_s=0.1), process)


async def test_a_change_whose_message_is_a_byte_too_large_is_refused_whole(sender: Operator, kafka: Topics) -> None:
    administrator = sender.app.officer(Role.ADMINISTRATOR)
    fits = await sender.app.post(f"/v1/things/fits/notes?size={MAX_BYTES}", {}, as_=administrator)
    refused = await sender.app.post(f"/v1/things/large/notes?size={MAX_BYTES + 1}", {}, as_=administrator)
    assert fits.status_code == 201
    assert (refused.status_code, refused.json()["code"]) == (413, "message-too-large")
    assert await sender.process.fetch("select id from thing") == [("fits",)]
    await eventually(lambda: nothing_pending(sender.process))
    assert first_sequences(await read_messages(kafka)) == {key_of("fits"): [1]}


_LARGE_ROW = """
with written as (
    insert into chassis.outbox (topic, key, event_id, type, sequence, headers, payload)
    values ($1, $2, $3, 'too-large', 1, '{}', convert_to(repeat('x', 950000), 'utf-8')) returning *
), numbered as (
    insert into chassis.streams (key, sequence) values ($2, 1)
)
insert into chassis.outbox_pending (id, recorded_at, topic, key) select id, recorded_at, topic, key from written
"""


async def test_a_row_that_cannot_be_sent_stands_still_with_its_key_until_it_is_mended(
    sender: Operator, kafka: Topics
) -> None:
    source = sender.process
    # Larger than any command would be let through with; what a later release with a smaller limit may find.
    await source.fetch(_LARGE_ROW, public_topic(SOURCE, kafka.prefix), key_of("large"), uuid4())
    for thing in ("large", "other", "large"):
        await source.change(thing, 1)

    async def parked() -> bool:
        return bool(await sender.items("/v1/outbox/parked-keys"))

    await eventually(parked)
    await source.change("other", 2)
    await eventually(lambda: source.value("select count(*) = 3 from chassis.outbox_pending"))
    assert first_sequences(await read_messages(kafka)) == {key_of("other"): [1, 2]}
    (item,) = await sender.items("/v1/outbox/parked-keys")
    assert (item["key"], item["reason"]) == (key_of("large"), "too-large")
    standing = await sender.standing()
    assert (standing["status"], standing["outbox_parked_keys"]) == ("ready", 1)
    assert "outbox_parked_keys" in standing["degraded"]
    await eventually(lambda: sender.measured("shouwang_outbox_parked_keys 1.0"))

    release = f"/v1/outbox/parked-keys/{item['outbox_id']}/release"
    assert await sender.set_going(release) == 202
    await eventually(parked)  # nothing was mended: it stands still again
    assert first_sequences(await read_messages(kafka)) == {key_of("other"): [1, 2]}
    await sender.database("update chassis.outbox set payload = convert_to('{}', 'utf-8') where type = 'too-large'")
    assert await sender.set_going(release) == 202
    await eventually(lambda: nothing_pending(source))
    assert first_sequences(await read_messages(kafka)) == {key_of("large"): [1, 2, 3], key_of("other"): [1, 2]}
    await eventually(lambda: sender.measured("shouwang_outbox_parked_keys 0.0"))
