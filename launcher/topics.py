"""The topics of the five services, public and state, with enough partitions for the embedded broker."""

from dataclasses import dataclass

from contracts.events.envelope import public_topic, state_topic

SERVICES = ("monitoring", "assets", "employment", "relief")
GATEWAY = "gateway"
PROCESSES = (*SERVICES, GATEWAY)

EMBEDDED_PARTITIONS = 32
"""The embedded broker keeps some 5 MB per partition and silently drops the oldest beyond: many partitions hold more."""
REAL_PARTITIONS = 8


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    compacted: bool


TOPICS = tuple(
    topic
    for service in PROCESSES
    for topic in (Topic(public_topic(service), compacted=False), Topic(state_topic(service), compacted=True))
)
