"""Whole stories over HTTP and Kafka: a service with its worker, and what the outside heard of a household."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from chassis import database
from chassis.clock import DemoClock
from chassis.kafka import Received, received
from contracts.events.envelope import public_topic, state_topic
from tests.apps import StartApp
from tests.engines import Topics
from tests.monitoring.registry.conftest import REGISTERED, Registered, Registry
from tests.things import read
from tests.waiting import eventually

SERVICES = ("monitoring", "assets", "employment", "relief", "gateway")
_STATES = """
select 'household/' || id as key, version from household union all
select 'case/' || id, version from case_file union all
select 'measure/' || id, version from measure union all
select 'flag/' || id, version from flag
"""


@dataclass(frozen=True, slots=True)
class Outside:
    """A reader of the two logs who knows nothing of the service but its contracts."""

    registry: Registry
    topics: Topics

    async def all_sent(self) -> bool:
        async with database.connect(self.registry.app.runtime.engine) as connection:
            pending: int = await connection.fetchval("select count(*) from chassis.outbox_pending")
        return pending == 0

    async def heard(self, household: Registered) -> list[str]:
        """The names of the household's public events in the order of the log, each id once; numbered without gap."""
        await eventually(self.all_sent)
        messages = await self._log(public_topic("monitoring", self.topics.prefix))
        mine = {m.event_id: m for m in messages if m.key == f"household/{household.id}"}
        numbers = [message.sequence for message in mine.values()]
        assert numbers == list(range(1, len(numbers) + 1)), "in order, none lost, none doubled"
        told = [name for name, _, _ in await self.registry.told(household)]
        names = [message.type.split(".")[2] for message in mine.values()]
        assert names == told, "the log says what the registry recorded"
        return names

    async def states_agree(self) -> None:
        """The newest state of every aggregate in the log is the one that stands in the database, row for row."""
        await eventually(self.all_sent)
        newest: dict[str, int] = {}
        for message in await self._log(state_topic("monitoring", self.topics.prefix)):
            newest[message.key] = max(newest.get(message.key, 0), message.sequence)
        stored = {row["key"]: row["version"] for row in await self.registry.rows(_STATES)}
        assert {key: newest.get(key) for key in stored} == stored

    async def _log(self, topic: str) -> list[Received]:
        messages = [received(record) for record in await read(self.topics, topic)]
        return [message for message in messages if "heartbeat" not in message.type]


@pytest.fixture
async def registry(start_app: StartApp, business_clock: DemoClock, kafka: Topics) -> Registry:
    """A monitoring service with its worker on the embedded broker, on the day on which households are registered."""
    await kafka.create_topics(*SERVICES)
    registry = Registry(await start_app("monitoring", worker=True), business_clock)
    registry.on(REGISTERED)
    return registry


@pytest.fixture
async def outside(registry: Registry, kafka: Topics) -> AsyncIterator[Outside]:
    """The reader; when a story has ended, every state in the log is the one that stands."""
    reader = Outside(registry, kafka)
    yield reader
    await reader.states_agree()
