"""A consumer that knows nothing of this project: librdkafka, the CloudEvents SDK and the published JSON Schema."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import Consumer
from jsonschema import Draft202012Validator

FLAGGED = "shouwang.monitoring.household-flagged.v1"
SCHEMAS = Path(__file__).parents[1] / "contracts/published/schemas"
EXTENSIONS = ("partitionkey", "sequence", "statesequence", "divisioncode", "correlationid")


async def first_of_type(bootstrap_servers: str, topic: str, wanted: str) -> tuple[BaseCloudEvent, dict[str, str]]:
    """The first event of a type that stands in the topic, and its raw headers; reads in a thread of its own."""
    return await asyncio.to_thread(_first_of_type, bootstrap_servers, topic, wanted)


def _first_of_type(bootstrap_servers: str, topic: str, wanted: str) -> tuple[BaseCloudEvent, dict[str, str]]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": f"somebody-else-{topic}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    deadline = time.monotonic() + 30
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(0.2)
            if message is None or message.error():
                continue
            headers: dict[str, Any] = dict(message.headers() or [])
            if headers.get("ce_type") == wanted.encode():
                read = KafkaMessage(headers=headers, key=message.key(), value=message.value() or b"")
                return from_binary(read, JSONFormat()), {name: value.decode() for name, value in headers.items()}
    finally:
        consumer.close()
    raise TimeoutError(f"no {wanted} in {topic}")


def assert_household_flagged(event: BaseCloudEvent, headers: dict[str, str], household_id: str, division: str) -> None:
    """What CloudEvents 1.0 requires is there, our extensions are, and the published schema accepts the body."""
    assert event.get_specversion() == "1.0"
    assert event.get_type() == FLAGGED
    assert event.get_source() == "/shouwang/monitoring"
    assert event.get_id()
    assert event.get_subject()
    assert event.get_datacontenttype() == "application/json"
    instant = event.get_time()
    assert instant is not None
    assert instant.tzinfo is not None
    extensions = {name: event.get_extension(name) for name in EXTENSIONS}
    assert all(extensions.values()), extensions
    assert extensions["partitionkey"] == f"household/{household_id}"
    assert extensions["divisioncode"] == division
    assert len(extensions["sequence"]) == 19
    assert extensions["sequence"].isdigit()
    assert headers["ce_partitionkey"] == extensions["partitionkey"], "the header says what the key says"
    assert headers["traceparent"].startswith("00-")
    schema = json.loads((SCHEMAS / f"{FLAGGED}.json").read_text())
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    body = event.get_data()
    assert [error.message for error in validator.iter_errors(body)] == []
    required = schema["required"][0]
    assert not validator.is_valid({name: value for name, value in body.items() if name != required})
