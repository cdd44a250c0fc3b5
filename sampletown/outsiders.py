"""Residents outside of the registry: bureaus' files name them too, and no household of the registry has them."""

from dataclasses import dataclass

from sampletown.identity import REGISTRY_CAPACITY, resident_id
from sampletown.names import han_name, mongolian_name, surname
from sampletown.places import places
from sampletown.randomness import randomness
from sampletown.scale import Scale

YOUNGEST, _AGES = 14, 70


@dataclass(frozen=True, slots=True)
class Outsider:
    name: str
    resident_id: str


def outsider(seed: int, scale: Scale, number: int) -> Outsider:
    """The urban resident of that number, counted from 0; the age in 2023 follows from the number."""
    rng = randomness(seed, "outsider", number)
    counties = sorted({town[:6] for town in places(scale.name).towns})
    male = rng.random() < 0.5
    name = mongolian_name(rng, male) if rng.random() < 0.15 else han_name(rng, surname(rng), male)
    year = 2023 - YOUNGEST - number % _AGES
    household_number = REGISTRY_CAPACITY + number // len(counties)
    return Outsider(name, resident_id(counties[number % len(counties)], year, male, household_number))


def aged(scale: Scale, draw: float, age: int) -> int:
    """The number of some urban resident of that age; `draw` between 0 and 1 says which."""
    return int(draw * (scale.urban // _AGES)) * _AGES + age - YOUNGEST
