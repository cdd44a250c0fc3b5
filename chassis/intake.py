"""Commands of the hot intake paths: idempotency, change and outbox in one statement, one round trip, one fsync.

All promises of `idempotency.Once` hold. The statement first tries the key's lock and looks for a stored answer; every
later part of it takes its rows from `go`, which is empty when there is nothing to do.
"""

import json
from collections.abc import Sequence

import asyncpg
from fastapi.responses import Response

from chassis import crash, database, idempotency, outbox
from chassis.idempotency import Answer, Once, OperationInProgress, respond
from chassis.identity import Caller

FIRST_PARAMETER = 17
"""The first parameter number that a command's own CTEs may use."""

_STATEMENT = """
with gate as materialized (
    select pg_try_advisory_xact_lock($1) as locked, stored.*
    from (select) as one left join lateral (
        select status, headers, body, request_hash from chassis.idempotency_keys
        where client = $2 and person = $3 and route = $4 and key = $5) as stored on true
),
go as materialized (select from gate where locked and status is null),
{ctes},
{outbox},
kept as (
    insert into chassis.idempotency_keys (client, person, route, key, request_hash, status, headers, body)
    select $2, $3, $4, $5, $6, $7, $8::jsonb, $9 from go
)
select locked, status, headers, body, request_hash from gate
"""


def statement(ctes: str) -> str:
    """The whole statement around a command's own CTEs, which read `from go` and use parameters from $17 on."""
    return _STATEMENT.format(ctes=ctes, outbox=outbox.ctes(10, "where exists (select from go)"))


async def run(
    command: Once,
    caller: Caller,
    answer: Answer,
    messages: Sequence[outbox.Message],
    sql: str,
    parameters: Sequence[object],
) -> Response:
    """Carry out a one-statement command once per key. `answer` is known beforehand: its ids are made here."""
    key = command.key(caller)
    runtime = command.request.app.state.runtime
    body = answer.bytes()
    async with database.connect(runtime.engine) as connection:
        crash.point("before-commit")
        try:
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
                body,
                *outbox.columns(messages),
                *parameters,
            )
        except asyncpg.UniqueViolationError as error:
            # The first attempt was committed after this statement's snapshot was taken: its answer is there now.
            stored = await idempotency.find(connection, key) if _is_key(error) else None
            if stored is None:
                raise
            return stored
        crash.point("after-commit")
    assert row is not None
    if not row["locked"]:
        raise OperationInProgress(retry_after_s=1)
    if row["status"] is not None:
        return key.replay(row)
    runtime.relay_wake.set()
    return respond(answer.status, answer.headers, body)


def _is_key(error: asyncpg.UniqueViolationError) -> bool:
    return getattr(error, "table_name", "") == "idempotency_keys"
