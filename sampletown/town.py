"""The synthetic place as a whole: its divisions, households, officers, files and the truth about them.

Everything is made when it is asked for and comes out the same each time; nothing keeps a city in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.month import Month
from sampletown.block import seats_of_block
from sampletown.bureau_file import BureauFile, UnreadableRow, telling
from sampletown.dirt import DUPLICATE_ROW
from sampletown.household import Household
from sampletown.officers import Officer, liaison_cadre, officers
from sampletown.places import Places, places
from sampletown.registry import household
from sampletown.row import KINDS, MONTHS
from sampletown.scale import SCALES, Scale, ScaleName
from sampletown.scene import ExpectedFlag, Telling
from sampletown.story import Truth


@dataclass(frozen=True, slots=True)
class Liaison:
    """A household and the cadre who is assigned to it."""

    national_no: str
    division: str
    cadre: str


@dataclass(frozen=True, slots=True)
class DirtyTruth:
    """What the dirty files cost: the rows that a reader must report, and the flags that may be missed for them.

    A missed flag that is not in `endangered` is a fault of the screening.
    """

    unreadable: tuple[UnreadableRow, ...]
    endangered: tuple[ExpectedFlag, ...]


@dataclass(frozen=True, slots=True)
class Town:
    seed: int
    scale: Scale

    @property
    def places(self) -> Places:
        return places(self.scale.name)

    @property
    def months(self) -> tuple[Month, ...]:
        return MONTHS

    @property
    def households(self) -> Iterator[Household]:
        """The registry, in the order of the households' numbers; a new iterator each time."""
        return (self.household(index) for index in range(self.scale.households))

    def household(self, index: int) -> Household:
        return household(self.seed, self.scale, index)

    @property
    def officers(self) -> Iterator[Officer]:
        return officers(self.seed, self.places)

    @property
    def liaisons(self) -> Iterator[Liaison]:
        for each in self.households:
            yield Liaison(each.national_no, each.division, liaison_cadre(each.division))

    def bureau_files(self, month: Month, *, dirty: bool = False) -> Iterator[BureauFile]:
        """The files that the seven bureaus send for a month."""
        return (BureauFile(self.seed, self.scale, kind, month, dirty) for kind in KINDS)

    def all_bureau_files(self, *, dirty: bool = False) -> Iterator[BureauFile]:
        """The files of the twelve months, oldest first."""
        return (file for month in self.months for file in self.bureau_files(month, dirty=dirty))

    def tellings(self) -> Iterator[Telling]:
        """The story, scene by scene."""
        for block in range(self.scale.blocks):
            for seat in seats_of_block(self.seed, self.scale, block):
                if seat.scene is not None:
                    yield telling(self.seed, self.scale, seat.index, seat.scene)

    def truth(self) -> Truth:
        """What must be found in the clean files, and what must not."""
        told = list(self.tellings())
        return Truth(
            flags=tuple(flag for each in told for flag in each.flags),
            near_misses=tuple(miss for each in told for miss in each.near_misses),
        )

    def dirty_truth(self) -> DirtyTruth:
        """What the dirty files hide."""
        unreadable = tuple(row for file in self.all_bureau_files(dirty=True) for row in file.unreadable())
        lost = {(row.kind, row.record_no) for row in unreadable if row.code != DUPLICATE_ROW}
        endangered = (
            flag
            for each in self.tellings()
            for flag in each.flags
            if any((each.rows[0].kind, record) in lost for record in flag.records)
        )
        return DirtyTruth(unreadable, tuple(endangered))


def build_town(seed: int = 1, scale: ScaleName | str = ScaleName.TOWN) -> Town:
    """The synthetic place of that seed and scale: tiny (for tests), town, county or city."""
    return Town(seed, SCALES[ScaleName(scale)])
