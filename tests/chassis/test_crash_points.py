"""SIGKILL at each named point of a real process: what was acknowledged is kept, and nothing is there twice."""

import asyncio
import contextlib
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import crash, database
from chassis.clock import DemoClock
from contracts.access import Role
from sampletown import build_town
from sampletown.national_file import write_national_csv
from tests.builders import a_resident_id
from tests.engines import PARTITIONS, FreshDatabase, Topics
from tests.processes import ROOT, ServiceProcess, running
from tests.tokens import VILLAGE, Issuer
from tests.waiting import eventually

SINGLE = ("before-commit", "after-commit", "after-send", "after-mark")
CHUNKED = ("within-import-chunk", "within-republish-chunk", "within-replay-chunk")
REACTING = ("within-effect",)


class Town:
    """The environment of a monitoring process, and a look at its database and its public log."""

    def __init__(self, url: str, kafka: Topics, issuer: Issuer, directory: Path) -> None:
        self.url, self.kafka, self.issuer, self.directory = url, kafka, issuer, directory
        DemoClock(directory / "clock.json").move(datetime(2024, 3, 12, 4, tzinfo=UTC))
        self.environment = {
            "PATH": os.environ["PATH"],
            "SHOUWANG_DATABASE_URL": url,
            "SHOUWANG_DATABASE_POOL": "4",
            "SHOUWANG_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "SHOUWANG_KAFKA_FETCH_MAX_WAIT_MS": "5",
            "SHOUWANG_TOPIC_PREFIX": kafka.prefix,
            "SHOUWANG_PERSON_KEY_SECRET": "secret-of-this-test",
            "SHOUWANG_JWKS": str(issuer.jwks),
            "SHOUWANG_DEMO": "true",
            "SHOUWANG_DEMO_CLOCK_FILE": str(directory / "clock.json"),
            "SHOUWANG_SPOOL_DIRECTORY": str(directory / "spool"),
            "SHOUWANG_ATTACHMENTS_DIRECTORY": str(directory / "attachments"),
        }

    def armed(self, point: str) -> dict[str, str]:
        assert point in crash.POINTS
        return self.environment | {"SHOUWANG_CRASH_POINT": point}

    def officer(self, key: str, content_type: str = "application/json") -> dict[str, str]:
        caller = self.issuer.officer(Role.COUNTY_OFFICER, "150623")
        return {**caller, "Idempotency-Key": key, "Content-Type": content_type}

    async def value(self, query: str) -> object:
        connection: asyncpg.Connection = await database.direct(self.url, "test")
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def all_sent(self) -> bool:
        return await self.value("select count(*) from chassis.outbox_pending") == 0

    async def log(self) -> list[tuple[str, str, str]]:
        """Message id, key and number of every domain event in the public log, in order of partition and offset."""
        topic = f"{self.kafka.prefix}shouwang.monitoring"
        places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        found = []
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka.bootstrap_servers, fetch_max_wait_ms=5)
        await consumer.start()
        try:
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends = await consumer.end_offsets(places)
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for messages in (await consumer.getmany(timeout_ms=200)).values():
                    for message in messages:
                        headers = {name: value.decode() for name, value in message.headers}
                        if "ce_sequence" in headers:
                            found.append((headers["ce_id"], (message.key or b"").decode(), headers["ce_sequence"]))
        finally:
            await consumer.stop()
        return found


@pytest.fixture
async def town(fresh_database: FreshDatabase, kafka: Topics, issuer: Issuer, tmp_path: Path) -> Town:
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    return Town(await fresh_database("monitoring"), kafka, issuer, tmp_path)


async def told_once_in_order(town: Town, events: int) -> None:
    """Every event of the outbox is in the log; one that came again came under its own id, and none overtook another."""
    await eventually(town.all_sent, within=30)
    log = await town.log()
    ids = {message for message, _, _ in log}
    assert len(ids) == events == await town.value("select count(*) from chassis.outbox where topic not like '%.state'")
    newest: Counter[str] = Counter()
    seen: set[str] = set()
    for message, key, sequence in log:
        if message not in seen:
            assert int(sequence) == newest[key] + 1
            newest[key] += 1
        seen.add(message)


HOUSEHOLD = {
    "division": VILLAGE,
    "household_type": "ordinary",
    "members": [{"name": "斯琴·高娃", "relation": "0", "resident_id": a_resident_id()}],
}


async def register(town: Town, process: ServiceProcess) -> httpx.Response:
    return await process.client.post("/v1/households", json=HOUSEHOLD, headers=town.officer("register-1"))


@pytest.mark.parametrize("point", SINGLE)
async def test_a_command_cut_off_at_a_point_has_one_effect_when_it_is_repeated(town: Town, point: str) -> None:
    first = None
    async with running(town.armed(point)) as process:
        with contextlib.suppress(httpx.TransportError):
            first = await register(town, process)
        await process.died()
    async with running(town.environment) as process:
        again = await register(town, process)
        assert again.status_code == 201, again.text
        if first is not None:
            assert first.json() == again.json()
        assert await town.value("select count(*) from household") == 1
        await told_once_in_order(town, events=1)


async def imported(town: Town, process: ServiceProcess, file: bytes) -> str:
    sent = await process.client.post("/v1/imports/national", content=file, headers=town.officer("import-1", "text/csv"))
    assert sent.status_code == 202, sent.text
    return sent.headers["Location"]


def a_town(directory: Path) -> tuple[bytes, int]:
    file, told = directory / "national.csv", build_town(1, "tiny")
    write_national_csv(file, told.households)
    return file.read_bytes(), told.scale.households


async def test_an_import_cut_off_within_a_chunk_ends_as_if_it_had_not_been(town: Town, tmp_path: Path) -> None:
    file, households = a_town(tmp_path)
    async with running(town.armed("within-import-chunk")) as process:
        with contextlib.suppress(httpx.TransportError):
            await imported(town, process, file)
        await process.died()
    async with running(town.environment) as process:
        where = await imported(town, process, file)

        async def done() -> bool:
            found = (await process.client.get(where, headers=town.officer("-"))).json()
            assert found["state"] != "failed", found
            return bool(found["state"] == "succeeded")

        await eventually(done, within=60)
        assert await town.value("select count(*) from household") == households
        assert await town.value("select count(*) from chassis.operations where kind = 'national-import'") == 1
        registered = await town.value("select count(*) from household where taken_over is null")
        assert isinstance(registered, int)
        await told_once_in_order(town, events=registered)


@pytest.mark.parametrize(
    ("point", "command"),
    [
        ("within-republish-chunk", ("republish-state",)),
        ("within-replay-chunk", ("replay", "--from", "2020-01-01")),
    ],
)
async def test_saying_things_again_survives_a_kill_within_a_chunk(
    town: Town, point: str, command: tuple[str, ...]
) -> None:
    async with running(town.environment) as process:
        assert (await register(town, process)).status_code == 201
        await eventually(town.all_sent, within=30)
    asked = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.monitoring", *command],
        cwd=ROOT,
        env=town.environment,
        capture_output=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    async with running(town.armed(point)) as process:
        await process.died()
    kind = "republish-state" if command[0] == "republish-state" else "replay"
    async with running(town.environment):
        await eventually(lambda: _succeeded(town, kind), within=60)
        await told_once_in_order(town, events=1)


async def _succeeded(town: Town, kind: str) -> bool:
    state = await town.value(f"select state from chassis.operations where kind like '{kind}%'")
    assert state != "failed"
    return state == "succeeded"


class Gateway:
    """The environment of a gateway beside a town, and its projection."""

    def __init__(self, town: Town, url: str) -> None:
        self.town, self.url = town, url
        self.environment = town.environment | {
            "SHOUWANG_DATABASE_URL": url,
            "SHOUWANG_SERVICES": "{}",
            "SHOUWANG_SIGNING_KEY_FILE": str(town.directory / "signing.json"),
            "SHOUWANG_HEARTBEAT_S": "0.5",
        }

    async def equals_the_registry(self) -> bool:
        query = "select id::text, version, division, household_type from household order by id"
        projected, recorded = [await _rows(url, query) for url in (self.url, self.town.url)]
        return bool(recorded) and projected == recorded


async def _rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection: asyncpg.Connection = await database.direct(url, "test")
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


@pytest.fixture
async def gateway(town: Town, fresh_database: FreshDatabase) -> Gateway:
    return Gateway(town, await fresh_database("gateway"))


async def test_a_reaction_cut_off_within_its_effect_happens_once(town: Town, gateway: Gateway) -> None:
    async with running(town.environment) as process:
        assert (await register(town, process)).status_code == 201
    # A gateway that starts for the first time asks for the state; monitoring dies while it takes that up.
    async with running(gateway.environment, "gateway"):
        async with running(town.armed("within-effect")) as process:
            await process.died()
        assert await town.value("select count(*) from chassis.operations where kind = 'republish-state'") == 0
        async with running(town.environment):
            await eventually(gateway.equals_the_registry, within=30)
            await eventually(lambda: _succeeded(town, "republish-state"), within=30)
            assert await town.value("select count(*) from chassis.operations where kind = 'republish-state'") == 1
            await told_once_in_order(town, events=1)


@pytest.mark.parametrize("point", SINGLE)
async def test_a_gateway_cut_off_at_a_point_ends_equal_to_the_registry(
    town: Town, gateway: Gateway, point: str
) -> None:
    async with running(town.environment) as process:
        assert (await register(town, process)).status_code == 201
        async with running(gateway.environment | {"SHOUWANG_CRASH_POINT": point}, "gateway") as cut:
            await cut.died()
        async with running(gateway.environment, "gateway"):
            await eventually(gateway.equals_the_registry, within=30)
            await told_once_in_order(town, events=1)


def test_every_point_is_killed_at() -> None:
    assert {*SINGLE, *CHUNKED, *REACTING} == set(crash.POINTS)
