"""What one service reads of the others."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.kafka import Received
from chassis.projection import Malformed, StateHandler
from chassis.unit_of_work import UnitOfWork

Reaction = Callable[[UnitOfWork, Received], Awaitable[None]]
"""What a service does on an event, once. Raises WaitingForState where a state it needs is not there yet."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """States for projections, reactions by event type, and the services that may ask for a republish or replay."""

    handlers: Sequence[StateHandler] = ()
    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    requests_from: Sequence[str] = ()

    def kinds_by_source(self) -> dict[str, tuple[str, ...]]:
        kinds: dict[str, tuple[str, ...]] = {}
        for handler in self.handlers:
            kinds[handler.source] = (*kinds.get(handler.source, ()), handler.kind)
        return kinds

    def event_sources(self) -> set[str]:
        """Services whose public events have effects here, so that a gap in them matters."""
        return {event_type.split(".")[1] for event_type in self.reactions} - set(self.requests_only())

    def requests_only(self) -> set[str]:
        """Services of which only requests are read."""
        own = {event_type.split(".")[1] for event_type in self.reactions if not _is_request(event_type)}
        return set(self.requests_from) - own


def _is_request(event_type: str) -> bool:
    return event_type.split(".")[2] in ("state-requested", "replay-requested")


def data_of(message: Received) -> dict[str, Any]:
    """The JSON object that an event carries; raises Malformed, which parks the message."""
    try:
        data = json.loads(message.payload or b"")
    except ValueError as error:
        raise Malformed("the body is not JSON") from error
    if not isinstance(data, dict):
        raise Malformed("the body is not an object")
    return data
