"""A real Kafka that loses a broker under load, and one that is gone for a while: nothing is lost, nothing doubled."""

import asyncio
import time

import pytest

from launcher.engines.kafka import RealKafka
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.things import (
    READER,
    SOURCE,
    Process,
    StartProcess,
    ended,
    first_sequences,
    has_effects,
    key_of,
    read,
    read_messages,
    reader_service,
    source_service,
)
from tests.waiting import eventually

KEYS = [f"hot-{number}" for number in range(6)]
WARM = 20
HALF = 120


async def write(source: Process, values: range) -> None:
    """Six writers at once, each counting up on a key of its own."""

    async def count_up(key: str) -> None:
        for value in values:
            await source.change(key, value)

    await asyncio.gather(*(count_up(key) for key in KEYS))


async def has_all(reader: Process, count: int) -> bool:
    return all([await has_effects(reader, key, count) for key in KEYS])


@pytest.mark.live
@pytest.mark.timeout(180)
async def test_a_broker_killed_under_load_loses_nothing_and_reorders_nothing(
    real_kafka: RealKafka, live_kafka: Topics, start_process: StartProcess
) -> None:
    await live_kafka.create_topics(SOURCE, READER)
    source = await start_process(source_service, live_kafka)
    reader = await start_process(reader_service, live_kafka)
    # A reader that has just started is slower than six writers: it keeps up with them before the broker is killed.
    await write(source, range(1, WARM + 1))
    await eventually(lambda: has_all(reader, WARM))
    writing = asyncio.create_task(write(source, range(WARM + 1, HALF + 1)))
    await eventually(lambda: has_effects(reader, KEYS[0], WARM + 1))
    assert not writing.done()
    real_kafka.kill(1)
    await writing
    # What the writers wrote comes through while one of three is dead.
    await eventually(lambda: has_all(reader, HALF), within=60)
    writing = asyncio.create_task(write(source, range(HALF + 1, 2 * HALF + 1)))
    await asyncio.to_thread(real_kafka.restart, 1)
    await writing
    await eventually(lambda: has_all(reader, 2 * HALF), within=60)
    for key in KEYS:
        assert await reader.effects(key) == list(range(1, 2 * HALF + 1)), "each effect once and in order"
    await eventually(lambda: reader.value(f"select bool_and(value = {2 * HALF}) from seen_thing"))
    assert first_sequences(await read_messages(live_kafka)) == {
        key_of(key): list(range(1, 2 * HALF + 1)) for key in KEYS
    }
    assert await reader.parked() == []
    await ended(reader, source)


async def register(app: RunningApp) -> str:
    made = await app.post("/v1/households", A_HOUSEHOLD)
    assert made.status_code == 201, made.text
    identifier: str = made.json()["id"]
    return identifier


async def metric(app: RunningApp, name: str) -> float:
    lines = (await app.get("/metrics")).text.splitlines()
    return float(next(line for line in lines if line.startswith(f"{name} ")).split(" ")[1])


async def all_told(topics: Topics, households: list[str]) -> bool:
    headers = [dict(record.headers) for record in await read(topics, f"{topics.prefix}shouwang.monitoring")]
    told = [each["ce_subject"].decode() for each in headers if b"household-registered" in each["ce_type"]]
    return set(told) >= set(households)


@pytest.mark.live
@pytest.mark.timeout(180)
async def test_without_kafka_commands_are_accepted_and_everything_is_delivered_afterwards(
    real_kafka: RealKafka, live_kafka: Topics, start_app: StartApp
) -> None:
    await live_kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    app = await start_app(
        "monitoring", worker=True, kafka_bootstrap_servers=live_kafka.bootstrap_servers, topic_prefix=live_kafka.prefix
    )
    households = [await register(app)]
    await eventually(lambda: all_told(live_kafka, households))
    for index in range(3):
        real_kafka.kill(index)
    gone = time.monotonic()
    households += [await register(app) for _ in range(20)]
    assert (await app.get(f"/v1/households/{households[-1]}")).status_code == 200

    async def degraded() -> bool:
        answer = await app.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ready")
        return "relay" in answer.json()["degraded"]

    async def lag_is_seen() -> bool:
        oldest = await metric(app, "shouwang_outbox_oldest_seconds")
        return await metric(app, "shouwang_outbox_pending") >= 40 and 2 < oldest < time.monotonic() - gone + 1

    await eventually(lag_is_seen, within=30)
    await eventually(degraded, within=40)
    households.append(await register(app))
    await asyncio.gather(*(asyncio.to_thread(real_kafka.restart, index) for index in range(3)))
    await eventually(lambda: all_told(live_kafka, households), within=60)

    async def whole_again() -> bool:
        answer = await app.get("/readyz")
        return answer.json()["degraded"] == [] and answer.json()["outbox_pending"] == 0

    await eventually(whole_again, within=40)
    assert sorted(item["id"] for item in (await app.get("/v1/households?limit=100")).json()["items"]) == sorted(
        households
    )
