"""Signals in the database; who reported one stands in a table of its own."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from chassis.unit_of_work import UnitOfWork
from contracts.events.envelope import State
from services.monitoring.domain.ids import FlagId, HouseholdId, IncidentId, MemberId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.signals import Reporter, Signal, Source, signal_recorded, signal_state

_COLUMNS = (
    "id, household_id, member_id, division, source, kind, occurred_on, recorded_on, evidence, record_no, incident_id, "
    "flag_id, version, recorded_by"
)
_TYPES = (
    "id uuid, household_id uuid, member_id uuid, division text, source text, kind text, occurred_on date, "
    "recorded_on date, evidence jsonb, record_no text, incident_id uuid, flag_id uuid, version bigint, recorded_by text"
)
_INSERT = f"insert into signal ({_COLUMNS}) select new.* from jsonb_to_recordset($1::jsonb) as new ({_TYPES})"
_REPORTER = "insert into signal_reporter (signal_id, channel, name, phone, sub, statement) values ($1,$2,$3,$4,$5,$6)"
_NEXT = f"select {_COLUMNS} from signal where id > $1::uuid and division like $2 || '%' order by id limit $3 for update"
_FIRST_ID = "00000000-0000-0000-0000-000000000000"


def evidence_json(facts: ScreeningFacts) -> dict[str, object]:
    """The known facts, with amounts as text."""
    return {
        name: value if isinstance(value, bool | int) else str(value)
        for name, value in asdict(facts).items()
        if value is not None
    }


def _row(signal: Signal, person: str) -> dict[str, object]:
    return {
        "id": signal.id,
        "household_id": signal.household_id,
        "member_id": signal.member_id,
        "division": signal.division,
        "source": signal.source.value,
        "kind": signal.kind,
        "occurred_on": str(signal.occurred_on),
        "recorded_on": str(signal.recorded_on),
        "evidence": evidence_json(signal.evidence),
        "record_no": signal.record_no,
        "incident_id": signal.incident_id,
        "flag_id": signal.flag_id,
        "version": signal.version,
        "recorded_by": person,
    }


async def add(uow: UnitOfWork, signals: Sequence[Signal]) -> None:
    """Record signals, with their events and states. A signal that raised or joined a flag already names it."""
    await uow.driver.execute(_INSERT, json.dumps([_row(signal, uow.person) for signal in signals]))
    uow.raise_events(signal_recorded(signal) for signal in signals)
    uow.publish_state(signal_state(signal) for signal in signals)


async def add_reporter(uow: UnitOfWork, reporter: Reporter, statement: str | None) -> None:
    """Keep who reported, and what was said, apart from the signal (M-1.1.7)."""
    await uow.driver.execute(
        _REPORTER, reporter.signal_id, reporter.channel, reporter.name, reporter.phone, reporter.sub, statement
    )


class SignalStates:
    """The state of signals, for republishing (chassis.rebuilding.StateSource)."""

    kind = "signal"

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        rows = await uow.driver.fetch(_NEXT, after or _FIRST_ID, division, limit)
        return [
            signal_state(
                Signal(
                    id=SignalId(str(row["id"])),
                    household_id=HouseholdId(str(row["household_id"])),
                    member_id=MemberId(str(row["member_id"])) if row["member_id"] else None,
                    division=row["division"],
                    source=Source(row["source"]),
                    kind=row["kind"],
                    occurred_on=row["occurred_on"],
                    recorded_on=row["recorded_on"],
                    record_no=row["record_no"],
                    incident_id=IncidentId(str(row["incident_id"])) if row["incident_id"] else None,
                    flag_id=FlagId(str(row["flag_id"])) if row["flag_id"] else None,
                    version=row["version"],
                )
            )
            for row in rows
        ]
