"""How large the synthetic place is: counted in blocks of 56 households with exactly 160 people.

100 blocks are the town of the plan: 5,600 rural households, 16,000 rural people, 52,000 residents.
"""

from dataclasses import dataclass
from enum import StrEnum

BLOCK_HOUSEHOLDS = 56
BLOCK_PEOPLE = 160


class ScaleName(StrEnum):
    TINY = "tiny"
    TOWN = "town"
    COUNTY = "county"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Scale:
    """A size. `people` are in the registry; `urban` residents only turn up in bureaus' files."""

    name: ScaleName
    blocks: int
    urban: int
    scenes_per_block: int = 5
    """Households of a block that play a scene of the story (a shock, or a near miss)."""

    @property
    def households(self) -> int:
        return self.blocks * BLOCK_HOUSEHOLDS

    @property
    def people(self) -> int:
        return self.blocks * BLOCK_PEOPLE

    @property
    def residents(self) -> int:
        return self.people + self.urban


SCALES = {
    scale.name: scale
    for scale in (
        Scale(ScaleName.TINY, blocks=2, urban=640, scenes_per_block=30),
        Scale(ScaleName.TOWN, blocks=100, urban=36_000),
        Scale(ScaleName.COUNTY, blocks=500, urban=40_000),
        Scale(ScaleName.CITY, blocks=13_750, urban=720_000),
    )
}
"""`tiny` (112 households) holds every scene at least once, for tests that should be quick."""
