"""State messages and the small projections that a service builds from them.

A handler upserts a batch in one statement, newest per key, only where the version is newer; so a projection can be
built from the beginning of the state topics at any time, and messages may come late or twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from chassis.kafka import Received


@dataclass(frozen=True, slots=True)
class StateMessage:
    """How one aggregate stands. `body` is the JSON text as published, None when the aggregate was erased."""

    source: str
    kind: str
    id: str
    version: int
    division: str
    time: datetime
    body: str | None

    @property
    def data(self) -> dict[str, Any]:
        """The parsed body; empty for an erasure."""
        parsed: dict[str, Any] = json.loads(self.body) if self.body is not None else {}
        return parsed


class StateHandler(Protocol):
    """Keeps one kind of state of one source as a table of this service."""

    source: str
    kind: str
    tables: tuple[str, ...]
    """Emptied when the projection is dropped to be rebuilt."""

    async def apply(self, connection: asyncpg.Connection, states: Sequence[StateMessage]) -> None:
        """Upsert a batch (one newest message per id) in the open transaction."""
        ...


class Malformed(ValueError):
    """A message whose form is not what its contract says; it is parked, never retried."""


def state_message(message: Received) -> StateMessage:
    """Read a state message; raises Malformed."""
    kind, _, identifier = message.key.partition("/")
    if not identifier or message.sequence < 0:
        raise Malformed("a state message has a key kind/id and a sequence")
    try:
        body = None if message.payload is None else message.payload.decode()
        if body is not None and not isinstance(json.loads(body), dict):
            raise Malformed("the body is not an object")
        return StateMessage(message.source, kind, identifier, message.sequence, message.division, message.time, body)
    except (ValueError, KeyError) as error:
        raise Malformed("the body or the time cannot be read") from error
