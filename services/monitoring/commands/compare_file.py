"""Compare a bureau's file with the registry: reconcile every row, flag whom a rule finds (M-1.1.1, M-1.1.2).

An operation in steps, each in a unit of work of its own: the rows are matched at once, then households are judged in
chunks in ascending order of id. A dry run does the same and keeps nothing but its report.
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
from services.monitoring.storage import bureau_records, households
from services.monitoring.storage.bureau_records import Candidate

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
    if "rows" not in operation.progress:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            await _match(uow, operation)
            crash.point("within-import-chunk")
            await uow.commit()
    after = operation.progress.get("after", "")
    while True:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            chunk = await _next_chunk(runtime, uow, operation, after)
            if not chunk:
                break
            await _judge(runtime, uow, operation, chunk)
            after = chunk[-1].household_id
            await operations.save_progress(uow.driver, operation, after=after)
            crash.point("within-import-chunk")
            await uow.commit()
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        result = _result(operation)
        await uow.driver.execute("update comparison set result = $2 where id = $1", operation.id, json.dumps(result))
        uow.raise_events([_completed(operation)])
        await uow.commit()
    return result


async def _dry_run(runtime: Runtime, operation: Operation) -> dict[str, Any]:
    async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
        await _match(uow, operation)
        while chunk := await _next_chunk(runtime, uow, operation, operation.progress.get("after", "")):
            await _judge(runtime, uow, operation, chunk)
            operation.progress["after"] = chunk[-1].household_id
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


async def _match(uow: UnitOfWork, operation: Operation) -> None:
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


async def _next_chunk(runtime: Runtime, uow: UnitOfWork, operation: Operation, after: str) -> list[Candidate]:
    """The candidates of the next households; all of one household are judged together."""
    screening = await _screening(runtime, uow, operation)
    rules = bureau_records.rules_of_file(operation.arguments["kind"])
    found = await screen_candidates.narrowed(uow.driver, rules, screening, operation.id)
    left = [candidate for candidate in found if candidate.household_id > after]
    ids = sorted({candidate.household_id for candidate in left})[:CHUNK]
    return [candidate for candidate in left if ids and candidate.household_id <= ids[-1]]


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
