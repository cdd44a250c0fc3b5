"""Import households from the national system's workbook: one row a member, household columns repeated.

An operation in chunks of households in ascending order of their national number. A household with a row that cannot
be read is refused whole, and each such row is reported. One that is known already is compared with the registry:
nothing of it changes, and what the file says otherwise is listed for a person to settle. Households already monitored
are stored as taken over: state only, never a decision of ours.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import uuid4

import asyncpg

from chassis import crash, operations
from chassis.operations import Operation
from chassis.runtime import Runtime
from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer
from contracts.errors import DomainError, FieldError
from contracts.files import national
from contracts.month import Month
from contracts.resident_id import person_key
from services.monitoring.domain.circumstances import Guarantee, Guarantees, Monitored, MonitoringEnd, Risk, TakenOver
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.income import IncomeEntry, IncomeKind, check_entry, year_of
from services.monitoring.domain.member import MemberDetails, NewMember
from services.monitoring.domain.national_differences import SOURCE, FileRow, differences
from services.monitoring.domain.registration import register, take_over
from services.monitoring.storage import households, import_differences, incomes, national_rows
from services.monitoring.storage.national_rows import NationalRow

KIND = "national-import"
CHUNK = 250
_COUNTS = ("registered", "taken_over", "known", "refused", "members", "differences")


async def carry_out(runtime: Runtime, operation: Operation) -> dict[str, Any]:
    """The operation's handler; goes on after the household that was committed last."""
    for name in _COUNTS:
        operation.progress.setdefault(name, 0)
    dry_run = operation.arguments["dry_run"]
    after = operation.progress.get("after", "")
    while True:
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            rows = await national_rows.next_households(uow.driver, operation.arguments["table"], after, CHUNK)
            if not rows:
                return {name: operation.progress[name] for name in _COUNTS} | {"dry_run": dry_run}
            reported = await _import(runtime, uow, operation, rows)
            after = max(rows)
            if not dry_run:
                await operations.add_errors(uow.driver, operation, reported)
                await operations.save_progress(uow.driver, operation, after=after)
                crash.point("within-import-chunk")
                await uow.commit()
        if dry_run and reported:
            async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
                await operations.add_errors(uow.driver, operation, reported)
                await uow.commit()


async def _import(
    runtime: Runtime, uow: UnitOfWork, operation: Operation, rows: Mapping[str, Sequence[NationalRow]]
) -> list[FieldError]:
    known = await national_rows.known_households(uow.driver, list(rows), operation.division)
    taken = await national_rows.people_known(
        uow.driver, [row.resident_id for group in rows.values() for row in group if row.resident_id]
    )
    secret, today = runtime.person_key_secret, runtime.clock.today()
    reported = await _compare(
        uow, operation, {known[number]: rows[number] for number in rows if number in known}, today
    )
    built: list[Household] = []
    earned: list[tuple[IncomeEntry, str]] = []
    progress = operation.progress
    for number, group in rows.items():
        if number in known:
            progress["known"] += 1
            continue
        faults = [fault for row in group for fault in row.faults]
        faults += _placing_faults(group, operation.division)
        faults += [
            FieldError("person-elsewhere", line=row.line, column="证件号码")
            for row in group
            if row.resident_id in taken
        ]
        if not faults:
            try:
                household = _household(number, group, secret, operation, today)
                earned += [(entry, household.division) for entry in _incomes(household, group[0].cells, today)]
                built.append(household)
            except DomainError as error:
                faults = [FieldError(field.code, line=group[0].line) for field in error.errors]
                faults = faults or [FieldError(error.code, line=group[0].line)]
        if faults:
            progress["refused"] += 1
            reported += faults
    for household in built:
        progress["taken_over" if household.taken_over else "registered"] += 1
        progress["members"] += len(household.members)
    if built:
        await households.add(uow, built)
    if earned:
        await incomes.add(uow, earned)
    return reported


async def _compare(
    uow: UnitOfWork, operation: Operation, known: Mapping[HouseholdId | None, Sequence[NationalRow]], today: date
) -> list[FieldError]:
    """List what the rows of known households say otherwise; a row that cannot be read keeps its household out.

    A dry run reports each difference by line and column instead.
    """
    faults = [fault for group in known.values() for row in group for fault in row.faults]
    readable = {
        household_id: [FileRow(row.line, row.cells) for row in group]
        for household_id, group in known.items()
        if household_id is not None and not any(row.faults for row in group)
    }
    found_households = await households.read_many(uow.driver, list(readable))
    earned: dict[HouseholdId, list[IncomeEntry]] = {}
    for entry in await incomes.standing(uow.driver, list(readable)):
        earned.setdefault(entry.key.household_id, []).append(entry)
    found = {
        (household.id, household.division): differences(household, earned.get(household.id, []), readable[household.id])
        for household in found_households
    }
    if operation.arguments["dry_run"]:
        listed = [one for each in found.values() for one in each]
        operation.progress["differences"] += len(listed)
        return [*faults, *(FieldError(one.kind.value, line=one.line, column=one.heading) for one in listed)]
    operation.progress["differences"] += await import_differences.replace_open(uow, operation.id, found, today)
    return faults


def _placing_faults(group: Sequence[NationalRow], division: str) -> list[FieldError]:
    villages = {row.cells["division"] for row in group}
    if len(villages) > 1:
        return [FieldError("division-differs", line=group[0].line, column="行政区划代码")]
    if not str(next(iter(villages))).startswith(division):
        return [FieldError("outside-division", line=group[0].line, column="行政区划代码")]
    return []


def _household(number: str, group: Sequence[NationalRow], secret: bytes, operation: Operation, today: Any) -> Household:
    first = group[0].cells
    details = HouseholdDetails(
        household_type=HouseholdType(national.HOUSEHOLD_TYPES[first["household_type"]]),
        national_no=number,
        resettlement_site=first["resettlement_site"],
        risks=_risks(first),
        guarantees=_guarantees(first, today),
    )
    members = [NewMember(id=MemberId(str(uuid4())), details=_member(row, secret)) for row in group]
    identified = first["identified_month"]
    if first["monitored_class"] is None or identified is None:
        return register(
            household_id=HouseholdId(str(uuid4())),
            division=first["division"],
            details=details,
            members=members,
            on=today,
        )
    ended = first["eliminated_month"] if first["risk_eliminated"] else None
    mode = first["elimination_mode"]
    return take_over(
        household_id=HouseholdId(str(uuid4())),
        division=first["division"],
        details=details,
        members=members,
        origin=TakenOver(file=str(operation.id), row=group[0].line, on=today),
        monitored_class=MonitoredClass(national.MONITORED_CLASSES[first["monitored_class"]]),
        monitored=Monitored(
            since=Month.of(identified),
            ended=Month.of(ended) if ended else None,
            how=MonitoringEnd(national.ELIMINATION_MODES[mode]) if ended and mode else None,
        ),
    )


def _member(row: NationalRow, secret: bytes) -> MemberDetails:
    cells = row.cells
    number = row.resident_id

    def code(name: str, codes: Mapping[str, str]) -> str | None:
        label = cells[name]
        return None if label is None else codes[label]

    return MemberDetails(
        name=cells["name"],
        relation=national.RELATIONS[cells["relation"]],
        resident_id=number,
        person_key=person_key(number, secret) if number else None,
        sex=code("sex", national.SEXES),
        born_on=cells["born_on"],
        ethnicity=code("ethnicity", national.ETHNICITIES),
        education=code("education", national.EDUCATION),
        schooling=cells["schooling"],
        health=code("health", national.HEALTH),
        labour=code("labour", national.LABOUR),
        phone=cells["phone"],
    )


def _incomes(household: Household, cells: Mapping[str, Any], today: date) -> list[IncomeEntry]:
    """The year's figures as entries of that year; what the file leaves out is not known, and a zero is a zero."""
    if cells["income_year"] is None:
        return []
    entries = [
        IncomeEntry(
            key=year_of(household.id, kind, int(cells["income_year"]), SOURCE),
            amount=cells[kind.value.replace("-", "_")],
            recorded_on=today,
        )
        for kind in IncomeKind
        if cells[kind.value.replace("-", "_")] is not None
    ]
    for entry in entries:
        check_entry(entry)
    return entries


def _risks(cells: Mapping[str, Any]) -> tuple[Risk, ...]:
    labels = [cells[f"risk_{rank}"] for rank in range(1, 6)]
    codes = [national.RISKS[label] for label in labels if label]
    return tuple(Risk(code, cells["risk_remark"] if code == "other" else None) for code in codes)


def _guarantees(cells: Mapping[str, Any], day: Any) -> Guarantees:
    def found(value: bool | None) -> Guarantee:
        return Guarantee() if value is None else Guarantee(Answer.of(value), day)

    dangerous = cast("bool | None", cells["dangerous_house"])
    return Guarantees(
        education=found(cells["education_secured"]),
        medical=found(cells["medical_secured"]),
        housing=found(None if dangerous is None else not dangerous),
        water=found(cells["safe_water"]),
    )


async def stage_lines(connection: asyncpg.Connection, table: str) -> None:
    """Index a staged file by household, so that a chunk costs the same anywhere in it."""
    await connection.execute(f"create index on {table} (national_no)")
