"""An independent reader of the public events: it knows Kafka and CloudEvents, and nothing of the services."""

import asyncio
import json
from collections import Counter

from aiokafka import AIOKafkaConsumer

from launcher.telling import Teller

_SHOWN = 5


class Listener:
    """Counts every public event of monitoring by type, and shows the first flagged households as they come."""

    def __init__(self, bootstrap_servers: str, teller: Teller) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._teller = teller
        self.counts: Counter[str] = Counter()

    async def run(self) -> None:
        consumer = AIOKafkaConsumer(
            "shouwang.monitoring",
            bootstrap_servers=self._bootstrap_servers,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=20,
        )
        await consumer.start()
        try:
            async for record in consumer:
                kind = dict(record.headers)["ce_type"].decode()
                if ".heartbeat." in kind:
                    continue
                self.counts[kind] += 1
                if kind.endswith("household-flagged.v1") and self.counts[kind] <= _SHOWN:
                    self._show(json.loads(record.value))
        finally:
            await consumer.stop()

    def _show(self, event: dict[str, object]) -> None:
        findings = event["findings"]
        said = json.dumps(findings, ensure_ascii=False)
        line = f"household-flagged  {event['household_id']}  {event['rule']}  {said}"
        self._teller.say(f"事件       {line}", f"Event       {line}")

    async def settled(self) -> None:
        """Wait until no event came for half a second."""
        before = -1
        while before != sum(self.counts.values()):
            before = sum(self.counts.values())
            await asyncio.sleep(0.5)
