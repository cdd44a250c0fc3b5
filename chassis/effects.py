"""Carries out reactions to public events: each effect once, in order per key.

Inbox row, effect and position stand in one transaction. An event is never dropped for being old; one that fails by
its content is parked, and later events of its key are parked behind it.
"""

from collections.abc import Mapping, Sequence

import asyncpg
import structlog

from chassis import correlation, crash, parking, positions
from chassis.kafka import Received
from chassis.outages import is_passing
from chassis.positions import Position
from chassis.projector import Projector
from chassis.subscription import Reaction
from chassis.unit_of_work import UnitsOfWork

log = structlog.get_logger(__name__)

_RECEIVE = "insert into chassis.inbox (source, event_id) values ($1, $2) on conflict do nothing returning true"


class Effects:
    def __init__(
        self,
        *,
        service: str,
        reactions: Mapping[str, Reaction],
        units: UnitsOfWork,
        projector: Projector,
        parked: set[tuple[str, str]],
    ) -> None:
        self._service = service
        self._reactions = reactions
        self._units = units
        self._projector = projector
        self._parked = parked

    def handles(self, message: Received) -> bool:
        return message.type in self._reactions

    async def absorb(self, connection: asyncpg.Connection, message: Received, moved: Position) -> None:
        """Carry out or park one event."""
        if (message.topic, message.key) in self._parked:
            await self._park(connection, message, moved, parking.BEHIND)
            return
        try:
            await self._effect(message, moved)
        except parking.WaitingForState as waiting:
            await self._park(connection, message, moved, parking.WAITING, waiting.state_key)
        except Exception as error:
            if is_passing(error):
                raise
            log.error("event-parked", exc_info=error, type=message.type)
            await self._park(connection, message, moved, type(error).__name__)

    async def release(self, connection: asyncpg.Connection, arrived: Sequence[str] = ()) -> None:
        """Run the parked messages of keys that an operator released or whose state has arrived."""
        for topic, key in await parking.releasable(connection, arrived):
            if await self._run_parked(connection, topic, key):
                self._parked.discard((topic, key))

    async def _effect(self, message: Received, moved: Position | None, parked_id: int | None = None) -> None:
        context = correlation.begin(
            message.headers.get("traceparent"), message.headers.get("ce_correlationid"), message.event_id
        )
        token = correlation.current.set(context)
        try:
            async with self._units.begin(person=f"service:{message.source}", client=self._service) as uow:
                if await uow.driver.fetchval(_RECEIVE, message.source, message.event_id):
                    await self._reactions[message.type](uow, message)
                    crash.point("within-effect")
                if moved is not None:
                    await positions.save(uow.driver, {(message.topic, message.partition): moved})
                if parked_id is not None:
                    await uow.driver.execute("delete from chassis.parked_messages where id = $1", parked_id)
                await uow.commit()
        finally:
            correlation.current.reset(token)

    async def _park(
        self,
        connection: asyncpg.Connection,
        message: Received,
        moved: Position,
        reason: str,
        waiting_for: str | None = None,
    ) -> None:
        async with connection.transaction():
            await parking.park(connection, message, reason, waiting_for)
            await positions.save(connection, {(message.topic, message.partition): moved})
        self._parked.add((message.topic, message.key))

    async def _run_parked(self, connection: asyncpg.Connection, topic: str, key: str) -> bool:
        """Run a key's parked messages in order; False when one failed again and the rest stays behind it."""
        for parked_id, message in await parking.of_key(connection, topic, key):
            try:
                if self.handles(message):
                    await self._effect(message, None, parked_id)
                else:
                    await self._apply_parked(connection, message, parked_id)
            except Exception as error:
                if is_passing(error):
                    raise
                waiting = error.state_key if isinstance(error, parking.WaitingForState) else None
                reason = parking.WAITING if waiting else type(error).__name__
                await parking.failed_again(connection, parked_id, reason, waiting)
                return False
        return True

    async def _apply_parked(self, connection: asyncpg.Connection, message: Received, parked_id: int) -> None:
        async with connection.transaction():
            if self._projector.wants(message):
                await self._projector.apply_parked(connection, message)
            else:  # parked by an earlier release, which reacted to this type
                log.warning("parked-message-dropped", type=message.type)
            await connection.execute("delete from chassis.parked_messages where id = $1", parked_id)
