"""Routes that every service has: operations, parked messages, republish and replay, parameters, clauses, audit."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, JsonValue

from chassis import database, operations, pagination, parameter_store, parking, rebuilding
from chassis.access import requires
from chassis.idempotency import Answer, Command
from chassis.identity import Caller
from chassis.pagination import PageQuery
from chassis.problems import text
from chassis.runtime import Runtime, Service
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts import access
from contracts.clauses import clause_register
from contracts.decision import Because
from contracts.errors import Invalid, Missing
from contracts.events.plumbing import ReplayRequested
from contracts.parameters import ParameterValue

MayReadOperations = Annotated[Caller, requires(access.OPERATION_READ)]
MayOperate = Annotated[Caller, requires(access.OPERATE)]
MayReadParameters = Annotated[Caller, requires(access.PARAMETER_READ)]
MayLoadParameters = Annotated[Caller, requires(access.PARAMETER_WRITE)]
MayReadPolicy = Annotated[Caller, requires(access.POLICY_READ)]
MayReadAudit = Annotated[Caller, requires(access.AUDIT_READ)]


def _runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


TheRuntime = Annotated[Runtime, Depends(_runtime)]


class ParameterInput(Input):
    """The next value of a key, or a correction of one that is known."""

    key: str = Field(pattern=r"^[a-z0-9.-]{3,120}$", examples=["monitoring.income-line"])
    value: JsonValue = Field(examples=["8200.00"])
    unit: str = Field(min_length=1, max_length=40, examples=["yuan/year"])
    valid_from: date
    valid_to: date | None
    division: str = Field(pattern=r"^(|\d{2}|\d{4}|\d{6}|\d{9}|\d{12})$", examples=["150623"])
    source: str = Field(min_length=2, max_length=400)
    clause: str = Field(min_length=1, max_length=40)
    sample: bool = False
    falls_back: bool = False


class ReplayInput(Input):
    """A span of system time whose public events are sent again."""

    since: datetime
    until: datetime


class RepublishInput(Input):
    """Kinds of state (all if empty) that are published again, in a division (everywhere if empty)."""

    kinds: list[str] = Field(default_factory=list, max_length=20)
    division: str = Field(default="", pattern=r"^\d{0,12}$")


class UnknownKey(Invalid):
    code = "unknown-parameter"
    title = Because(zh="未知的参数", en="No rule of this service knows this parameter")


def _operation_body(row: asyncpg.Record, request: Request) -> dict[str, Any]:
    problem = row["problem"]
    if problem is not None:
        for name in ("title", "detail"):
            if name in problem:
                problem[name] = text(Because(**problem[name]), request)
    return {
        "id": str(row["id"]),
        "kind": row["kind"],
        "state": row["state"],
        "division": row["division"],
        "progress": row["progress"],
        "result": row["result"],
        "problem": problem,
        "created_at": row["created_at"].isoformat(),
        "finished_at": row["finished_at"].isoformat() if row["finished_at"] else None,
    }


def router(service: Service) -> APIRouter:
    """The plumbing routes of one service."""
    api = APIRouter(tags=["plumbing"])
    _operations(api)
    _operating(api, service)
    _parameters(api, service)
    _reading(api)
    return api


def _operations(api: APIRouter) -> None:
    @api.get("/operations/{operation_id}", summary="How a piece of long work stands")
    async def get_operation(
        operation_id: UUID, request: Request, caller: MayReadOperations, runtime: TheRuntime
    ) -> Response:
        """进度与结果 / state, progress, result or problem."""
        row = await operations.find(runtime, operation_id, str(caller.division))
        if row is None:
            raise Missing()
        return JSONResponse(_operation_body(row, request))

    @api.get("/operations/{operation_id}/errors", summary="Rows of an operation that could not be used")
    async def list_operation_errors(
        operation_id: UUID, request: Request, caller: MayReadOperations, runtime: TheRuntime, page: PageQuery
    ) -> Response:
        """逐行错误 / line, column and code, never the value."""
        if await operations.find(runtime, operation_id, str(caller.division)) is None:
            raise Missing()
        async with database.connect(runtime.engine) as connection:
            rows = await connection.fetch(
                "select * from chassis.operation_errors where operation_id = $1 and number > $2 "
                "order by number limit $3",
                operation_id,
                page.after[0] if page.after else 0,
                page.limit,
            )
        items = [
            {
                "line": row["line"],
                "column": row["column_name"],
                "code": row["code"],
                "detail": text(Because(zh=row["detail_zh"], en=row["detail_en"]), request),
            }
            for row in rows
        ]
        last = (rows[-1]["number"],) if len(rows) == page.limit else None
        return JSONResponse({"items": items}, headers=pagination.next_link(request, last))


def _operating(api: APIRouter, service: Service) -> None:
    @api.get("/parked-messages", summary="Received messages that wait for an operator or for a state")
    async def list_parked_messages(
        caller: MayOperate, runtime: TheRuntime, page: PageQuery, request: Request
    ) -> Response:
        """已搁置的消息 / without their bodies."""
        async with database.connect(runtime.engine) as connection:
            rows = await connection.fetch(
                "select id, topic, key, type, reason, waiting_for, parked_at from chassis.parked_messages "
                "where id > $1 order by id limit $2",
                page.after[0] if page.after else 0,
                page.limit,
            )
        items = [dict(row) | {"parked_at": row["parked_at"].isoformat()} for row in rows]
        last = (rows[-1]["id"],) if len(rows) == page.limit else None
        return JSONResponse({"items": items}, headers=pagination.next_link(request, last))

    @api.post("/parked-messages/{message_id}/replay", status_code=202, summary="Try a parked key again, in order")
    async def replay_parked_message(
        message_id: Annotated[int, Path(ge=1)], caller: MayOperate, command: Command
    ) -> Response:
        """重放搁置消息 / the worker takes it up within a second."""

        async def effect(uow: UnitOfWork) -> Answer:
            if not await parking.release(uow.driver, message_id):
                raise Missing()
            return Answer(202, {"id": message_id, "state": "released"})

        return await command.run(caller, effect)

    @api.get("/outbox/parked-keys", summary="Keys whose next message cannot be sent")
    async def list_outbox_parked_keys(caller: MayOperate, runtime: TheRuntime) -> Response:
        """无法发送的键 / each holds back only its own later messages."""
        async with database.connect(runtime.engine) as connection:
            rows = await connection.fetch("select * from chassis.outbox_parked order by parked_at limit 500")
        return JSONResponse({"items": [dict(row) | {"parked_at": row["parked_at"].isoformat()} for row in rows]})

    @api.post("/outbox/parked-keys/{outbox_id}/release", status_code=202, summary="Try to send a parked key again")
    async def release_outbox_key(
        outbox_id: Annotated[int, Path(ge=1)], caller: MayOperate, command: Command
    ) -> Response:
        """重新发送 / after its cause was mended (a larger limit of the broker, say)."""

        async def effect(uow: UnitOfWork) -> Answer:
            done = await uow.driver.execute("delete from chassis.outbox_parked where outbox_id = $1", outbox_id)
            if done == "DELETE 0":
                raise Missing()
            return Answer(202, {"id": outbox_id, "state": "released"})

        return await command.run(caller, effect)

    @api.get("/log-findings", summary="Replaced logs, lost beginnings and gaps that were recognised")
    async def list_log_findings(caller: MayOperate, runtime: TheRuntime) -> Response:
        """日志异常 / the newest five hundred."""
        async with database.connect(runtime.engine) as connection:
            rows = await connection.fetch(
                "select found_at, kind, topic, partition, detail, healed_at from chassis.log_findings "
                "order by id desc limit 500"
            )
        instants = ("found_at", "healed_at")
        items = [dict(row) | {name: row[name] and row[name].isoformat() for name in instants} for row in rows]
        return JSONResponse({"items": items})

    @api.post("/replays", status_code=202, summary="Send retained public events again")
    async def post_replay(body: ReplayInput, caller: MayOperate, command: Command) -> Response:
        """重放公共事件 / with their own ids; consumers know them."""

        async def effect(uow: UnitOfWork) -> Answer:
            await rebuilding.ask_replay(uow, ReplayRequested(source=service.name, since=body.since), body.until)
            return Answer(202, {"state": "accepted"})

        return await command.run(caller, effect)

    @api.post("/state-republications", status_code=202, summary="Publish the present state again")
    async def post_state_republication(body: RepublishInput, caller: MayOperate, command: Command) -> Response:
        """重发状态 / each aggregate with its present version, in chunks."""

        async def effect(uow: UnitOfWork) -> Answer:
            await rebuilding.ask_republish(uow, body.kinds, body.division)
            return Answer(202, {"state": "accepted"})

        return await command.run(caller, effect)


def _parameters(api: APIRouter, service: Service) -> None:
    known = {value.key for value in service.parameters()}

    @api.get("/parameters", summary="Dated parameters with their sources")
    async def list_parameters(
        caller: MayReadParameters, runtime: TheRuntime, day: Annotated[date | None, Query()] = None
    ) -> Response:
        """政策参数 / all known values, or those in force on a day."""
        async with database.connect(runtime.engine) as connection:
            book = await runtime.parameters.book(connection)
        values = [value for value in book if day is None or value.in_force(day)]
        return JSONResponse({"version": book.version, "items": [_parameter_body(value) for value in values]})

    @api.post("/parameters", status_code=201, summary="Load or correct a parameter value")
    async def post_parameter(
        body: ParameterInput, caller: MayLoadParameters, command: Command, runtime: TheRuntime
    ) -> Response:
        """载入或更正参数 / decisions that used the corrected value are listed, never changed."""
        if body.key not in known:
            raise UnknownKey()
        if body.valid_to is not None and body.valid_to < body.valid_from:
            raise Invalid(Because(zh="止期早于起期", en="valid_to lies before valid_from"))

        async def effect(uow: UnitOfWork) -> Answer:
            value = ParameterValue(**body.model_dump())
            corrected = await parameter_store.record(uow.driver, value, caller.person)
            return Answer(201, {"key": body.key, "valid_from": str(body.valid_from), "corrected": corrected})

        return await command.run(caller, effect)


def _parameter_body(value: ParameterValue) -> dict[str, Any]:
    return {
        "key": value.key,
        "value": value.value,
        "unit": value.unit,
        "valid_from": str(value.valid_from),
        "valid_to": str(value.valid_to) if value.valid_to else None,
        "division": value.division,
        "source": value.source,
        "clause": value.clause,
        "sample": value.sample,
        "falls_back": value.falls_back,
    }


def _reading(api: APIRouter) -> None:
    @api.get("/policy/clauses", summary="The clause register")
    async def list_clauses(
        caller: MayReadPolicy, owner: Annotated[str | None, Query(max_length=20)] = None
    ) -> Response:
        """条款登记册 / every row of the plan, its owner and whether it is built."""
        rows = [clause for clause in clause_register() if owner is None or clause.owner == owner]
        return JSONResponse({"items": [clause.model_dump(mode="json") for clause in rows]})

    @api.get("/audit", summary="Who read whose personal data, and why")
    async def list_audit(
        caller: MayReadAudit,
        runtime: TheRuntime,
        page: PageQuery,
        request: Request,
        unmasked: Annotated[Literal["true", "false"] | None, Query()] = None,
    ) -> Response:
        """查阅记录 / the kind of search and the ids, never the data."""
        async with database.connect(runtime.engine) as connection:
            rows = await connection.fetch(
                "select * from chassis.audit where id > $1 and ($2::boolean is null or unmasked = $2) "
                "order by id limit $3",
                page.after[0] if page.after else 0,
                None if unmasked is None else unmasked == "true",
                page.limit,
            )
        items = [dict(row) | {"read_at": row["read_at"].isoformat()} for row in rows]
        last = (rows[-1]["id"],) if len(rows) == page.limit else None
        return JSONResponse({"items": items}, headers=pagination.next_link(request, last))
