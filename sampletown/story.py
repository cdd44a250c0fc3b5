"""The story of the year: which household plays which scene, and the truth that comes of it.

Scenes go round: each block of households takes the next few of the list, so every scene is played about as
often as any other and everywhere in the place.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sampletown.household import Household
from sampletown.lines import story_lines
from sampletown.randomness import randomness
from sampletown.scale import Scale
from sampletown.scene import ExpectedFlag, NearMiss, Scene, Stage, Telling
from sampletown.scenes_incidents import INCIDENT_SCENES
from sampletown.scenes_medical import MEDICAL_SCENES
from sampletown.scenes_tuition import TUITION_SCENES

SCENES = (*MEDICAL_SCENES, *TUITION_SCENES, *INCIDENT_SCENES)
BY_NAME = {scene.name: scene for scene in SCENES}


@dataclass(frozen=True, slots=True)
class Truth:
    """What a faultless screening of the clean files finds, and what it must leave alone.

    A household that `flags` does not name stays unflagged; the near misses are those that come close.
    """

    flags: tuple[ExpectedFlag, ...]
    near_misses: tuple[NearMiss, ...]


def scenes_of_block(scale: Scale, block: int) -> Iterator[Scene]:
    """The scenes that the households of a block play."""
    first = block * scale.scenes_per_block
    for number in range(first, first + scale.scenes_per_block):
        yield SCENES[number % len(SCENES)]


def tell(seed: int, household: Household, scene: str) -> Telling:
    """What befalls a household that plays the scene: the bureaus' records and the truth about them."""
    rng = randomness(seed, "story", household.index)
    return BY_NAME[scene].tell(Stage(household, scene, story_lines(), rng))
