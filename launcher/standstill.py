"""Whether everything has come to rest, which must be so before the business clock jumps.

At rest means: no operation unfinished, no outbox with a message to send, every consumer read to the end of what was
sent, every daily job done to yesterday. The launcher owns the databases of a run, and looks into them for this alone.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from types import TracebackType
from typing import Self

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis import positions
from chassis.clock import BusinessClock
from launcher.errors import WorkFailed
from launcher.listening import TOPIC, Listener
from launcher.standing import Engines
from launcher.topics import PROCESSES, TOPICS

WITHIN_S = 120.0
_LOOK_EVERY_S = 0.05
_UNDONE = """
select (select count(*) from chassis.operations where state in ('accepted', 'running'))
     + (select count(*) from chassis.outbox_pending)
     + (select count(*) from chassis.sweeps where done_to < $1)
"""


def behind(ends: Mapping[TopicPartition, int], read: Mapping[TopicPartition, int]) -> list[TopicPartition]:
    """The partitions of which something was sent that was not read; those that nobody reads are not in `read`."""
    return [place for place, offset in read.items() if offset < ends.get(place, 0)]


class Standstill:
    """Looks at the databases and the broker of a run. Use as an asynchronous context manager."""

    def __init__(self, engines: Engines, listener: Listener, clock: BusinessClock) -> None:
        self._clock = clock
        self._engines = engines
        self._listener = listener
        self._stack = AsyncExitStack()
        self._databases: list[asyncpg.Connection] = []
        self._places = [TopicPartition(topic.name, n) for topic in TOPICS for n in range(engines.partitions)]

    async def __aenter__(self) -> Self:
        for name in PROCESSES:
            connection = await asyncpg.connect(self._engines.postgres.dsn(name))
            self._stack.push_async_callback(connection.close)
            self._databases.append(connection)
        self._consumer = AIOKafkaConsumer(bootstrap_servers=self._engines.bootstrap_servers)
        await self._consumer.start()
        self._stack.push_async_callback(self._consumer.stop)
        self._consumer.assign(self._places)
        self._consumer.pause(*self._places)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def reached(self) -> None:
        """Return when all is at rest; raises WorkFailed when it does not come to that."""
        deadline = time.monotonic() + WITHIN_S
        while not await self._at_rest():
            if time.monotonic() > deadline:
                raise WorkFailed("events", f"still on their way after {WITHIN_S:.0f} s")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _at_rest(self) -> bool:
        if any(await self._undone()):
            return False
        ends = await self._consumer.end_offsets(self._places)
        heard = {place: self._listener.next_offsets.get(place, 0) for place in self._places if place.topic == TOPIC}
        if behind(ends, heard):
            return False
        for database in self._databases:
            saved = await positions.load(database)
            if behind(ends, {TopicPartition(*place): each.next_offset for place, each in saved.items()}):
                return False
        # What a consumer read last may have made new messages.
        return not any(await self._undone())

    async def _undone(self) -> Sequence[int]:
        ended = self._clock.today() - timedelta(days=1)
        return [await database.fetchval(_UNDONE, ended) for database in self._databases]
