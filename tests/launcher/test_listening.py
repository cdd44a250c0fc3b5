"""The listener counts each event once, however often it is delivered, and tells why a household was flagged."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from contracts.events.monitoring import HouseholdFlagged, HouseholdRegistered
from launcher.listening import TOPIC, FlaggedLine, Listener


def message(offset: int, id: str, data: Any = None, *, type: str | None = None) -> Any:
    kind = type or data.type()
    return SimpleNamespace(
        topic=TOPIC,
        partition=2,
        offset=offset,
        key=b"household/one",
        headers=[("ce_type", kind.encode()), ("ce_id", id.encode())],
        value=b"{}" if data is None else json.dumps(data.model_dump(mode="json")).encode(),
    )


def test_an_event_delivered_again_is_counted_once() -> None:
    listener = Listener("nowhere")
    for offset, id in enumerate(["a", "b", "a"]):
        listener.take(message(offset, id, HouseholdRegistered.example()))
    assert listener.counts == {"shouwang.monitoring.household-registered.v1": 2}
    assert listener.again == 1
    assert listener.next_offsets == {TopicPartition(TOPIC, 2): 3}


@pytest.mark.parametrize("kind", ["heartbeat", "replay-requested", "state-requested"])
def test_words_about_the_log_move_the_position_and_are_no_events(kind: str) -> None:
    listener = Listener("nowhere")
    listener.take(message(4, "h", type=f"shouwang.monitoring.{kind}.v1"))
    assert not listener.counts
    assert listener.next_offsets == {TopicPartition(TOPIC, 2): 5}


def test_a_flagged_household_is_told_by_clause_finding_and_line() -> None:
    listener = Listener("nowhere")
    flagged = HouseholdFlagged.example()
    listener.take(message(0, "f", flagged))
    line = FlaggedLine(
        flagged.division,
        flagged.household_id,
        "M-1.1.2 tuition-above-line (monitoring.screening.tuition.school-year = 10000.00)",
    )
    assert listener.take_flagged() == [line]
    assert listener.take_flagged() == []


def test_a_finding_that_would_tell_health_has_neither_clause_nor_line() -> None:
    listener = Listener("nowhere")
    finding = {"clause": None, "code": "other-hardship", "answer": "yes", "parameters": []}
    flagged = HouseholdFlagged.model_validate({**HouseholdFlagged.example().model_dump(), "findings": [finding]})
    listener.take(message(0, "f", flagged))
    assert [line.why for line in listener.take_flagged()] == ["other-hardship"]
