"""Flags in the database: one row for each household, rule and period, found and locked in sets."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg

from chassis.unit_of_work import UnitOfWork
from contracts.decision import Finding
from contracts.errors import Missing, Stale
from contracts.events.envelope import State
from services.monitoring.domain.flags import Evidence, Flag, FlagStanding
from services.monitoring.domain.ids import FlagId, HouseholdId, SignalId
from services.monitoring.domain.judgement import ScreeningFinding

FlagKey = tuple[HouseholdId, str, str]

_COLUMNS = (
    "id, household_id, division, rule, period, standing, round, opened_on, closed_on, closing_reason, "
    "dismissed_amount, evidence, version"
)
_TYPES = (
    "id uuid, household_id uuid, division text, rule text, period text, standing text, round int, opened_on date, "
    "closed_on date, closing_reason text, dismissed_amount numeric, evidence jsonb, version bigint"
)
_SET = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS.split(", ")[1:])
_SAVE = f"""
insert into flag ({_COLUMNS}) select new.* from jsonb_to_recordset($1::jsonb) as new ({_TYPES})
on conflict (id) do update set {_SET}
"""
_FIND = f"""
select {_COLUMNS} from flag
where (household_id, rule, period) in (select * from unnest($1::uuid[], $2::text[], $3::text[]))
order by id for update
"""
_ONE = f"select {_COLUMNS} from flag where id = $1 and division like $2 || '%' for update"
_OPEN_OF = f"select {_COLUMNS} from flag where household_id = $1 and standing = 'open' order by id for update"
_NEXT = f"select {_COLUMNS} from flag where id > $1::uuid and division like $2 || '%' order by id limit $3 for update"
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    found = evidence.finding
    return {
        "finding": found.finding.model_dump(mode="json"),
        "day": str(found.day),
        "amount": None if found.amount is None else str(found.amount),
        "signals": list(evidence.signals),
        "attached_on": str(evidence.attached_on),
    }


def _row(flag: Flag) -> dict[str, Any]:
    return {
        "id": flag.id,
        "household_id": flag.household_id,
        "division": flag.division,
        "rule": flag.rule,
        "period": flag.period,
        "standing": flag.standing.value,
        "round": flag.round,
        "opened_on": str(flag.opened_on),
        "closed_on": str(flag.closed_on) if flag.closed_on else None,
        "closing_reason": flag.closing_reason,
        "dismissed_amount": None if flag.dismissed_amount is None else str(flag.dismissed_amount),
        "evidence": [_evidence_json(evidence) for evidence in flag.evidence],
        "version": flag.version,
    }


def _evidence(raw: dict[str, Any], rule: str, period: str) -> Evidence:
    return Evidence(
        finding=ScreeningFinding(
            finding=Finding.model_validate(raw["finding"]),
            rule=rule,
            period=period,
            day=date.fromisoformat(raw["day"]),
            amount=None if raw["amount"] is None else Decimal(raw["amount"]),
        ),
        signals=tuple(map(SignalId, raw["signals"])),
        attached_on=date.fromisoformat(raw["attached_on"]),
    )


def _flag(row: asyncpg.Record) -> Flag:
    return Flag(
        id=FlagId(str(row["id"])),
        household_id=HouseholdId(str(row["household_id"])),
        division=row["division"],
        rule=row["rule"],
        period=row["period"],
        evidence=tuple(_evidence(raw, row["rule"], row["period"]) for raw in row["evidence"]),
        opened_on=row["opened_on"],
        standing=FlagStanding(row["standing"]),
        round=row["round"],
        closed_on=row["closed_on"],
        closing_reason=row["closing_reason"],
        dismissed_amount=row["dismissed_amount"],
        version=row["version"],
    )


async def find_many(connection: asyncpg.Connection, keys: Iterable[FlagKey]) -> dict[FlagKey, Flag]:
    """The flags of these households, rules and periods that exist, locked in order of id."""
    wanted = list(keys)
    rows = await connection.fetch(_FIND, *([key[part] for key in wanted] for part in range(3)))
    return {flag.key: flag for flag in map(_flag, rows)}


async def load(uow: UnitOfWork, flag_id: str, *, within: str, expected_version: int | None = None) -> Flag:
    """One flag, locked. Raises Missing outside of the division, Stale at another version than expected."""
    row = await uow.driver.fetchrow(_ONE, flag_id, within)
    if row is None:
        raise Missing
    if expected_version is not None and row["version"] != expected_version:
        raise Stale
    return _flag(row)


async def open_of(uow: UnitOfWork, household_id: HouseholdId) -> list[Flag]:
    """The open flags of a household, locked in order of id."""
    return [_flag(row) for row in await uow.driver.fetch(_OPEN_OF, household_id)]


async def save(uow: UnitOfWork, flags: Sequence[Flag]) -> None:
    """Write new and changed flags, with their events and states."""
    await uow.driver.execute(_SAVE, json.dumps([_row(flag) for flag in flags]))
    for flag in flags:
        uow.raise_events(flag.events)
        flag.events = []
    uow.publish_state(flag.state() for flag in flags)


class FlagStates:
    """The state of flags, for republishing (chassis.rebuilding.StateSource)."""

    kind = "flag"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch(_NEXT, after or _FIRST_ID, division, limit)
        return [_flag(row).state() for row in rows]
