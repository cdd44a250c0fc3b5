"""The consumer of the guide: an effect and the position move together, a repeated event has one effect."""

import json
import runpy
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

EXAMPLE = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "examples" / "consumer.py"))
FLAGGED = "shouwang.monitoring.household-flagged.v1"
Take = Callable[[sqlite3.Connection, "Message"], None]


@dataclass
class Message:
    offset: int
    id: str
    type: str = FLAGGED
    partition: int = 3
    body: dict[str, object] = field(
        default_factory=lambda: {"household_id": "h1", "flag_id": "f1", "findings": [{"code": "tuition-above-line"}]}
    )

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        named = {
            "ce_type": self.type,
            "ce_id": self.id,
            "ce_source": "/shouwang/monitoring",
            "ce_divisioncode": "150623100205",
            "ce_time": "2024-04-05T01:00:00Z",
        }
        return [(name, value.encode()) for name, value in named.items()]

    @property
    def value(self) -> bytes:
        return json.dumps(self.body).encode()


@pytest.fixture
def store() -> sqlite3.Connection:
    opened = sqlite3.connect(":memory:")
    opened.executescript(EXAMPLE["TABLES"])
    return opened


@pytest.fixture
def take() -> Take:
    taken: Take = EXAMPLE["take"]
    return taken


def flagged(store: sqlite3.Connection) -> int:
    count: int = store.execute("select count(*) from flagged").fetchone()[0]
    return count


def position(store: sqlite3.Connection) -> int | None:
    found = store.execute("select next_offset from position where partition = 3").fetchone()
    return found and int(found[0])


def test_a_repeated_event_has_one_effect_and_moves_the_position(store: sqlite3.Connection, take: Take) -> None:
    take(store, Message(7, "a"))
    take(store, Message(8, "a"))
    assert (flagged(store), position(store)) == (1, 9)


def test_what_it_does_not_know_moves_the_position_only(store: sqlite3.Connection, take: Take) -> None:
    take(store, Message(7, "b", type="shouwang.monitoring.invented-tomorrow.v9"))
    assert (flagged(store), position(store)) == (0, 8)


def test_an_effect_that_fails_leaves_the_position_where_it_was(store: sqlite3.Connection, take: Take) -> None:
    take(store, Message(7, "a"))
    with pytest.raises(KeyError):
        take(store, Message(8, "c", body={}))
    assert (flagged(store), position(store)) == (1, 8)
