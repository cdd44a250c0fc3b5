"""A row that differs, is missing or is too much ends a play; what is compared of a state is what its body says."""

import json

import pytest

from contracts.events.monitoring import HouseholdRegistered
from contracts.events.monitoring_state import HouseholdState
from launcher.agreement import _of_household, same
from launcher.errors import WorkFailed
from launcher.listening import Listener
from tests.launcher.test_listening import message


@pytest.mark.parametrize("found", [{}, {"a": (2,)}, {"a": (1,), "b": (1,)}])
def test_any_difference_is_named(found: dict[str, tuple[int]]) -> None:
    same("flag", {"a": (1,)}, {"a": (1,)})
    with pytest.raises(WorkFailed, match="agreement"):
        same("flag", {"a": (1,)}, found)


def test_a_class_counts_only_while_the_household_is_monitored() -> None:
    body = json.loads(HouseholdState.example().model_dump_json())
    assert _of_household(body) == ("relieved", "unstable-relieved")
    body["monitored"][0]["ended"] = "2024-03"
    assert _of_household(body) == ("relieved", None)


def test_events_are_counted_by_household_once() -> None:
    listener = Listener("nowhere")
    for offset, id in enumerate(["a", "b", "a"]):
        listener.take(message(offset, id, HouseholdRegistered.example()))
    assert listener.by_household("household-registered") == {"one": 2}
    assert not listener.by_household("household-flagged")
