"""What stands still over HTTP: received messages and keys of the outbox that are parked, and how each goes on."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from chassis import database, pagination, parking
from chassis.idempotency import Answer, Command
from chassis.pagination import PageQuery
from chassis.plumbing.access import MayOperate, TheRuntime
from chassis.unit_of_work import UnitOfWork
from contracts.errors import Missing

router = APIRouter()


@router.get("/parked-messages", summary="Received messages that wait for an operator or for a state")
async def list_parked_messages(caller: MayOperate, runtime: TheRuntime, page: PageQuery, request: Request) -> Response:
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


@router.post("/parked-messages/{message_id}/replay", status_code=202, summary="Try a parked key again, in order")
async def replay_parked_message(
    message_id: Annotated[int, Path(ge=1)], caller: MayOperate, command: Command
) -> Response:
    """重放搁置消息 / the worker takes it up within a second."""

    async def effect(uow: UnitOfWork) -> Answer:
        if not await parking.release(uow.driver, message_id):
            raise Missing()
        return Answer(202, {"id": message_id, "state": "released"})

    return await command.run(caller, effect)


@router.get("/outbox/parked-keys", summary="Keys whose next message cannot be sent")
async def list_outbox_parked_keys(caller: MayOperate, runtime: TheRuntime) -> Response:
    """无法发送的键 / each holds back only its own later messages."""
    async with database.connect(runtime.engine) as connection:
        rows = await connection.fetch("select * from chassis.outbox_parked order by parked_at limit 500")
    return JSONResponse({"items": [dict(row) | {"parked_at": row["parked_at"].isoformat()} for row in rows]})


@router.post("/outbox/parked-keys/{outbox_id}/release", status_code=202, summary="Try to send a parked key again")
async def release_outbox_key(outbox_id: Annotated[int, Path(ge=1)], caller: MayOperate, command: Command) -> Response:
    """重新发送 / after its cause was mended (a larger limit of the broker, say)."""

    async def effect(uow: UnitOfWork) -> Answer:
        done = await uow.driver.execute("delete from chassis.outbox_parked where outbox_id = $1", outbox_id)
        if done == "DELETE 0":
            raise Missing()
        return Answer(202, {"id": outbox_id, "state": "released"})

    return await command.run(caller, effect)
