"""Which failures are of the surroundings (database, network, Kafka) and pass, and which are a message's own."""

import asyncio

import asyncpg
import sqlalchemy.exc
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError

SURROUNDINGS = (
    OSError,
    TimeoutError,
    KafkaError,
    sqlalchemy.exc.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what the driver says of a connection that is about to be seen as lost
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
"""Errors of the database, Kafka or the network being away."""


UNREACHABLE = (asyncpg.PostgresError, DBAPIError, *SURROUNDINGS)
"""What may meet a background task that looks into the database now and then, and simply tries again later."""


def is_passing(error: BaseException) -> bool:
    """Whether an error is of the surroundings (database, network), not of the message: then nothing is parked."""
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig is not None else None
        return error.connection_invalidated or (cause is not None and is_passing(cause))
    # The driver calls a value that does not fit its column an interface error; it is the message's own.
    return isinstance(error, SURROUNDINGS) and not (
        isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)
    )


def end_if_cancelled() -> None:
    """Carry out a cancellation that an error has hidden: the driver, cut off in the midst of something, may raise its
    own error while it gives the connection back, and a loop that goes on after errors would go on for ever."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
