"""Households to rows and back. JSON here is the storage form of dated spans; no rule reads it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import asyncpg

from contracts.decision import Answer
from contracts.month import Month
from services.monitoring.domain.circumstances import (
    Guarantee,
    Guarantees,
    Monitored,
    MonitoringEnd,
    Risk,
    TakenOver,
)
from services.monitoring.domain.codes import HouseholdType, MonitoredClass
from services.monitoring.domain.history import Dated, History
from services.monitoring.domain.household import Ending, Household, Successor
from services.monitoring.domain.ids import HouseholdId, MemberId
from services.monitoring.domain.member import Member, MemberDetails, Passage

_GUARANTEES = ("education", "medical", "housing", "water")
DETAIL_COLUMNS = (
    "name", "resident_id", "person_key", "relation", "sex", "born_on", "ethnicity", "education", "schooling",
    "health", "labour", "phone",
)  # fmt: skip


def household_row(household: Household) -> dict[str, Any]:
    """The columns of a household as JSON values."""
    open_span = household.monitored[-1] if household.monitored else None
    is_monitored = open_span is not None and open_span.ended is None
    return {
        "id": household.id,
        "division": household.division,
        "national_no": household.national_no,
        "household_type": household.types.present,
        "resettlement_site": household.sites.present,
        "monitored_class": household.classes.present if is_monitored else None,
        "registered_on": str(household.registered_on),
        "ended_on": str(household.ended.on) if household.ended else None,
        "ended_how": household.ended.reason if household.ended else None,
        "risks": [{"code": risk.code, "remark": risk.remark} for risk in household.risks],
        "guarantees": {
            name: {"secured": guarantee.secured, "known_on": _text(guarantee.known_on)}
            for name in _GUARANTEES
            if (guarantee := getattr(household.guarantees, name)) != Guarantee()
        },
        "history": {
            "divisions": _spans(household.divisions),
            "sites": _spans(household.sites),
            "types": _spans(household.types),
            "classes": _spans(household.classes),
        },
        "monitored": [
            {"since": str(span.since), "ended": _text(span.ended), "how": span.how}
            | ({"kept": True} if span.kept else {})
            for span in household.monitored
        ],
        "successors": [{"household_id": s.household_id, "how": s.how, "on": str(s.on)} for s in household.successors],
        "taken_over": (
            {"file": taken.file, "row": taken.row, "on": str(taken.on)} if (taken := household.taken_over) else None
        ),
        "version": household.version,
    }


def member_rows(household: Household) -> list[dict[str, Any]]:
    """The columns of all members, in their order, as JSON values."""
    return [
        {
            "id": member.id,
            "household_id": household.id,
            "place": place,
            **{name: _text(getattr(member.details, name)) for name in DETAIL_COLUMNS},
            "joined_on": str(member.joined_on),
            "left_on": _text(member.left_on),
            "left_reason": member.left_reason,
            "passed_to": (
                {"household_id": passed.household_id, "member_id": passed.member_id}
                if (passed := member.passed_to)
                else None
            ),
        }
        for place, member in enumerate(household.members)
    ]


def household_of(row: asyncpg.Record, members: Sequence[asyncpg.Record]) -> Household:
    """The aggregate as it was saved."""
    history, taken = row["history"], row["taken_over"]
    return Household(
        id=HouseholdId(str(row["id"])),
        registered_on=row["registered_on"],
        national_no=row["national_no"],
        divisions=history_of(history["divisions"], str),
        sites=history_of(history["sites"], str),
        types=history_of(history["types"], HouseholdType),
        classes=history_of(history["classes"], MonitoredClass),
        members=tuple(_member(member) for member in members),
        monitored=tuple(monitored_of(span) for span in row["monitored"]),
        risks=tuple(Risk(risk["code"], risk["remark"]) for risk in row["risks"]),
        guarantees=Guarantees(
            **{
                name: Guarantee(Answer(found["secured"]), _day(found["known_on"]))
                for name, found in row["guarantees"].items()
            }
        ),
        ended=Ending(on=row["ended_on"], reason=row["ended_how"]) if row["ended_on"] else None,
        successors=tuple(
            Successor(household_id=HouseholdId(s["household_id"]), how=s["how"], on=date.fromisoformat(s["on"]))
            for s in row["successors"]
        ),
        taken_over=(
            TakenOver(file=taken["file"], row=taken["row"], on=date.fromisoformat(taken["on"])) if taken else None
        ),
        version=row["version"],
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _spans(history: History[Any]) -> list[list[str | None]]:
    return [[_text(span.value), str(span.from_on), _text(span.until_on)] for span in history.spans]


def history_of(spans: list[list[str | None]], read: Any) -> History[Any]:
    """A dated attribute as it was saved; `read` makes a value of its text."""
    return History(
        tuple(
            Dated(None if value is None else read(value), date.fromisoformat(str(from_on)), _day(until_on))
            for value, from_on, until_on in spans
        )
    )


def monitored_of(span: Mapping[str, Any]) -> Monitored:
    """A time under monitoring as it was saved."""
    return Monitored(
        since=Month.parse(span["since"]),
        ended=Month.parse(span["ended"]) if span["ended"] else None,
        how=MonitoringEnd(span["how"]) if span["how"] else None,
        kept=span.get("kept", False),
    )


def _member(row: asyncpg.Record) -> Member:
    passed = row["passed_to"]
    return Member(
        id=MemberId(str(row["id"])),
        details=MemberDetails(**{name: row[name] for name in DETAIL_COLUMNS}),
        joined_on=row["joined_on"],
        left_on=row["left_on"],
        left_reason=row["left_reason"],
        passed_to=(
            Passage(household_id=HouseholdId(passed["household_id"]), member_id=MemberId(passed["member_id"]))
            if passed
            else None
        ),
    )
