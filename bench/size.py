"""How much a measure does: the default (some ten seconds), tiny for the smoke test, full for B1's million records."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    rounds: int
    writes: int
    """Requests of one burst that writes."""
    reads: int
    """Requests of one burst that reads."""
    messages: int
    """Messages of one burst through Kafka or a projection."""
    records: int
    """Lines of the bureau's file of B1."""
    chaos: int
    """Transactions of each of the ten writers of O1."""


DEFAULT = Size(rounds=5, writes=600, reads=800, messages=10_000, records=300_000, chaos=60)
TINY = Size(rounds=1, writes=8, reads=8, messages=50, records=200, chaos=2)
FULL = Size(rounds=5, writes=600, reads=800, messages=10_000, records=1_000_000, chaos=60)
