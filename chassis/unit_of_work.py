"""The unit of work: one transaction that holds a change of state and the messages that tell it, or nothing at all.

It rolls back unless `commit()` was called. Aggregates hand over what they collected; nobody writes to the outbox
beside it.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import correlation, crash, database, outbox
from contracts.events.envelope import Raised, State


@dataclass(slots=True)
class UnitOfWork:
    """An open transaction. `connection` speaks SQLAlchemy Core, `driver` raw asyncpg, both inside of it."""

    connection: AsyncConnection
    driver: asyncpg.Connection
    composer: outbox.Composer
    business_now: datetime
    person: str
    client: str
    _messages: list[outbox.Message] = field(default_factory=list)
    _committed: bool = False

    def raise_events(self, events: Iterable[Raised]) -> None:
        """Take over the public events that an aggregate collected."""
        context = correlation.now()
        self._messages += [self.composer.public(event, context, self.business_now) for event in events]

    def publish_state(self, states: Iterable[State]) -> None:
        """Say how aggregates stand now. Their rows are locked by the change itself, so versions go out in order."""
        context = correlation.now()
        self._messages += [self.composer.state(state, context, self.business_now) for state in states]

    async def flush(self) -> None:
        """Write what was collected so far; a long command calls it so that its messages do not pile up."""
        messages, self._messages = self._messages, []
        await outbox.write(self.driver, messages)

    def discard(self) -> None:
        """Forget what was collected since the last flush: the change it tells was rolled back to a savepoint."""
        self._messages.clear()

    @asynccontextmanager
    async def attempt(self) -> AsyncIterator[None]:
        """A part that can be refused on its own: its changes and its messages are kept together, or dropped together.

        What was collected before it is flushed first, so that dropping the part drops nothing else.
        """
        await self.flush()
        savepoint = self.driver.transaction()
        await savepoint.start()
        try:
            yield
            await self.flush()
        except BaseException:
            await savepoint.rollback()
            self.discard()
            raise
        await savepoint.commit()

    async def commit(self) -> None:
        """Make the change and its messages durable. The context manager carries it out when it is left."""
        await self.flush()
        self._committed = True


@dataclass(frozen=True, slots=True)
class UnitsOfWork:
    """Opens units of work on one engine and wakes the relay after each that was committed."""

    engine: AsyncEngine
    composer: outbox.Composer
    business_now: Callable[[], datetime]
    wake_relay: Callable[[], None]

    @asynccontextmanager
    async def begin(self, *, person: str, client: str) -> AsyncIterator[UnitOfWork]:
        """A transaction in the name of a person and an app; rolls back unless `commit()` was called inside."""
        async with self.engine.connect() as connection:
            driver = await database.driver(connection)
            try:
                transaction = driver.transaction()
                await transaction.start()
                uow = UnitOfWork(connection, driver, self.composer, self.business_now(), person, client)
                try:
                    yield uow
                except Exception:
                    await transaction.rollback()
                    raise
                if not uow._committed:
                    await transaction.rollback()
                    return
                crash.point("before-commit")
                await transaction.commit()
                crash.point("after-commit")
            except BaseException as error:
                if not isinstance(error, Exception):
                    # Cut off half-way nobody knows how the transaction stands. Back in the pool it would hold its
                    # locks for ever, so its connection ends; the pool opens another one.
                    driver.terminate()
                raise
        self.wake_relay()
