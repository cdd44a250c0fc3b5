"""A provider of measures, as monitoring hears it: words on its public topic, numbered per key."""

import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from contracts.events.envelope import public_topic, sequence_text
from tests.engines import Topics
from tests.things import send


class Provider:
    """One service that answers measure requests."""

    def __init__(self, service: str, topics: Topics) -> None:
        self.service, self._topics = service, topics
        self._numbers: Counter[str] = Counter()

    async def say(self, name: str, household_id: str, body: dict[str, Any], *, number: int | None = None) -> None:
        """One event under the household's key, with the next number of that key unless one is given."""
        key = f"household/{household_id}"
        self._numbers[key] += 1
        headers = {
            "ce_specversion": "1.0",
            "ce_id": uuid4().hex,
            "ce_source": f"/shouwang/{self.service}",
            "ce_type": f"shouwang.{self.service}.{name}.v1",
            "ce_subject": str(body["measure_id"]),
            "ce_time": datetime.now(UTC).isoformat(),
            "ce_partitionkey": key,
            "ce_sequence": sequence_text(number or self._numbers[key]),
            "ce_divisioncode": str(body["division"]),
            "content-type": "application/json",
        }
        await send(
            self._topics,
            public_topic(self.service, self._topics.prefix),
            key.encode(),
            {name: value.encode() for name, value in headers.items()},
            json.dumps(body).encode(),
        )
