"""What every service may say about its own topics: how current they are, and what it misses of others'."""

from datetime import UTC, datetime
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.events.envelope import EVERY_SERVICE, EventData


class Restated(BaseModel):
    """One kind of state of which every aggregate was said again, as it stood at the system instant `since` or later."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: str
    since: datetime


class Replayed(BaseModel):
    """Public events that were sent again: all that was recorded from `since` (None: ever) to `until`, system time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    since: datetime | None
    until: datetime


class Heartbeat(EventData):
    """Sent by the relay to every partition of both topics, without outbox and sequence."""

    service: ClassVar[str] = EVERY_SERVICE
    name: ClassVar[str] = "heartbeat"

    sent_up_to: datetime
    """System instant before which everything recorded was sent."""
    parked_keys: int
    """Keys held back because their next message cannot be sent."""
    restated: tuple[Restated, ...] = ()
    """The newest republication of each kind of state of which everything was sent."""
    replayed: tuple[Replayed, ...] = ()
    """The newest replays of which everything was sent."""

    @classmethod
    def example(cls) -> Self:
        instant = datetime(2024, 3, 5, 1, 0, tzinfo=UTC)
        return cls(
            sent_up_to=instant,
            parked_keys=0,
            restated=(Restated(kind="household", since=instant),),
            replayed=(Replayed(since=None, until=instant),),
        )


class StateRequested(EventData):
    """The sender lost the beginning of a state log: `source` republishes the state of these kinds (all if empty)."""

    service: ClassVar[str] = EVERY_SERVICE
    name: ClassVar[str] = "state-requested"

    source: str
    kinds: tuple[str, ...]
    division: str

    @classmethod
    def example(cls) -> Self:
        return cls(source="monitoring", kinds=("household",), division="")


class ReplayRequested(EventData):
    """The sender misses public events: `source` sends again what it recorded.

    Either all since a system instant, or those of one key after a sequence.
    """

    service: ClassVar[str] = EVERY_SERVICE
    name: ClassVar[str] = "replay-requested"

    source: str
    since: datetime | None = None
    key: str | None = None
    after_sequence: int | None = None

    @classmethod
    def example(cls) -> Self:
        return cls(source="monitoring", since=datetime(2024, 3, 5, 1, 0, tzinfo=UTC))
