"""Every type of message that the contracts define: found by walking contracts/events, so that none can be forgotten."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

from pydantic import BaseModel

import contracts.events
from contracts.events.envelope import EVERY_SERVICE, EventData, StateData

SERVICES = ("monitoring", "assets", "employment", "relief", "gateway")
"""All that send: the gateway sends only what every service may send."""


class WithExample(Protocol):
    """What every message class gives: one committed example of itself."""

    @classmethod
    def example(cls) -> BaseModel: ...


@dataclass(frozen=True, slots=True)
class MessageType:
    """One CloudEvents type as one service sends it. `model` is its body."""

    name: str
    """The CloudEvents type, such as shouwang.monitoring.household-flagged.v1."""
    service: str
    is_state: bool
    kind: str
    model: type[BaseModel]

    def example(self) -> dict[str, Any]:
        """The example body as it travels."""
        body: dict[str, Any] = cast(type[WithExample], self.model).example().model_dump(mode="json")
        return body


def message_types() -> list[MessageType]:
    """Public events and states of every service, in order of type."""
    found = [message for model in _models() for message in _as_sent(model)]
    return sorted(found, key=lambda message: message.name)


def _as_sent(model: type[EventData] | type[StateData]) -> Iterator[MessageType]:
    if issubclass(model, StateData):
        yield MessageType(model.type(), model.service, True, model.kind, model)
        return
    senders = getattr(model, "senders", SERVICES)
    for service in senders if model.service == EVERY_SERVICE else (model.service,):
        yield MessageType(model.type(service), service, False, model.name, model)


def _models() -> Iterator[type[EventData] | type[StateData]]:
    for module_info in pkgutil.iter_modules(contracts.events.__path__, "contracts.events."):
        module = importlib.import_module(module_info.name)
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__ and _is_message(value):
                yield value


def _is_message(value: type) -> bool:
    """A class that names its event or its kind; what only gathers common fields does not."""
    return (issubclass(value, EventData) and hasattr(value, "name")) or (
        issubclass(value, StateData) and hasattr(value, "kind")
    )
