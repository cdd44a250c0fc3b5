"""The plan of a block: 56 seats with exactly 160 people, a mean net income of 28,136 yuan and its share of the
herds.

Proportions that the plan of the town states, or that the sample chooses, hold in every block; so they hold
exactly at every scale, and no block needs to know another.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from random import Random
from statistics import NormalDist

from sampletown.randomness import randomness
from sampletown.scale import BLOCK_HOUSEHOLDS, BLOCK_PEOPLE, Scale
from sampletown.scene import Scene
from sampletown.seat import PEOPLE, SUITABLE, WITH_WORKER, Need, Seat, Standing, Template
from sampletown.story import scenes_of_block

MEAN_INCOME = Decimal(28_136)
"""Disposable income of farmers and herders per head in 2023 (plan, G-8)."""
SHEEP, CATTLE = 2_800, 100
"""280,000 sheep and 10,000 cattle of the town (G-7) over its hundred blocks."""
RELIEVED = 7

_TEMPLATES = (
    *([Template.SINGLE_ELDER] * 7),
    *([Template.ELDER_COUPLE] * 10),
    *([Template.COUPLE] * 7),
    *([Template.COUPLE_CHILD] * 14),
    *([Template.COUPLE_TWO_CHILDREN] * 9),
    *([Template.COUPLE_CHILD_PARENT] * 4),
    *([Template.COUPLE_CHILD_PARENTS] * 1),
    *([Template.THREE_GENERATIONS] * 4),
)
_QUANTILES = [NormalDist(sigma=0.38).inv_cdf((number + 0.5) / BLOCK_HOUSEHOLDS) for number in range(BLOCK_HOUSEHOLDS)]
_FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class _Draft:
    """The attributes of a seat that are drawn by its position in the block."""

    template: Template
    relieved: bool
    resettled: bool
    in_community: bool
    standing: Standing
    poor: bool


def _drafts(block: int, rng: Random) -> list[_Draft]:
    templates = list(_TEMPLATES)
    rng.shuffle(templates)
    relieved = rng.sample(range(BLOCK_HOUSEHOLDS), RELIEVED)
    ordinary = [position for position in range(BLOCK_HOUSEHOLDS) if position not in relieved]
    rng.shuffle(ordinary)
    standings = {relieved[0] if block % 2 == 0 else ordinary[0]: Standing.MONITORED}
    if block % 2:
        able = (position for position in [relieved[1], *ordinary[1:]] if templates[position] in WITH_WORKER)
        standings[next(able)] = Standing.ELIMINATED
    return [
        _Draft(
            template=templates[position],
            relieved=position in relieved,
            resettled=position == relieved[-1],
            in_community=position == ordinary[-1],
            standing=standings.get(position, Standing.FREE),
            poor=position in standings and (block % 4 == 3) == (standings[position] is Standing.ELIMINATED),
        )
        for position in range(BLOCK_HOUSEHOLDS)
    ]


def _incomes(drafts: list[_Draft], rng: Random) -> list[Decimal]:
    """Net income per head of each seat; over the people of the block the mean is MEAN_INCOME."""
    quantiles = list(_QUANTILES)
    rng.shuffle(quantiles)
    weights = []
    for draft, quantile in zip(drafts, quantiles, strict=True):
        weight = 2.718281828459045**quantile * (0.82 if draft.relieved else 1.0)
        weights.append(0.31 if draft.poor else weight)
    people = [PEOPLE[draft.template] for draft in drafts]
    total = sum(weight * number for weight, number in zip(weights, people, strict=True))
    scale = float(MEAN_INCOME) * BLOCK_PEOPLE / total
    return [Decimal(weight * scale).quantize(_FEN) for weight in weights]


def _herds(drafts: list[_Draft], total: int, rng: Random) -> list[int]:
    """Animals of each seat; the numbers of a block add up to `total`."""
    weights = [
        rng.random() if draft.template in WITH_WORKER and not draft.resettled and rng.random() < 0.7 else 0.0
        for draft in drafts
    ]
    herds, told, passed, whole = [], 0, 0.0, sum(weights)
    for weight in weights:
        passed += weight
        until = round(total * passed / whole)
        herds.append(until - told)
        told = until
    return herds


def _suits(seat: Seat, scene: Scene) -> bool:
    if seat.scene is not None or seat.template not in SUITABLE[scene.need]:
        return False
    wanted = Standing.MONITORED if scene.monitored else Standing.FREE
    return seat.standing is wanted and scene.relieved in (None, seat.relieved)


def _cast(seats: list[Seat], scenes: list[Scene], rng: Random) -> None:
    """Give each scene a household that can play it, the most demanding scenes first."""
    order = list(range(len(seats)))
    rng.shuffle(order)
    choosiest_first = sorted(scenes, key=lambda scene: sum(_suits(seat, scene) for seat in seats))
    for scene in choosiest_first:
        chosen = next((place for place in order if _suits(seats[place], scene)), None)
        if chosen is None:
            raise ValueError(f"no household of the block can play {scene.name}")
        seats[chosen] = replace(seats[chosen], scene=scene.name, need=scene.need)


@lru_cache(maxsize=512)
def seats_of_block(seed: int, scale: Scale, block: int) -> tuple[Seat, ...]:
    """The 56 seats of a block, in the order of the households' numbers."""
    rng = randomness(seed, "block", block)
    drafts = _drafts(block, rng)
    incomes = _incomes(drafts, rng)
    sheep, cattle = _herds(drafts, SHEEP, rng), _herds(drafts, CATTLE, rng)
    seats = [
        Seat(
            index=block * BLOCK_HOUSEHOLDS + position,
            template=draft.template,
            relieved=draft.relieved,
            resettled=draft.resettled,
            in_community=draft.in_community,
            standing=draft.standing,
            poor=draft.poor,
            per_capita=incomes[position],
            sheep=sheep[position],
            cattle=cattle[position],
            scene=None,
            need=Need.NONE,
        )
        for position, draft in enumerate(drafts)
    ]
    _cast(seats, list(scenes_of_block(scale, block)), rng)
    return tuple(seats)
