"""The first load of a platform: households in their published state form, with the numbers from which it reads on."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from chassis import database
from chassis.audit import Read
from chassis.identity import Caller
from contracts.errors import FieldError
from contracts.events.envelope import State, public_topic, sequence_text, state_topic
from contracts.events.monitoring_state import HouseholdState
from services.monitoring.api.access import MayReadSnapshots
from services.monitoring.api.households import runtime_of
from services.monitoring.domain import errors
from services.monitoring.domain.snapshot import as_of as state_as_of
from services.monitoring.storage import households

router = APIRouter(tags=["snapshots"])
MEDIA_TYPE = "application/x-ndjson"
CHUNK = 200


@router.get("/snapshots/households", summary="All households of the caller's division, one a line")
async def get_household_snapshot(
    request: Request,
    caller: MayReadSnapshots,
    as_of: Annotated[date | None, Query(description="How they stood on a day; today if none is given.")] = None,
) -> Response:
    """户快照 / NDJSON in the form of the state topic, after a first line about the snapshot itself.

    Each line carries the numbers that it matches: read on with public events of its key above `public_sequence` and
    states above `sequence`. A day before today has no such numbers, for the topics cannot be joined to it.
    """
    today = runtime_of(request).clock.today()
    day = as_of or today
    if day > today:
        raise errors.DayInFuture(errors=[FieldError("day-in-future", "#query.as_of")])
    return StreamingResponse(_lines(request, caller, day, present=day == today), media_type=MEDIA_TYPE)


async def _lines(request: Request, caller: Caller, day: date, *, present: bool) -> AsyncIterator[str]:
    runtime = runtime_of(request)
    settings = runtime.settings
    yield _line(
        {
            "snapshot": HouseholdState.kind,
            "as_of": str(day),
            "division": str(caller.division),
            "read_from": datetime.now(UTC).isoformat(),
            "public_topic": public_topic(runtime.service, settings.topic_prefix) if present else None,
            "state_topic": state_topic(runtime.service, settings.topic_prefix) if present else None,
        }
    )
    after = ""
    while True:
        # A connection for each chunk: a slow reader must not hold one.
        async with database.connect(runtime.engine) as connection:
            chunk = await households.states_after(connection, after, CHUNK, str(caller.division))
        if not chunk:
            return
        after = chunk[-1][0].id
        runtime.audit.add(Read.of(request, caller, "snapshot", [state.id for state, _ in chunk]))
        yield "".join(_household(state, number, day, present=present) for state, number in chunk)


def _household(state: State, public_sequence: int, day: date, *, present: bool) -> str:
    data = state.data
    assert isinstance(data, HouseholdState)
    if data.registered_on > day:
        return ""
    return _line(
        {
            "key": state.key,
            "sequence": sequence_text(state.version) if present else None,
            "public_sequence": sequence_text(public_sequence) if present else None,
            "division": state.division,
            "data": (data if present else state_as_of(data, day)).model_dump(mode="json"),
        }
    )


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"
