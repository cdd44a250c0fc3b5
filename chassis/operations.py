"""Long work: a command answers 202 with an operation, and the worker carries it out in chunks.

The operation is accepted in the transaction that keeps its input. Each chunk commits its own progress, so after a
crash the work goes on where it stood; it is given up only after attempts that moved nothing. One runner per service,
under an advisory lock.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import asyncpg
import structlog

from chassis import database, waiting
from chassis.leadership import leadership
from chassis.outages import SURROUNDINGS, end_if_cancelled, is_passing
from chassis.unit_of_work import UnitOfWork
from contracts.errors import DomainError, FieldError
from contracts.parameters import ParameterMissing

if TYPE_CHECKING:
    from chassis.runtime import Runtime

MOST_FRUITLESS = 5
"""So many attempts in a row may end without progress; work that moves is never given up."""
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Operation:
    """One piece of long work. `progress` is what the last chunk committed."""

    id: UUID
    kind: str
    division: str
    person: str
    client: str
    arguments: dict[str, Any]
    progress: dict[str, Any] = field(default_factory=dict)
    attempt: int = 1


class TakenOver(ConnectionError):
    """Another runner goes on with this operation: the chunk at hand is rolled back."""


Handler = Callable[["Runtime", Operation], Awaitable[dict[str, Any]]]
"""Does the work of one kind and returns its result. Goes on from `operation.progress`; commits chunk by chunk."""


async def accept(
    uow: UnitOfWork, kind: str, division: str, arguments: Mapping[str, Any], *, operation_id: UUID | None = None
) -> UUID:
    """Write down work to be done, in the transaction of the command that asks for it; returns the operation's id."""
    identifier = operation_id or uuid4()
    await uow.driver.execute(
        "insert into chassis.operations (id, kind, state, division, person, client, arguments) "
        "values ($1, $2, 'accepted', $3, $4, $5, $6)",
        identifier,
        kind,
        division,
        uow.person,
        uow.client,
        json.dumps(dict(arguments)),
    )
    return identifier


_MOVE = """
update chassis.operations
set progress = $2, fruitless = case when progress = $2 then fruitless else 0 end, updated_at = now()
where id = $1 and attempts = $3
"""


async def save_progress(connection: asyncpg.Connection, operation: Operation, **progress: Any) -> None:
    """Move the progress in the transaction of the chunk that it tells about.

    Raises TakenOver where this runner lost its lead and another one began the next attempt: no chunk counts twice.
    """
    operation.progress |= progress
    done = await connection.execute(
        _MOVE,
        operation.id,
        json.dumps(operation.progress, default=str),
        operation.attempt,
    )
    if done == "UPDATE 0":
        raise TakenOver(str(operation.id))


async def add_errors(connection: asyncpg.Connection, operation: Operation, errors: Sequence[FieldError]) -> None:
    """Report rows that could not be used, by line and column, never by value, in the transaction of the chunk."""
    await connection.executemany(
        """
        insert into chassis.operation_errors (operation_id, number, line, column_name, code, detail_zh, detail_en)
        select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6
        from chassis.operation_errors where operation_id = $1
        """,
        [
            (operation.id, e.line, e.column, e.code, e.detail.zh if e.detail else "", e.detail.en if e.detail else "")
            for e in errors
        ],
    )


_NEXT = """
update chassis.operations
set state = 'running', attempts = attempts + 1, fruitless = fruitless + 1, updated_at = now()
where id = (select id from chassis.operations where state in ('accepted', 'running') order by created_at limit 1)
returning id, kind, division, person, client, arguments, progress, attempts, fruitless
"""
_FINISH = """
update chassis.operations set state = $2, result = $3, problem = $4, updated_at = now(), finished_at = now()
where id = $1
"""


class OperationRunner:
    """Carries out operations one after another until cancelled."""

    def __init__(self, runtime: "Runtime", handlers: Mapping[str, Handler]) -> None:
        self._runtime = runtime
        self._handlers = handlers
        self.wake = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                async with leadership(self._runtime.settings.database_url, "operations") as connection:
                    while True:
                        self.wake.clear()
                        if not await self._next(connection):
                            await waiting.until_set(self.wake, 0.25)
            except (asyncpg.PostgresError, *SURROUNDINGS) as error:
                end_if_cancelled()
                log.warning("operations-paused", error=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _next(self, connection: asyncpg.Connection) -> bool:
        row = await connection.fetchrow(_NEXT)
        if row is None:
            return False
        operation = Operation(
            row["id"],
            row["kind"],
            row["division"],
            row["person"],
            row["client"],
            row["arguments"],
            row["progress"],
            row["attempts"],
        )
        if row["fruitless"] > MOST_FRUITLESS:
            await self._finish(connection, operation, "failed", problem={"code": "gave-up"})
        else:
            await self._carry_out(connection, operation)
        return True

    async def _carry_out(self, connection: asyncpg.Connection, operation: Operation) -> None:
        try:
            result = await self._handlers[operation.kind](self._runtime, operation)
        except (DomainError, ParameterMissing) as error:
            await self._finish(connection, operation, "failed", problem=_problem(error))
        except Exception as error:
            if is_passing(error):
                raise OSError("the database or Kafka is away") from error  # tried again from its progress
            log.error("operation-failed", kind=operation.kind, operation=str(operation.id), exc_info=error)
            await self._finish(connection, operation, "failed", problem={"code": "internal"})
        else:
            await self._finish(connection, operation, "succeeded", result=result)

    async def _finish(
        self,
        connection: asyncpg.Connection,
        operation: Operation,
        state: str,
        *,
        result: dict[str, Any] | None = None,
        problem: dict[str, Any] | None = None,
    ) -> None:
        await connection.execute(
            _FINISH,
            operation.id,
            state,
            None if result is None else json.dumps(result, default=str),
            None if problem is None else json.dumps(problem),
        )
        self._runtime.metrics.operations.labels(operation.kind, state).inc()


def _problem(error: DomainError | ParameterMissing) -> dict[str, Any]:
    if isinstance(error, ParameterMissing):
        return {"code": "parameter-not-in-force", "parameter": error.key, "day": str(error.day)}
    body: dict[str, Any] = {"code": error.code, "title": error.title.model_dump()}
    if error.detail is not None:
        body["detail"] = error.detail.model_dump()
    return body


async def find(runtime: "Runtime", identifier: UUID, division: str) -> asyncpg.Record | None:
    """An operation within a division's subtree, or None."""
    async with database.connect(runtime.engine) as connection:
        return await connection.fetchrow(
            "select * from chassis.operations where id = $1 and division like $2 || '%'", identifier, division
        )
