"""An independent reader of the public events: it knows Kafka and CloudEvents, and nothing of the services."""

import json
from collections import Counter
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

TOPIC = "shouwang.monitoring"
_FLAGGED = "shouwang.monitoring.household-flagged.v1"
_PLUMBING = (".heartbeat.v", ".state-requested.v", ".replay-requested.v")
"""What services say about their logs, not about the town."""


@dataclass(frozen=True, slots=True)
class FlaggedLine:
    """A `household-flagged` as it was read: where, who, and why."""

    division: str
    household: str
    why: str


class Listener:
    """Counts the public events of monitoring by type, and remembers the flagged households until they are shown."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._seen: set[str] = set()
        self._flagged: list[FlaggedLine] = []
        self.counts: Counter[str] = Counter()
        self._of_households: dict[str, Counter[str]] = {}
        self.again = 0
        """Messages whose event had been read before: at least once is the guarantee."""
        self.next_offsets: dict[TopicPartition, int] = {}

    async def run(self) -> None:
        """Read from the beginning of the topic until cancelled."""
        consumer = AIOKafkaConsumer(
            TOPIC, bootstrap_servers=self._bootstrap_servers, auto_offset_reset="earliest", fetch_max_wait_ms=20
        )
        await consumer.start()
        try:
            async for record in consumer:
                self.take(record)
        finally:
            await consumer.stop()

    def take(self, record: ConsumerRecord) -> None:
        """Note one message."""
        self.next_offsets[TopicPartition(record.topic, record.partition)] = record.offset + 1
        headers = {name: value.decode() for name, value in record.headers}
        kind = headers["ce_type"]
        if any(part in kind for part in _PLUMBING):
            return
        if headers["ce_id"] in self._seen:
            self.again += 1
            return
        self._seen.add(headers["ce_id"])
        self.counts[kind] += 1
        about, _, household = (record.key or b"").decode().partition("/")
        if about == "household":
            self._of_households.setdefault(kind, Counter())[household] += 1
        if kind == _FLAGGED:
            self._flagged.append(_line(json.loads(record.value)))

    def by_household(self, event: str) -> Counter[str]:
        """How many events of a name, `household-flagged` say, were read of each household."""
        return self._of_households.get(f"{TOPIC}.{event}.v1", Counter())

    def take_flagged(self) -> list[FlaggedLine]:
        """The flagged households since the last call."""
        taken, self._flagged = self._flagged, []
        return taken


def _line(event: dict[str, object]) -> FlaggedLine:
    findings = event["findings"]
    assert isinstance(findings, list)
    said = []
    for finding in findings:
        lines = ", ".join(f"{line['key']} = {_value(line['value'])}" for line in finding["parameters"])
        said.append(" ".join(filter(None, (finding["clause"], finding["code"], lines and f"({lines})"))))
    return FlaggedLine(str(event["division"]), str(event["household_id"]), "; ".join(said))


def _value(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
