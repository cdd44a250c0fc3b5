"""Interleaved rounds: every variant is up, short bursts go round, and only the ratios within a round count.

Absolute figures drift on shared cores; a ratio of two bursts taken side by side does not.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median

Burst = Callable[[], Awaitable[float]]
"""One short burst; answers its rate, in things per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one measure found. `value` is the median of `rounds`; `met` compares it with the goal."""

    id: str
    what: str
    rounds: tuple[float, ...]
    goal: float
    at_most: bool = False
    unit: str = ""
    note: str = ""
    holds: bool = True
    """Whether what was promised beside the figure (nothing lost, nothing reordered) was seen to hold."""

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def met(self) -> bool:
        good = self.value <= self.goal if self.at_most else self.value >= self.goal
        return good and self.holds


async def interleaved(variants: Mapping[str, Burst], rounds: int) -> dict[str, list[float]]:
    """The rates of each variant, round by round; the variant that begins changes with the round.

    One burst of each goes before, uncounted, so that pools and plans are warm.
    """
    rates: dict[str, list[float]] = {name: [] for name in variants}
    names = list(variants)
    for name in names:
        await variants[name]()
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            rates[name].append(await variants[name]())
    return rates


def ratios(ours: list[float], base: list[float]) -> tuple[float, ...]:
    """Ours to the baseline, round by round."""
    return tuple(our / other for our, other in zip(ours, base, strict=True))
