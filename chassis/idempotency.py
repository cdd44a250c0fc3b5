"""Commands that may be repeated: every POST carries an Idempotency-Key and has one effect per key.

A key belongs to client, person and route. While the first attempt runs, a second one is answered 409 at once: it
takes an advisory lock or gives up, and never waits on a row, which was seen to hold up unrelated commands. The answer
is stored in the command's own transaction, refusals included; a rollback, a 5xx or a dead process frees the key. It
is given again to nobody who may no longer see where it was given.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import asyncpg
from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic_core import to_json

from chassis import problems
from chassis.identity import Caller
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Because
from contracts.division import Division
from contracts.errors import Conflict, DomainError, FieldError, Invalid, Missing
from contracts.parameters import ParameterMissing

KEY_PATTERN = r"^[\x21-\x7e]{1,128}$"
ANSWER_COLUMNS = "status, headers, body, request_hash, division"


class OperationInProgress(Conflict):
    code: ClassVar[str] = "operation-in-progress"
    title: ClassVar[Because] = Because(zh="首次请求仍在处理", en="The first attempt is still running")


class KeyReused(Invalid):
    code: ClassVar[str] = "idempotency-key-reused"
    title: ClassVar[Because] = Because(zh="幂等键已用于其他内容", en="The key was used for another body")


class KeyMissing(Invalid):
    code: ClassVar[str] = "idempotency-key-missing"
    title: ClassVar[Because] = Because(zh="缺少 Idempotency-Key", en="The Idempotency-Key header is missing")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answers: ids, states, findings and links, no personal data, for it is stored as sent."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else to_json(self.body)


def respond(status: int, headers: dict[str, str], body: bytes) -> Response:
    media_type = problems.MEDIA_TYPE if status >= 400 else "application/json"
    return Response(body, status_code=status, headers=headers, media_type=media_type)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of one caller on one route, the hash of what was asked under it, and where the caller stood."""

    client: str
    person: str
    route: str
    key: str
    request_hash: bytes
    division: Division

    @property
    def lock(self) -> int:
        """The advisory lock of this key: 64 bits of a hash of its four parts."""
        text = "\x1f".join((self.client, self.person, self.route, self.key)).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)

    def replay(self, row: asyncpg.Record) -> Response:
        """The stored answer; raises Missing outside of the caller's division now, KeyReused for another body."""
        if row["division"] is not None and not self.division.contains(row["division"]):
            raise Missing()
        if row["request_hash"] != self.request_hash:
            raise KeyReused()
        return respond(row["status"], {**row["headers"], "Idempotency-Replayed": "true"}, row["body"])


_FIND = f"""
select {ANSWER_COLUMNS} from chassis.idempotency_keys
where client = $1 and person = $2 and route = $3 and key = $4
"""
_STORE = """
insert into chassis.idempotency_keys (client, person, route, key, request_hash, status, headers, body, division)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def find(connection: asyncpg.Connection, key: Key) -> Response | None:
    """The stored answer of a finished command, if there is one."""
    row = await connection.fetchrow(_FIND, key.client, key.person, key.route, key.key)
    return None if row is None else key.replay(row)


async def hash_of(connection: asyncpg.Connection, key: Key) -> bytes | None:
    """The hash of the body that was sent under a key, if its command is finished."""
    row = await connection.fetchrow(_FIND, key.client, key.person, key.route, key.key)
    return None if row is None else row["request_hash"]


async def store(connection: asyncpg.Connection, key: Key, answer: Answer) -> None:
    """Keep the answer of a command, in its own transaction."""
    await connection.execute(
        _STORE,
        key.client,
        key.person,
        key.route,
        key.key,
        key.request_hash,
        answer.status,
        json.dumps(answer.headers),
        answer.bytes(),
        str(key.division),
    )


Effect = Callable[[UnitOfWork], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Once:
    """Runs the effect of a POST at most once per key. Built by the `Command` dependency of a route."""

    request: Request
    key_text: str
    body: bytes

    def key(self, caller: Caller) -> Key:
        route = self.request.method + " " + self.request.url.path
        digest = hashlib.sha256(self.body).digest()
        return Key(caller.client, caller.person, route, self.key_text, digest, caller.division)

    async def run(self, caller: Caller, effect: Effect) -> Response:
        """The effect's answer, or the stored one; a domain refusal is rolled back, stored and answered as well."""
        key = self.key(caller)
        units = self.request.app.state.runtime.units
        async with units.begin(person=caller.person, client=caller.client) as uow:
            if not await uow.driver.fetchval("select pg_try_advisory_xact_lock($1)", key.lock):
                raise OperationInProgress(retry_after_s=1)
            stored = await find(uow.driver, key)
            if stored is not None:
                return stored
            answer = await self._attempt(uow, effect)
            await store(uow.driver, key, answer)
            await uow.commit()
        return respond(answer.status, answer.headers, answer.bytes())

    async def refuse(self, caller: Caller, refusal: Exception) -> Response:
        """What failed before any effect, as `run` refuses or raises it; an answer that was given before comes first."""

        async def effect(uow: UnitOfWork) -> Answer:
            raise refusal

        return await self.run(caller, effect)

    async def _attempt(self, uow: UnitOfWork, effect: Effect) -> Answer:
        try:
            async with uow.attempt():
                return await effect(uow)
        except (DomainError, ParameterMissing) as error:
            response = problems.refusal_response(self.request, error)
            if response.status_code >= 500:
                raise
            return Answer(response.status_code, bytes(response.body))


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(alias="Idempotency-Key", pattern=KEY_PATTERN, description="Makes a repeated POST have one effect."),
    ] = None,
) -> Once:
    if idempotency_key is None:
        raise KeyMissing(errors=[FieldError("missing", "#header.Idempotency-Key")])
    return Once(request, idempotency_key, await request.body())


Command = Annotated[Once, Depends(_once)]
"""The dependency of every POST: `return await command.run(caller, effect)`."""
