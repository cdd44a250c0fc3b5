"""Applies state messages to projections, a batch in one transaction together with the positions that it moves.

A message that fails by its content is found by applying the batch one by one, and parked; the next of its key cures
it. Only here older messages are dropped: the newest per key wins.
"""

from collections.abc import Iterable, Sequence

import asyncpg
import structlog

from chassis import parking, positions
from chassis.kafka import Received
from chassis.outages import is_passing
from chassis.positions import Position
from chassis.projection import Malformed, StateHandler, StateMessage, state_message

log = structlog.get_logger(__name__)
Keyed = tuple[Received, StateMessage]


class Projector:
    def __init__(self, handlers: Sequence[StateHandler], parked: set[tuple[str, str]]) -> None:
        self._handlers = {(handler.source, handler.kind): handler for handler in handlers}
        self._parked = parked
        """Shared with the consumer: the (topic, key) pairs that have something parked."""

    async def absorb(
        self,
        connection: asyncpg.Connection,
        messages: Sequence[Received],
        moved: dict[tuple[str, int], Position],
    ) -> list[str]:
        """Apply a batch and move positions; returns the keys (`household/<id>`) whose state arrived."""
        readable, unreadable = _read([m for m in messages if self.wants(m)])
        try:
            async with connection.transaction():
                await self._apply(connection, _newest(readable))
                await self._settle(connection, [message for message, _ in readable], unreadable)
                await positions.save(connection, moved)
        except Exception as error:
            if is_passing(error):
                raise
            readable, failed = await self._apply_singly(connection, readable)
            async with connection.transaction():
                await self._settle(connection, [message for message, _ in readable], [*unreadable, *failed])
                await positions.save(connection, moved)
        return [message.key for message, _ in readable]

    async def apply_parked(self, connection: asyncpg.Connection, message: Received) -> None:
        """Try one parked state message again."""
        await self._apply(connection, [state_message(message)])

    def wants(self, message: Received) -> bool:
        """Whether a projection is built from messages of this kind."""
        return (message.source, message.key.partition("/")[0]) in self._handlers

    async def _apply(self, connection: asyncpg.Connection, states: Iterable[StateMessage]) -> None:
        grouped: dict[tuple[str, str], list[StateMessage]] = {}
        for state in states:
            grouped.setdefault((state.source, state.kind), []).append(state)
        for place, group in grouped.items():
            await self._handlers[place].apply(connection, group)

    async def _apply_singly(
        self, connection: asyncpg.Connection, batch: Sequence[Keyed]
    ) -> tuple[list[Keyed], list[Received]]:
        applied: list[Keyed] = []
        failed: list[Received] = []
        for message, state in batch:
            try:
                async with connection.transaction():
                    await self._apply(connection, [state])
                applied.append((message, state))
            except Exception as error:
                if is_passing(error):
                    raise
                log.error("state-parked", exc_info=error, topic=message.topic)
                failed.append(message)
        return applied, failed

    async def _settle(
        self, connection: asyncpg.Connection, applied: Sequence[Received], failed: Sequence[Received]
    ) -> None:
        """Park what failed, unless a later message of its key was applied: that one cures it."""
        good = {_place(message): message.offset for message in applied}
        for place in good.keys() & self._parked:
            await connection.execute("delete from chassis.parked_messages where topic = $1 and key = $2", *place)
        self._parked -= good.keys()
        for message in failed:
            if message.offset > good.get(_place(message), -1):
                await parking.park(connection, message, "state-failed")
                self._parked.add(_place(message))


def _place(message: Received) -> tuple[str, str]:
    return message.topic, message.key


def _read(messages: Sequence[Received]) -> tuple[list[Keyed], list[Received]]:
    """The messages that can be read, and those that cannot, each in the order in which they came."""
    readable: list[Keyed] = []
    unreadable: list[Received] = []
    for message in messages:
        try:
            readable.append((message, state_message(message)))
        except Malformed:
            unreadable.append(message)
    return readable, unreadable


def _newest(readable: Sequence[Keyed]) -> list[StateMessage]:
    """The newest state of each key; of two with the same version the one that came first."""
    newest: dict[tuple[str, str], StateMessage] = {}
    for message, state in readable:
        before = newest.get(_place(message))
        if before is None or before.version < state.version:
            newest[_place(message)] = state
    return list(newest.values())
