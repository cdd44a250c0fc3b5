"""C1: the gateway's projection of households in batches, against one transaction for each message."""

import time
from datetime import date

import asyncpg

from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings
from chassis.consumer import BATCH
from chassis.kafka import Received
from chassis.positions import Position
from chassis.projector import Projector
from contracts.events.envelope import sequence_text, state_topic
from contracts.events.monitoring_state import HouseholdState
from gateway.projection import HANDLERS

_HOUSEHOLDS = 5_000
_TOPIC = state_topic("monitoring")
_SLOWER = 20
"""The baseline gets so many fewer messages, so that both bursts last about as long."""


class _Log:
    """State messages without end: each household again and again, always newer."""

    def __init__(self) -> None:
        self._next = 0
        example = HouseholdState.example()
        self._body = example.model_dump_json().encode()

    def take(self, count: int) -> list[Received]:
        taken = [self._message(number) for number in range(self._next, self._next + count)]
        self._next += count
        return taken

    def _message(self, number: int) -> Received:
        household = f"00000000-0000-4000-8000-{number % _HOUSEHOLDS:012d}"
        headers = {
            "ce_id": str(number),
            "ce_source": "/shouwang/monitoring",
            "ce_type": HouseholdState.type(),
            "ce_subject": household,
            "ce_divisioncode": f"150623100{200 + number % 12}",
            "ce_time": f"{date(2024, 3, 12)}T00:00:00Z",
            "ce_sequence": sequence_text(number + 1),
        }
        return Received(_TOPIC, 0, number, f"household/{household}", headers, self._body)


async def c1(around: Surroundings, size: Size) -> Measured:
    await around.database("projected", "gateway")
    connection = await around.connect("projected")
    projector, log = Projector(HANDLERS, set()), _Log()

    async def batches(count: int, each: int) -> float:
        messages = log.take(count)
        started = time.perf_counter()
        for first in range(0, count, each):
            await _absorb(connection, projector, messages[first : first + each])
        return count / (time.perf_counter() - started)

    try:
        rates = await interleaved(
            {
                "ours": lambda: batches(size.messages, BATCH),
                "base": lambda: batches(max(size.messages // _SLOWER, 10), 1),
            },
            size.rounds,
        )
    finally:
        await connection.close()
    note = f"{max(rates['ours']):.0f}/s against {max(rates['base']):.0f}/s at best"
    found = ratios(rates["ours"], rates["base"])
    return Measured(id="C1", what="projection batch / per-event transactions", rounds=found, goal=12, note=note)


async def _absorb(connection: asyncpg.Connection, projector: Projector, messages: list[Received]) -> None:
    last = messages[-1]
    moved = {(last.topic, last.partition): Position(last.offset + 1, last.event_id, None)}
    await projector.absorb(connection, messages, moved)
