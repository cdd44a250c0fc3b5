"""Compare a bureau's file with the registry: reconcile every row, flag whom a rule finds (M-1.1.1, M-1.1.2).

An operation in steps, each in a unit of work of its own: the rows are matched at once, the candidates written once,
then households are judged in chunks in ascending order of id. A dry run does the same and keeps only its report.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chassis import crash, operations
from chassis.operations import Operation
from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from contracts.events.envelope import Raised
from contracts.events.monitoring import ComparisonCompleted
from contracts.files.bureau import BUREAU_FILES
from contracts.month import Month
from services.monitoring.commands import judge_signals, screen_candidates
from services.monitoring.commands.screen_candidates import Screening
from services.monitoring.domain.ids import HouseholdId
from services.monitoring.domain.public import public_kind
from services.monitoring.storage import bureau_records, candidates, households
from services.monitoring.storage.candidates import Candidate, Scope

KIND = "comparison"
CHUNK = 200
MOST_REPORTED = 10_000

_ERRORS = """
select line, column_name, code from chassis.operation_errors where operation_id = $1 order by number limit $2
"""
_REPORT = """
insert into chassis.operation_errors (operation_id, number, line, column_name, code)
select $1, row_number() over (), * from unnest($2::int[], $3::text[], $4::text[])
"""


async def carry_out(runtime: Runtime, operation: Operation) -> dict[str, Any]:
    """The operation's handler; goes on from the step that was committed last."""
    if operation.arguments["dry_run"]:
        return await _dry_run(runtime, operation)
    for done, step in (("rows", _match), ("narrowed", _narrow)):
        if done not in operation.progress:
            async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
                await step(runtime, uow, operation)
                crash.point("within-import-chunk")
                await uow.commit()
    while True:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            if not await _judge_chunk(runtime, uow, operation):
                break
            crash.point("within-import-chunk")
            await uow.commit()
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        result = _result(operation)
        await candidates.clear(uow.driver, operation.id)
        await uow.driver.execute("update comparison set result = $2 where id = $1", operation.id, json.dumps(result))
        uow.raise_events([_completed(operation)])
        await uow.commit()
    return result


async def _dry_run(runtime: Runtime, operation: Operation) -> dict[str, Any]:
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        await _match(runtime, uow, operation)
        await _narrow(runtime, uow, operation)
        while await _judge_chunk(runtime, uow, operation):
            pass
        errors = await uow.driver.fetch(_ERRORS, operation.id, MOST_REPORTED)
    # Left without commit: nothing was changed. The report of the rows is kept.
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        await uow.driver.execute(
            _REPORT,
            operation.id,
            [error["line"] for error in errors],
            [error["column_name"] for error in errors],
            [error["code"] for error in errors],
        )
        await uow.commit()
    return _result(operation) | {"dry_run": True}


async def _match(_runtime: Runtime, uow: UnitOfWork, operation: Operation) -> None:
    arguments = operation.arguments
    layout = BUREAU_FILES[arguments["kind"]]
    reconciled = await bureau_records.match(uow.driver, operation.id, layout, arguments["table"], operation.division)
    await operations.save_progress(
        uow.driver, operation, **asdict(reconciled), faults=arguments["faults"], signals=0, flagged=0, flags=[]
    )


async def _screening(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> Screening:
    return Screening(
        book=await runtime.parameters.book(uow.driver),
        division=operation.division,
        known_to=Month.parse(operation.arguments["month"]).last_day,
        on=runtime.clock.today(),
    )


async def _narrow(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> None:
    """Write the candidates once: asking for them again with every chunk would add up the whole file each time."""
    scope = Scope(operation.id, operation.division, operation.id)
    rules = bureau_records.rules_of_file(operation.arguments["kind"])
    await candidates.clear(uow.driver, operation.id)
    await screen_candidates.narrow(uow.driver, rules, scope, await _screening(runtime, uow, operation))
    await operations.save_progress(uow.driver, operation, narrowed=True)


async def _judge_chunk(runtime: Runtime, uow: UnitOfWork, operation: Operation) -> bool:
    """Judge the candidates of the next households; False when there are no more."""
    chunk = await candidates.next_chunk(uow.driver, operation.id, operation.progress.get("after", ""), CHUNK)
    if not chunk:
        return False
    await _judge(runtime, uow, operation, chunk)
    await operations.save_progress(uow.driver, operation, after=chunk[-1].household_id)
    return True


async def _judge(runtime: Runtime, uow: UnitOfWork, operation: Operation, chunk: Sequence[Candidate]) -> None:
    screening = await _screening(runtime, uow, operation)
    ids = [HouseholdId(household_id) for household_id in sorted({candidate.household_id for candidate in chunk})]
    by_id = {household.id: household for household in await households.load_many(uow, ids)}
    judged = [
        screen_candidates.judge(candidate, by_id[HouseholdId(candidate.household_id)], screening) for candidate in chunk
    ]
    outcome = await judge_signals.judge_signals(uow, judged, on=screening.on, keep_uncrossed=False)
    progress = operation.progress
    progress["signals"] += len(outcome.signals)
    progress["flagged"] += len(outcome.raised)
    progress["flags"] = [*progress["flags"], *(flag.id for flag in outcome.raised)]


_COUNTS = ("rows", "matched", "unmatched", "ambiguous", "rejected", "faults", "signals", "flagged")


def _result(operation: Operation) -> dict[str, Any]:
    return {name: operation.progress[name] for name in (*_COUNTS, "flags")}


def _completed(operation: Operation) -> Raised:
    progress = operation.progress
    return Raised(
        data=ComparisonCompleted(
            comparison_id=str(operation.id),
            division=operation.division,
            kind=public_kind(operation.arguments["kind"]),
            rows=progress["rows"] + progress["faults"],
            matched=progress["matched"],
            unmatched=progress["unmatched"],
            ambiguous=progress["ambiguous"],
            rejected=progress["rejected"] + progress["faults"],
            flagged=progress["flagged"],
        ),
        key=f"comparison/{operation.id}",
        subject=str(operation.id),
        division=operation.division,
    )
