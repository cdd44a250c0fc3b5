"""Whether all ended with the same town: the registry, its state topic, the gateway's projection, the public events.

The launcher owns the databases of a run and reads them whole: rows are compared one by one, and of public events how
many of each kind every household has.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.kafka import received
from contracts.events.envelope import state_topic
from launcher.errors import WorkFailed
from launcher.listening import Listener
from launcher.standing import Engines

Row = tuple[object, ...]
Rows = dict[str, Row]
SERVICE, GATEWAY = "monitoring", "gateway"

_REGISTRY = {
    "household": "select id::text, version, division, household_type, monitored_class from household",
    "signal": "select id::text, version, division, source from signal",
    "flag": "select id::text, version, division, standing from flag",
    "case": "select id::text, version, division, standing, step from case_file",
    "measure": "select id::text, version, division, standing from measure",
}
_PROJECTION = {
    "household": "select id::text, version, division, household_type, monitored_class from household",
    "signal": "select id::text, version, division, source from signal",
    "flag": "select id::text, version, division, state from flag",
}
_EVENTS = {
    "household-registered": "select id::text, 1 from household where taken_over is null",
    "signal-recorded": "select household_id::text, count(*) from signal group by 1",
    "household-flagged": "select household_id::text, sum(round) from flag group by 1",
    "case-opened": "select household_id::text, count(*) from case_file group by 1",
    "household-identified": "select household_id::text, count(*) from case_file "
    "where procedure = 'identification' and standing = 'completed' group by 1",
    "household-risk-eliminated": "select household_id::text, count(*) from case_file "
    "where procedure = 'elimination' and standing = 'completed' group by 1",
    "measure-planned": "select household_id::text, count(*) from measure group by 1",
    "measure-requested": "select household_id::text, count(*) from measure where provider is not null group by 1",
    "measure-recorded": "select household_id::text, count(*) from measure where started_on is not null group by 1",
}
"""How many events of each kind the registry says that every household has: in the play officers record each start."""


async def agreement(engines: Engines, listener: Listener, *, whole_log: bool) -> Counter[str]:
    """How many rows and events were compared; raises WorkFailed at the first that differ.

    Where the log is not `whole_log` (the embedded broker began empty), it has the states that somebody asked for again.
    """
    compared: Counter[str] = Counter()
    registry = await asyncpg.connect(engines.postgres.dsn(SERVICE))
    projection = await asyncpg.connect(engines.postgres.dsn(GATEWAY))
    try:
        states = await newest_states(engines.bootstrap_servers, engines.partitions)
        for kind, query in _REGISTRY.items():
            if not whole_log and kind not in _PROJECTION:
                continue
            rows = await _rows(registry, query)
            same(f"state of {kind}", rows, states.get(kind, {}))
            compared[f"{kind} rows"] = len(rows)
            if kind in _PROJECTION:
                same(f"the gateway's {kind}", rows, await _rows(projection, _PROJECTION[kind]))
        for event, query in _EVENTS.items():
            expected: Rows = {row[0]: (int(row[1]),) for row in await registry.fetch(query)}
            told: Rows = {key: (count,) for key, count in listener.by_household(event).items()}
            same(event, expected, told)
            compared[f"{event} events"] = sum(listener.by_household(event).values())
    finally:
        await registry.close()
        await projection.close()
    return compared


def same(what: str, expected: Mapping[str, Row], found: Mapping[str, Row]) -> None:
    """Raise WorkFailed, naming the first row that is missing, too much, or another one."""
    for key in sorted(expected.keys() | found.keys()):
        if expected.get(key) != found.get(key):
            raise WorkFailed("agreement", f"{what} {key}: {found.get(key)}, the registry has {expected.get(key)}")


async def newest_states(bootstrap_servers: str, partitions: int) -> dict[str, Rows]:
    """The newest state of each key by kind, as an independent reader finds it in the topic."""
    places = [TopicPartition(state_topic(SERVICE), number) for number in range(partitions)]
    newest: dict[str, Rows] = {}
    async with AIOKafkaConsumer(bootstrap_servers=bootstrap_servers, fetch_max_wait_ms=20) as consumer:
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200, max_records=5000)).values():
                for message in map(received, records):
                    kind, _, key = message.key.partition("/")
                    if kind in _FACTS and message.payload is not None:
                        row = (message.sequence, message.division, *_FACTS[kind](json.loads(message.payload)))
                        newest.setdefault(kind, {})[key] = row
    return newest


async def _rows(connection: asyncpg.Connection, query: str) -> Rows:
    return {row[0]: tuple(row)[1:] for row in await connection.fetch(query)}


def _of_household(body: Mapping[str, Any]) -> Row:
    monitored = any(span["ended"] is None for span in body["monitored"])
    return _last(body["household_types"]), _last(body["monitored_classes"]) if monitored else None


def _last(spans: Sequence[Mapping[str, Any]]) -> object:
    return spans[-1]["value"]


_FACTS: dict[str, Callable[[Mapping[str, Any]], Row]] = {
    "household": _of_household,
    "signal": lambda body: (body["source"],),
    "flag": lambda body: (body["state"],),
    "case": lambda body: (body["state"], body["step"]),
    "measure": lambda body: (body["state"],),
}
"""What is compared of a state beside its version and division."""
