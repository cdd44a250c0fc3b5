"""Saying things again: the present state of aggregates, or retained public events, for those who missed them.

State is read under row locks and written through the outbox with its present version, so every later change stands
after it. Retained events are put back among the pending ones and go out with their own ids. Both are operations in
chunks that let live events pass.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import asyncpg

from chassis import crash, database, operations
from chassis.kafka import Received
from chassis.operations import Handler, Operation
from chassis.subscription import Reaction, data_of
from chassis.unit_of_work import UnitOfWork
from contracts.events.envelope import State, public_topic
from contracts.events.plumbing import ReplayRequested, StateRequested

if TYPE_CHECKING:
    from chassis.runtime import Runtime

CHUNK = 200
_MOST_PENDING = 4000
REPUBLISH = "republish-state"
REPLAY = "replay"


class StateSource(Protocol):
    """One kind of aggregate whose state this service publishes."""

    kind: str

    async def chunk(self, uow: UnitOfWork, after: str, limit: int, division: str) -> Sequence[State]:
        """The next aggregates by id after `after` in a division, each read under its row lock."""
        ...


# What waits behind a message that cannot be sent does not wait for the relay.
_MUCH_IS_PENDING = """
select exists (select from chassis.outbox_pending as pending
               where not exists (select from chassis.outbox_parked as parked
                                 where parked.topic = pending.topic and parked.key = pending.key)
               offset $1)
"""


async def _let_live_events_pass(runtime: "Runtime") -> None:
    while True:
        async with database.connect(runtime.engine) as connection:
            if not await connection.fetchval(_MUCH_IS_PENDING, _MOST_PENDING):
                return
        await asyncio.sleep(0.05)


async def _now(runtime: "Runtime") -> str:
    async with database.connect(runtime.engine) as connection:
        instant: datetime = await connection.fetchval("select clock_timestamp()")
        return instant.isoformat()


def republish(sources: Sequence[StateSource]) -> Handler:
    """The handler that republishes the state of the kinds named in the operation (all if none are named)."""

    async def run(runtime: "Runtime", operation: Operation) -> dict[str, Any]:
        wanted = operation.arguments.get("kinds") or [source.kind for source in sources]
        published = operation.progress.get("published", 0)
        begun = operation.progress.get("begun") or await _now(runtime)
        for source in sources:
            done = operation.progress.get("done", [])
            if source.kind not in wanted or source.kind in done:
                continue
            after = operation.progress.get("after", "") if operation.progress.get("kind") == source.kind else ""
            while True:
                await _let_live_events_pass(runtime)
                async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
                    states = await source.chunk(uow, after, CHUNK, operation.division)
                    uow.publish_state(states)
                    published += len(states)
                    after = states[-1].id if states else after
                    done_now = [*done, source.kind] if not states else done
                    await operations.save_progress(
                        uow.driver,
                        operation,
                        begun=begun,
                        kind=source.kind,
                        after=after,
                        published=published,
                        done=done_now,
                    )
                    crash.point("within-republish-chunk")
                    await uow.commit()
                if not states:
                    break
        return {"published": published, "kinds": list(wanted), "begun": begun}

    return run


_REPLAY_CHUNK = """
with chunk as (
    select id, recorded_at, topic, key from chassis.outbox
    where topic = $1 and id > $2 and recorded_at >= $3 and recorded_at < $4
      and ($5::text is null or (key = $5 and sequence > $6))
    order by id limit $7
), put_back as (
    insert into chassis.outbox_pending (id, recorded_at, topic, key, again)
    select id, recorded_at, topic, key, true from chunk on conflict do nothing
)
select count(*), max(id) from chunk
"""


async def replay(runtime: "Runtime", operation: Operation) -> dict[str, Any]:
    """Send retained public events again: those recorded in a span of system time, or of one key after a sequence."""
    wanted = operation.arguments
    since = datetime.fromisoformat(wanted["since"]) if wanted.get("since") else datetime.fromisoformat("2000-01-01T00Z")
    until = datetime.fromisoformat(wanted["until"])
    topic = public_topic(runtime.service, runtime.settings.topic_prefix)
    after, replayed = operation.progress.get("after", 0), operation.progress.get("replayed", 0)
    while True:
        await _let_live_events_pass(runtime)
        async with runtime.units.begin(person=operation.person, client=operation.client) as uow:
            count, last = (
                await uow.driver.fetch(
                    _REPLAY_CHUNK, topic, after, since, until, wanted.get("key"), wanted.get("after_sequence", 0), CHUNK
                )
            )[0]
            after, replayed = last or after, replayed + count
            await operations.save_progress(uow.driver, operation, after=after, replayed=replayed)
            crash.point("within-replay-chunk")
            await uow.commit()
        if not count:
            return {"replayed": replayed}


async def ask_republish(uow: UnitOfWork, kinds: Sequence[str], division: str) -> None:
    """Accept a republish unless the same one is waiting already."""
    arguments = {"kinds": sorted(kinds)}
    if not await _is_waiting(uow.driver, REPUBLISH, division, arguments):
        await operations.accept(uow, REPUBLISH, division, arguments)


async def ask_replay(uow: UnitOfWork, request: ReplayRequested, until: datetime | None = None) -> None:
    """Accept a replay, up to now unless told otherwise; whatever is recorded later goes out anyway."""
    until = until or await uow.driver.fetchval("select clock_timestamp()")
    arguments = {
        "since": request.since.isoformat() if request.since else None,
        "until": until.isoformat(),
        "key": request.key,
        "after_sequence": request.after_sequence or 0,
    }
    await operations.accept(uow, REPLAY, "", arguments)


async def _is_waiting(connection: asyncpg.Connection, kind: str, division: str, arguments: dict[str, Any]) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from chassis.operations where state = 'accepted' and kind = $1 "
            "and division = $2 and arguments = $3::jsonb)",
            kind,
            division,
            json.dumps(arguments),
        )
    )


def request_reactions(service: str, requests_from: Sequence[str]) -> Mapping[str, Reaction]:
    """The reactions of a source to the requests of its readers."""

    async def on_state_requested(uow: UnitOfWork, message: Received) -> None:
        request = StateRequested.model_validate(data_of(message))
        if request.source == service:
            await ask_republish(uow, request.kinds, request.division)

    async def on_replay_requested(uow: UnitOfWork, message: Received) -> None:
        request = ReplayRequested.model_validate(data_of(message))
        if request.source == service:
            await ask_replay(uow, request)

    reactions: dict[str, Reaction] = {}
    for reader in requests_from:
        reactions[StateRequested.type(reader)] = on_state_requested
        reactions[ReplayRequested.type(reader)] = on_replay_requested
    return reactions
