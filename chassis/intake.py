"""Commands of the hot intake paths: idempotency, change and outbox in one statement, one round trip, one fsync.

All promises of `idempotency.Once` hold. The statement first tries the key's lock and looks for a stored answer; every
later part of it takes its rows from `go`, which is empty when there is nothing to do. A refusal is rare: it is stored
by `Once` itself, in a transaction of its own, once the statement has changed nothing.
"""

import json
from collections.abc import Callable, Sequence

import asyncpg
from fastapi.responses import Response

from chassis import crash, database, idempotency, outbox
from chassis.idempotency import Answer, Once, OperationInProgress, respond
from chassis.identity import Caller

FIRST_PARAMETER = 18
"""The first parameter number that a command's own CTEs may use."""

_STATEMENT = """
with gate as materialized (
    select pg_try_advisory_xact_lock($1) as locked, stored.*
    from (select) as one left join lateral (
        select {answer} from chassis.idempotency_keys
        where client = $2 and person = $3 and route = $4 and key = $5) as stored on true
),
go as materialized (select from gate where locked and status is null),
{ctes},
{outbox},
kept as (
    insert into chassis.idempotency_keys (client, person, route, key, request_hash, status, headers, body, division)
    select $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10 from go
)
select locked, {answer} from gate
"""


def statement(ctes: str) -> str:
    """The whole statement around a command's own CTEs, which read `from go` and use parameters from $18 on."""
    return _STATEMENT.format(
        answer=idempotency.ANSWER_COLUMNS, ctes=ctes, outbox=outbox.ctes(11, "where exists (select from go)")
    )


async def run(
    command: Once,
    caller: Caller,
    answer: Answer,
    messages: Sequence[outbox.Message],
    sql: str,
    parameters: Sequence[object],
    refusal_of: Callable[[asyncpg.UniqueViolationError], Exception],
) -> Response:
    """Carry out a one-statement command once per key. `answer` is known beforehand: its ids are made here.

    `refusal_of` says what it means that the database found something twice: a DomainError, or the violation itself.
    """
    try:
        row = await _execute(command, caller, answer, messages, sql, parameters)
    except asyncpg.UniqueViolationError as error:
        # Of the key, or of the first attempt's own rows: that one was committed after this statement's snapshot was
        # taken, and its answer is there now. Otherwise it is a refusal.
        return await command.refuse(caller, refusal_of(error))
    if not row["locked"]:
        raise OperationInProgress(retry_after_s=1)
    if row["status"] is not None:
        return command.key(caller).replay(row)
    command.request.app.state.runtime.relay_wake.set()
    return respond(answer.status, answer.headers, answer.bytes())


async def _execute(
    command: Once,
    caller: Caller,
    answer: Answer,
    messages: Sequence[outbox.Message],
    sql: str,
    parameters: Sequence[object],
) -> asyncpg.Record:
    key = command.key(caller)
    async with database.connect(command.request.app.state.runtime.engine) as connection:
        crash.point("before-commit")
        row = await connection.fetchrow(
            sql,
            key.lock,
            key.client,
            key.person,
            key.route,
            key.key,
            key.request_hash,
            answer.status,
            json.dumps(answer.headers),
            answer.bytes(),
            str(key.division),
            *outbox.columns(messages),
            *parameters,
        )
        crash.point("after-commit")
    assert row is not None
    return row
