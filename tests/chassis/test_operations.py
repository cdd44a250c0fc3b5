"""Long work goes on where it stood, as often as it must while it moves, and is given up when it does not."""

from dataclasses import replace
from uuid import UUID

from chassis import operations
from chassis.operations import Handler, Operation
from chassis.runtime import Runtime
from tests.engines import Topics
from tests.things import SOURCE, Process, StartProcess, source_service
from tests.waiting import eventually

KIND = "counting"


async def _begin(start_process: StartProcess, kafka: Topics, handler: Handler) -> tuple[Process, UUID]:
    await kafka.create_topics(SOURCE)
    process = await start_process(replace(source_service, operations={KIND: handler}), kafka, worker=False)
    async with process.unit() as uow:
        accepted = await operations.accept(uow, KIND, "150623", {})
        await uow.commit()
    process.start()
    return process, accepted


async def _end_of(process: Process, operation: UUID) -> tuple[str, dict[str, object] | None, dict[str, object] | None]:
    await eventually(
        lambda: process.value("select finished_at from chassis.operations where id = $1", operation), within=30
    )
    rows = await process.fetch("select state, result, problem from chassis.operations where id = $1", operation)
    return rows[0]["state"], rows[0]["result"], rows[0]["problem"]


async def test_work_that_moves_is_not_given_up_however_often_it_is_cut_off(
    start_process: StartProcess, kafka: Topics
) -> None:
    chunks = operations.MOST_FRUITLESS + 2

    async def one_chunk_each_time(runtime: Runtime, operation: Operation) -> dict[str, object]:
        done: int = operation.progress.get("done", 0)
        if done == chunks:
            return {"done": done}
        async with runtime.units.begin(person="someone", client="test") as uow:
            await operations.save_progress(uow.driver, operation, done=done + 1)
            await uow.commit()
        raise ConnectionError("cut off behind each chunk")

    process, operation = await _begin(start_process, kafka, one_chunk_each_time)
    assert await _end_of(process, operation) == ("succeeded", {"done": chunks}, None)


async def test_work_that_does_not_move_is_given_up_after_five_attempts(
    start_process: StartProcess, kafka: Topics
) -> None:
    attempts: list[int] = []

    async def moves_once_and_never_again(runtime: Runtime, operation: Operation) -> dict[str, object]:
        attempts.append(operation.attempt)
        async with runtime.units.begin(person="someone", client="test") as uow:
            await operations.save_progress(uow.driver, operation, done=1)  # the same again and again
            await uow.commit()
        raise ConnectionError("always in the same place")

    process, operation = await _begin(start_process, kafka, moves_once_and_never_again)
    assert await _end_of(process, operation) == ("failed", None, {"code": "gave-up"})
    assert len(attempts) == 1 + operations.MOST_FRUITLESS
