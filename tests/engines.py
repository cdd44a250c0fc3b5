"""Fixtures for tests on real engines: one embedded PostgreSQL and one embedded broker for each xdist worker.

A test that commits gets a database of its own, copied from a template that is migrated once; a test that rolls back
shares one; topics carry a prefix of their own. Nothing here is started before a test asks for it.
"""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from launcher.engines.broker import EmbeddedBroker
from launcher.engines.errors import EngineInUse
from launcher.engines.kafka import RealKafka
from launcher.engines.places import hold, own_directory
from launcher.engines.postgres import EmbeddedPostgres

PARTITIONS = 4
SHARED_MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 * 2**30

FreshDatabase = Callable[[str], Awaitable[str]]
RolledBack = Callable[[str], Awaitable[AsyncConnection]]


@pytest.fixture
def loopback() -> None:
    """Opens 127.0.0.1 for the test (by a marker that tests/conftest.py sets); everything else stays closed."""


@pytest.fixture(scope="session")
def engines_directory() -> Iterator[Path]:
    """A directory for the engines of this worker; what killed workers left is cleared away first."""
    with _held_directory(_memory() or Path(tempfile.gettempdir())) as directory:
        yield directory


@contextmanager
def _held_directory(place: Path) -> Iterator[Path]:
    # Not tmp_path: engines started by root need a way in for others, and a socket's path must be short.
    root = own_directory(place / f"shouwang-tests-{os.geteuid()}")
    for old in root.iterdir():
        _clear_if_abandoned(old)
    directory = own_directory(root / uuid4().hex[:8])
    with hold(directory):
        yield directory
        shutil.rmtree(directory)


def _memory() -> Path | None:
    """A file system in memory, where a database is copied in 15 ms; on a busy disk the same takes up to 300."""
    if not SHARED_MEMORY.is_dir() or not os.access(SHARED_MEMORY, os.W_OK):
        return None
    room = os.statvfs(SHARED_MEMORY)
    # In a container it may be too small, or closed to the programs that are copied beside the data for root.
    fits = room.f_bavail * room.f_frsize > ENOUGH_MEMORY and not room.f_flag & os.ST_NOEXEC
    return SHARED_MEMORY if fits else None


def _clear_if_abandoned(directory: Path) -> None:
    try:
        with hold(directory):
            shutil.rmtree(directory, ignore_errors=True)
    except (EngineInUse, FileNotFoundError):
        return


@pytest.fixture(scope="session")
def postgres(engines_directory: Path) -> Iterator[EmbeddedPostgres]:
    """This worker's PostgreSQL, which flushes nothing to disk."""
    with EmbeddedPostgres(engines_directory / "postgres", durable=False) as started:
        yield started


class Databases:
    """The databases of one worker: a migrated template per service, and copies of it."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        self._postgres = postgres
        self._numbers = itertools.count(1)
        self._migrated: set[str] = set()

    async def copy(self, service: str) -> str:
        """The name of a new copy of the service's template."""
        name = f"{service}_{next(self._numbers)}"
        await self._postgres.create_database(name, template=await self._template(service))
        return name

    async def shared(self, service: str) -> str:
        """The name of the one copy for tests that leave nothing behind."""
        name = f"{service}_shared"
        await self._postgres.create_database(name, template=await self._template(service))
        return name

    async def _template(self, service: str) -> str:
        name = f"{service}_template"
        if service not in self._migrated:
            from chassis.migrations import migrate

            await self._postgres.create_database(name)
            await migrate(self._postgres.url(name), service)
            self._migrated.add(service)
        return name


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Databases:
    """The migrated templates of this worker."""
    return Databases(postgres)


@pytest.fixture
async def fresh_database(postgres: EmbeddedPostgres, databases: Databases) -> AsyncIterator[FreshDatabase]:
    """`url = await fresh_database("monitoring")`: a migrated, empty database for tests that commit."""
    created: list[str] = []

    async def create(service: str) -> str:
        name = await databases.copy(service)
        created.append(name)
        return postgres.url(name)

    yield create
    for name in created:
        await postgres.drop_database(name)


@pytest.fixture
async def rolled_back(postgres: EmbeddedPostgres, databases: Databases) -> AsyncIterator[RolledBack]:
    """`connection = await rolled_back("monitoring")`: in a transaction that the end of the test rolls back."""
    async with AsyncExitStack() as stack:

        async def connect(service: str) -> AsyncConnection:
            engine = create_async_engine(postgres.url(await databases.shared(service)), poolclass=NullPool)
            stack.push_async_callback(engine.dispose)
            connection = await stack.enter_async_context(engine.connect())
            transaction = await connection.begin()
            stack.push_async_callback(transaction.rollback)
            return connection

        yield connect


@pytest.fixture(scope="session")
def broker() -> Iterator[EmbeddedBroker]:
    """This worker's embedded broker; a test that cuts or breaks it starts one of its own."""
    with EmbeddedBroker() as started:
        yield started


@pytest.fixture(scope="session")
def real_kafka() -> Iterator[RealKafka]:
    """A real Apache Kafka with three brokers, its data on a disk, for tests marked `live`."""
    with (
        _held_directory(Path(tempfile.gettempdir())) as directory,
        RealKafka(directory / "kafka", brokers=3) as started,
    ):
        yield started


CreateTopic = Callable[[str, int, bool], Awaitable[None]]


@dataclass(frozen=True)
class Topics:
    """Where a test finds Kafka, and the prefix that keeps its topics apart from every other test's."""

    bootstrap_servers: str
    prefix: str
    create: CreateTopic
    created: list[str] = field(default_factory=list)

    async def create_topics(self, *services: str, partitions: int = PARTITIONS) -> None:
        """Creates the public and the state topic of each service."""
        for service in services:
            for suffix, compacted in (("", False), (".state", True)):
                name = f"{self.prefix}shouwang.{service}{suffix}"
                await self.create(name, partitions, compacted)
                self.created.append(name)


@pytest.fixture
def topic_prefix() -> str:
    """What the names of this test's topics begin with."""
    return f"test-{uuid4().hex[:8]}."


@pytest.fixture
def kafka(broker: EmbeddedBroker, topic_prefix: str, loopback: None) -> Iterator[Topics]:
    """The embedded broker for one test: `await kafka.create_topics("monitoring")`."""

    async def create(name: str, partitions: int, compacted: bool) -> None:
        broker.create_topic(name, partitions)  # it compacts nothing

    topics = Topics(broker.bootstrap_servers, topic_prefix, create)
    yield topics
    for name in topics.created:
        broker.delete_topic(name)


@pytest.fixture
def live_kafka(real_kafka: RealKafka, topic_prefix: str, loopback: None) -> Topics:
    """The real Kafka for one test marked `live`, in the same form as `kafka`."""

    async def create(name: str, partitions: int, compacted: bool) -> None:
        await real_kafka.create_topic(name, partitions, compacted=compacted)

    return Topics(real_kafka.bootstrap_servers, topic_prefix, create)
