"""What one service reads of the others, and which failures are the message's own."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import sqlalchemy.exc
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

from chassis.kafka import Received
from chassis.projection import Malformed, StateHandler
from chassis.unit_of_work import UnitOfWork

Reaction = Callable[[UnitOfWork, Received], Awaitable[None]]
"""What a service does on an event, once. Raises WaitingForState where a state it needs is not there yet."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """States for projections, reactions by event type, and the services that may ask for a republish or replay."""

    handlers: Sequence[StateHandler] = ()
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    requests_from: Sequence[str] = ()

    def kinds_by_source(self) -> dict[str, tuple[str, ...]]:
        kinds: dict[str, tuple[str, ...]] = {}
        for handler in self.handlers:
            kinds[handler.source] = (*kinds.get(handler.source, ()), handler.kind)
        return kinds

    def event_sources(self) -> set[str]:
        """Services whose public events have effects here, so that a gap in them matters."""
        return {event_type.split(".")[1] for event_type in self.reactions} - set(self.requests_only())

    def requests_only(self) -> set[str]:
        """Services of which only requests are read."""
        own = {event_type.split(".")[1] for event_type in self.reactions if not _is_request(event_type)}
        return set(self.requests_from) - own


def _is_request(event_type: str) -> bool:
    return event_type.split(".")[2] in ("state-requested", "replay-requested")


_SURROUNDINGS = (
    OSError,
    TimeoutError,
    KafkaError,
    sqlalchemy.exc.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    # The pool opens connections while the leader's own still stands: a changed password is not the message's fault.
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


def is_passing(error: BaseException) -> bool:
    """Whether an error is of the surroundings (database, network), not of the message: then nothing is parked."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or (cause is not None and is_passing(cause))
    # The driver calls a value that does not fit its column an interface error; it is the message's own.
    return isinstance(error, _SURROUNDINGS) and not (
        isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    )


def data_of(message: Received) -> dict[str, Any]:
    """The JSON object that an event carries; raises Malformed, which parks the message."""
    try:
        data = json.loads(message.payload or b"")
    except ValueError as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(data, dict):
        raise Malformed("the body is not an object")
    return data
