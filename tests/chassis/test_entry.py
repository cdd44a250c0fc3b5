"""A process as an operator starts it: what keeps it from starting is one plain line, and never a secret."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis import database, projection_drop
from chassis.leadership import LeadershipLost, leadership
from tests.engines import FreshDatabase, Topics
from tests.tokens import Issuer

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-that-nobody-may-see"
Environment = dict[str, str]


@pytest.fixture
def environment(kafka: Topics, issuer: Issuer) -> Environment:
    return {
        "PATH": os.environ["PATH"],
        "SHOUWANG_DATABASE_URL": f"postgresql+asyncpg://someone:{SECRET}@127.0.0.1:1/nothing",
        "SHOUWANG_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "SHOUWANG_TOPIC_PREFIX": kafka.prefix,
        "SHOUWANG_PERSON_KEY_SECRET": SECRET,
        "SHOUWANG_JWKS": str(issuer.jwks),
        "SHOUWANG_LISTEN_PORT": "0",
    }


def run(environment: Environment, *arguments: str, module: str = "services.assets") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refusal(environment: Environment, *arguments: str, module: str = "services.assets") -> str:
    """The one line that a process which did not start has said."""
    ended = run(environment, *arguments, module=module)
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert SECRET not in ended.stderr
    (line,) = ended.stderr.splitlines()
    return line


def test_a_missing_setting_is_named_in_one_line() -> None:
    line = refusal({"PATH": os.environ["PATH"], "SHOUWANG_PERSON_KEY_SECRET": SECRET}, "serve")
    assert line.startswith("assets: set SHOUWANG_DATABASE_URL (")
    assert "set SHOUWANG_JWKS" in line
    assert "SHOUWANG_PERSON_KEY_SECRET" not in line


def test_a_wrong_setting_is_named_without_its_value(environment: Environment) -> None:
    line = refusal(environment | {"SHOUWANG_DATABASE_POOL": "lots"}, "serve")
    assert line.startswith("assets: SHOUWANG_DATABASE_POOL is not valid: ")
    assert "lots" not in line


def test_demo_is_refused_on_an_open_listener(environment: Environment) -> None:
    line = refusal(environment | {"SHOUWANG_DEMO": "true", "SHOUWANG_LISTEN_HOST": "0.0.0.0"}, "serve")
    assert "DEMO is refused" in line


@pytest.mark.parametrize("command", ["serve", "migrate", "rebuild-projection"])
def test_an_unreachable_database_is_one_line(environment: Environment, command: str) -> None:
    assert refusal(environment, command).endswith("check SHOUWANG_DATABASE_URL")


async def test_a_database_that_is_not_migrated_is_one_line(
    environment: Environment, fresh_database: FreshDatabase
) -> None:
    url = await fresh_database("assets")
    connection = await database.direct(url, "test")
    await connection.execute("update chassis.chassis_version set version_num = '0000'")
    await connection.close()
    line = refusal(environment | {"SHOUWANG_DATABASE_URL": url}, "serve")
    assert line.endswith("run `python -m services.assets migrate` first")


async def test_a_taken_port_is_one_line(
    environment: Environment, fresh_database: FreshDatabase, loopback: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = refusal(
            environment | {"SHOUWANG_DATABASE_URL": await fresh_database("assets"), "SHOUWANG_LISTEN_PORT": port},
            "serve",
        )
    assert f"cannot listen on 127.0.0.1:{port}" in line


def test_an_unknown_kind_of_state_is_one_line(environment: Environment) -> None:
    line = refusal(environment, "republish-state", "--kind", "nothing", module="services.monitoring")
    assert line.startswith("monitoring: no such kind of state: nothing; there are: ")


Started = Callable[..., str]


@pytest.fixture
def started(environment: Environment) -> Iterator[Started]:
    """Starts a process and returns its base URL; it must end by SIGTERM."""
    running: list[subprocess.Popen[str]] = []

    def start(command: str, url: str) -> str:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.assets", command],
            cwd=ROOT,
            env=environment | {"SHOUWANG_DATABASE_URL": url},
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        assert line["event"] == "listening"
        return f"http://127.0.0.1:{line['port']}"

    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == -signal.SIGTERM


async def test_serve_answers_and_ends_by_a_signal(started: Started, fresh_database: FreshDatabase) -> None:
    base = started("serve", await fresh_database("assets"))
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        ready = await client.get("/readyz")
        clauses = await client.get("/v1/policy/clauses")
    assert ready.status_code == 200
    assert ready.json()["service"] == "assets"
    assert clauses.status_code == 401


async def test_a_worker_has_health_and_metrics_and_no_other_route(
    started: Started, fresh_database: FreshDatabase
) -> None:
    base = started("worker", await fresh_database("assets"))
    async with httpx.AsyncClient(base_url=base, timeout=30) as client:
        statuses = [(await client.get(path)).status_code for path in ("/readyz", "/metrics", "/v1/policy/clauses")]
    assert statuses == [200, 200, 404]


async def operations(url: str) -> list[asyncpg.Record]:
    connection = await database.direct(url, "test")
    try:
        return await connection.fetch("select kind, division, person, arguments from chassis.operations")
    finally:
        await connection.close()


async def test_republish_state_is_accepted_for_the_worker(
    environment: Environment, fresh_database: FreshDatabase
) -> None:
    url = await fresh_database("monitoring")
    ended = run(
        environment | {"SHOUWANG_DATABASE_URL": url},
        "republish-state", "--kind", "household", "--division", "150623100", module="services.monitoring",
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    (row,) = await operations(url)
    assert (row["kind"], row["division"], row["person"]) == ("republish-state", "150623100", "operator")
    assert row["arguments"] == {"kinds": ["household"]}


async def test_replay_is_accepted_with_both_of_its_ends(
    environment: Environment, fresh_database: FreshDatabase
) -> None:
    url = await fresh_database("assets")
    ended = run(
        environment | {"SHOUWANG_DATABASE_URL": url}, "replay", "--from", "2024-03-01", "--to", "2024-03-02T12:00:00"
    )
    assert ended.returncode == 0, ended.stderr
    (row,) = await operations(url)
    assert row["arguments"]["since"] == "2024-03-01T00:00:00+00:00"
    assert row["arguments"]["until"] == "2024-03-02T12:00:00+00:00"


async def test_migrate_brings_an_empty_database_up(environment: Environment, postgres, fresh_database) -> None:  # type: ignore[no-untyped-def]
    await postgres.create_database("entry_empty")
    try:
        ended = run(environment | {"SHOUWANG_DATABASE_URL": postgres.url("entry_empty")}, "migrate")
        assert ended.returncode == 0, ended.stderr
        assert await operations(postgres.url("entry_empty")) == []
    finally:
        await postgres.drop_database("entry_empty")


class Kept:
    """A projection of one table."""

    source, kind, tables = "monitoring", "household", ("known_household",)

    async def apply(self, connection: object, states: object) -> None:
        raise AssertionError("nothing is read here")


async def test_dropping_a_projection_takes_the_lead_and_forgets_the_positions(fresh_database: FreshDatabase) -> None:
    url = await fresh_database("assets")
    connection = await database.direct(url, "test")
    await connection.execute("create table known_household (id text); insert into known_household values ('1')")
    await connection.execute(
        "insert into chassis.positions values ('shouwang.monitoring.state', 0, 5, 'm', null),"
        " ('shouwang.monitoring', 0, 7, 'm', null)"
    )
    leads = asyncio.Event()

    async def lead() -> None:
        async with leadership(url, "consumer"), asyncio.timeout(20):
            leads.set()
            await asyncio.Event().wait()

    leading = asyncio.create_task(lead())
    await leads.wait()
    assert await projection_drop.drop_projections(url, [Kept()], "") == ("known_household",)
    with pytest.raises(LeadershipLost):
        await leading
    assert await connection.fetchval("select count(*) from known_household") == 0
    assert [row["topic"] for row in await connection.fetch("select topic from chassis.positions")] == [
        "shouwang.monitoring"
    ]
    await connection.close()
