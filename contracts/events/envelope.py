"""The form of every message: CloudEvents 1.0 in Kafka's binary mode.

A public event says what happened, in codes and ids only. A state message says how one aggregate stands now. What is
a stable promise (type name, version, service, topic) stands on the data class; what belongs to one occurrence (key,
subject, division) is given when it is raised.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

MAX_BYTES = 256_000
"""A message larger than this is refused when it is written: a list becomes items or a link."""
SEQUENCE_DIGITS = 19
EVERY_SERVICE = "*"
"""Stands for the sender in events that any service may send."""


class EventData(BaseModel):
    """The body of a public event. Subclasses name their service and their event in kebab-case, past tense."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)

    service: ClassVar[str]
    name: ClassVar[str]
    version: ClassVar[int] = 1

    @classmethod
    def type(cls, sender: str = "") -> str:
        """The CloudEvents type; `sender` names the service for events that every service may send."""
        service = sender if cls.service == EVERY_SERVICE else cls.service
        return f"shouwang.{service}.{cls.name}.v{cls.version}"


class StateData(BaseModel):
    """The body of a state message: the whole present state of one aggregate of a kind such as `household`."""

    model_config = ConfigDict(frozen=True, extra="ignore", json_schema_serialization_defaults_required=True)

    service: ClassVar[str]
    kind: ClassVar[str]
    version_of_schema: ClassVar[int] = 1

    @classmethod
    def type(cls) -> str:
        return f"shouwang.{cls.service}.{cls.kind}-state.v{cls.version_of_schema}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A public event on its way to the outbox.

    `key` is `household/<id>` wherever a household is concerned, otherwise the aggregate's own key; `subject` is the
    id of the thing itself; `occurred_at` is business time (None: the moment of the command); `state_version` is the
    version of the aggregate's state in which the event is already contained.
    """

    data: EventData
    key: str
    subject: str
    division: str
    state_version: int | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state message on its way to the outbox. `data` None is a tombstone: the aggregate was erased."""

    data: StateData | None
    kind: str
    id: str
    version: int
    division: str

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.id}"


def public_topic(service: str, prefix: str = "") -> str:
    return f"{prefix}shouwang.{service}"


def state_topic(service: str, prefix: str = "") -> str:
    return f"{prefix}shouwang.{service}.state"


def sequence_text(number: int) -> str:
    """A sequence as it travels: zero-padded, so that it orders as text."""
    return f"{number:0{SEQUENCE_DIGITS}d}"
