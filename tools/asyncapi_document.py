"""The AsyncAPI 3.0 document: two channels per service, a message per type, headers by CloudEvents' Kafka binding."""

from collections.abc import Sequence
from typing import Any

from contracts.events.envelope import SEQUENCE_DIGITS, public_topic, state_topic
from tools.message_types import SERVICES, MessageType

JSON = dict[str, Any]
_BINDING = "0.5.0"
_MEANINGS = {
    "ce_specversion": "The version of CloudEvents.",
    "ce_id": "The id of the event. It may come again with the same id: act once per ce_source and ce_id.",
    "ce_source": "/shouwang/ and the service that sent it.",
    "ce_type": "The type; its last part is the major version.",
    "ce_subject": "The id of the thing itself.",
    "ce_time": "Business time of what happened (a heartbeat: system time), UTC.",
    "ce_partitionkey": "The key of the message.",
    "ce_sequence": "Rises by one per key on a public topic; on a state topic the aggregate's version. Orders as text.",
    "ce_statesequence": "The version of the aggregate's state in which this event is already contained.",
    "ce_divisioncode": "The administrative division that it concerns; empty where none.",
    "ce_correlationid": "The same for all that follows from one request.",
    "ce_causationid": "The id of the event that caused this one.",
    "traceparent": "W3C trace context.",
    "content-type": "application/json; absent from a tombstone.",
}
_ALWAYS = ("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time")
_KEYED = (*_ALWAYS, "ce_partitionkey", "ce_sequence", "ce_divisioncode", "ce_correlationid", "traceparent")
_SEQUENCE: JSON = {"type": "string", "pattern": rf"^\d{{{SEQUENCE_DIGITS}}}$"}
_FORMS: dict[str, JSON] = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_sequence": _SEQUENCE,
    "ce_statesequence": _SEQUENCE,
}


def document(messages: Sequence[MessageType]) -> JSON:
    """The whole document; payloads are the schema files beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Shouwang events · 守望事件",
            "version": "1",
            "description": (
                "What happened (public topics, ids and codes only) and how each aggregate stands (state topics, for "
                "the five services only). CloudEvents 1.0, Kafka binding, binary mode. At least once, in order per "
                "key. Within a major version only optional additions; accept codes that you do not know."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "deployment": {
                "host": "{bootstrap_servers}",
                "protocol": "kafka",
                "description": "The Kafka of a deployment.",
                "variables": {"bootstrap_servers": {"description": "Host and port of a broker."}},
            }
        },
        "channels": {
            name: channel
            for service in SERVICES
            for name, channel in (_public_channel(service, messages), _state_channel(service, messages))
        },
        "operations": {
            f"{name}.send": _operation(name, channel)
            for service in SERVICES
            for name, channel in (_public_channel(service, messages), _state_channel(service, messages))
        },
        "components": {"messages": _messages(messages), "messageTraits": _traits()},
    }


def erased_type(message: MessageType) -> str:
    """The type of the tombstone that ends a kind of state."""
    return f"shouwang.{message.service}.{message.kind}-erased.v1"


def _public_channel(service: str, messages: Sequence[MessageType]) -> tuple[str, JSON]:
    types = [message.name for message in messages if message.service == service and not message.is_state]
    return f"{service}.public", {
        "address": public_topic(service),
        "title": f"{service}: what happened",
        "description": (
            "Keyed by household/<id> wherever a household or a member of it is concerned, otherwise by the "
            "aggregate's own key. No name, number, health detail or measured value."
        ),
        "messages": _references(types),
        "bindings": _channel_binding("delete"),
    }


def _state_channel(service: str, messages: Sequence[MessageType]) -> tuple[str, JSON]:
    states = [message for message in messages if message.service == service and message.is_state]
    types = [name for message in states for name in (message.name, erased_type(message))]
    heartbeat = next(m.name for m in messages if m.service == service and m.kind == "heartbeat")
    return f"{service}.state", {
        "address": state_topic(service),
        "title": f"{service}: how things stand",
        "description": "Compacted; key kind/<id>, null body when erased. Read by the five services only (Kafka ACLs).",
        "messages": _references([*types, heartbeat]),
        "bindings": _channel_binding("compact"),
    }


def _references(types: Sequence[str]) -> JSON:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in types}


def _channel_binding(cleanup: str) -> JSON:
    return {"kafka": {"topicConfiguration": {"cleanup.policy": [cleanup]}, "bindingVersion": _BINDING}}


def _operation(name: str, channel: JSON) -> JSON:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": channel["title"],
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in channel["messages"]],
    }


def _messages(messages: Sequence[MessageType]) -> JSON:
    described = {message.name: _message(message) for message in messages}
    for message in messages:
        if message.is_state:
            described[erased_type(message)] = _tombstone(message)
    return dict(sorted(described.items()))


def _message(message: MessageType) -> JSON:
    summary = (message.model.__doc__ or message.kind.replace("-", " ")).strip().split("\n\n")[0]
    trait = "heartbeat" if message.kind == "heartbeat" else "state" if message.is_state else "event"
    return {
        "name": message.name,
        "title": message.kind,
        "summary": " ".join(summary.split()),
        "contentType": "application/json",
        "traits": [{"$ref": f"#/components/messageTraits/{trait}"}],
        "payload": {"$ref": f"./schemas/{message.name}.json"},
        "examples": [{"name": "committed-example", "payload": message.example()}],
    }


def _tombstone(message: MessageType) -> JSON:
    return {
        "name": erased_type(message),
        "title": f"{message.kind} erased",
        "summary": f"The {message.kind} was erased; forget it.",
        "traits": [{"$ref": "#/components/messageTraits/state"}],
        "payload": {"type": "null"},
    }


def _traits() -> JSON:
    return {
        "event": _trait("household/<id>, or the aggregate's own key", _KEYED, "ce_statesequence", "ce_causationid"),
        "state": _trait("kind/<id>", (*_KEYED, "ce_statesequence"), "ce_causationid"),
        "heartbeat": _trait("heartbeat/<partition>", _ALWAYS),
    }


def _trait(key: str, required: Sequence[str], *optional: str) -> JSON:
    names = [*required, *optional, "content-type"]
    return {
        "headers": {
            "type": "object",
            "required": list(required),
            "properties": {
                name: {**_FORMS.get(name, {"type": "string"}), "description": _MEANINGS[name]} for name in names
            },
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": key}, "bindingVersion": _BINDING}},
    }
