"""Logs over HTTP: what was recognised about them, and how their messages are sent again."""

from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import Field

from chassis import database, rebuilding
from chassis.idempotency import Answer, Command
from chassis.plumbing.access import MayOperate, TheRuntime
from chassis.schemas import Input
from chassis.unit_of_work import UnitOfWork
from contracts.events.plumbing import ReplayRequested

router = APIRouter()


class ReplayInput(Input):
    """A span of system time whose public events are sent again."""

    since: datetime
    until: datetime


class RepublishInput(Input):
    """Kinds of state (all if empty) that are published again, in a division (everywhere if empty)."""

    kinds: list[str] = Field(default_factory=list, max_length=20)
    division: str = Field(default="", pattern=r"^\d{0,12}$")


@router.get("/log-findings", summary="Replaced logs, lost beginnings and gaps that were recognised")
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


@router.post("/replays", status_code=202, summary="Send retained public events again")
async def post_replay(body: ReplayInput, caller: MayOperate, command: Command, runtime: TheRuntime) -> Response:
    """重放公共事件 / with their own ids; consumers know them."""

    async def effect(uow: UnitOfWork) -> Answer:
        await rebuilding.ask_replay(uow, ReplayRequested(source=runtime.service, since=body.since), body.until)
        return Answer(202, {"state": "accepted"})

    return await command.run(caller, effect)


@router.post("/state-republications", status_code=202, summary="Publish the present state again")
async def post_state_republication(body: RepublishInput, caller: MayOperate, command: Command) -> Response:
    """重发状态 / each aggregate with its present version, in chunks."""

    async def effect(uow: UnitOfWork) -> Answer:
        await rebuilding.ask_republish(uow, body.kinds, body.division)
        return Answer(202, {"state": "accepted"})

    return await command.run(caller, effect)
