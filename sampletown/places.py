"""The divisions of the synthetic place. Villages, communities and sites have invented names that say so.

The names of the real villages were not found in public sources (facts.md, data standards); a deployment loads
its own. Names down to the county, and of the towns of 150623, are the public ones.
"""

from dataclasses import dataclass
from functools import cache

from sampletown.scale import ScaleName

NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
VILLAGES_PER_TOWN = 12
COMMUNITIES_PER_TOWN = 7
TOWN = "150623100"
_TOWNS_OF_THE_COUNTY = {
    TOWN: "敖勒召其镇",
    "150623101": "上海庙镇",
    "150623102": "城川镇",
    "150623103": "昂素镇",
}
_COUNTIES = {
    "150602": "东胜区",
    "150603": "康巴什区",
    "150621": "达拉特旗",
    "150622": "准格尔旗",
    "150623": "鄂托克前旗",
    "150624": "鄂托克旗",
    "150625": "杭锦旗",
    "150626": "乌审旗",
    "150627": "伊金霍洛旗",
}
_TOWNS_PER_CITY_COUNTY = 8


@dataclass(frozen=True, slots=True)
class Place:
    """A division with its name; `synthetic` when the name, the code or both are invented."""

    code: str
    level: str
    name: str
    synthetic: bool


@dataclass(frozen=True, slots=True)
class Site:
    """A resettlement site (安置区) and the community in which it lies."""

    name: str
    division: str
    synthetic: bool = True


@dataclass(frozen=True, slots=True)
class Places:
    divisions: tuple[Place, ...]
    towns: tuple[str, ...]
    villages: tuple[str, ...]

    @property
    def sites(self) -> tuple[Site, ...]:
        """Two sites in each town, in its sixth and seventh community."""
        return tuple(self.site_of(town, number) for town in self.towns for number in (0, 1))

    def site_of(self, town: str, number: int) -> Site:
        prefix = "" if town == TOWN else f"{town}-"
        return Site(f"样例{prefix}{NUMERALS[number]}安置区", self.community_of(town, 5 + number))

    def community_of(self, town: str, number: int) -> str:
        return f"{town}{1 + number:03d}"


def _town_names(scale: ScaleName) -> dict[str, tuple[str, bool]]:
    if scale is ScaleName.CITY:
        return {
            f"{county}{100 + number}": (f"样例{NUMERALS[number]}镇", True)
            for county in _COUNTIES
            for number in range(_TOWNS_PER_CITY_COUNTY)
        }
    if scale is ScaleName.COUNTY:
        return {code: (name, False) for code, name in _TOWNS_OF_THE_COUNTY.items()}
    return {TOWN: (_TOWNS_OF_THE_COUNTY[TOWN], False)}


@cache
def places(scale: ScaleName) -> Places:
    """Every division from the province down, parents before children."""
    towns = _town_names(scale)
    counties = sorted({code[:6] for code in towns})
    listing = [Place("15", "province", "内蒙古自治区", False), Place("1506", "city", "鄂尔多斯市", False)]
    villages = []
    for county in counties:
        listing.append(Place(county, "county", _COUNTIES[county], False))
        for town, (name, synthetic) in towns.items():
            if town[:6] != county:
                continue
            listing.append(Place(town, "town", name, synthetic))
            for number in range(COMMUNITIES_PER_TOWN):
                listing.append(Place(f"{town}{1 + number:03d}", "village", f"样例{NUMERALS[number]}社区", True))
            for number in range(VILLAGES_PER_TOWN):
                code = f"{town}{200 + number}"
                villages.append(code)
                listing.append(Place(code, "village", f"样例{NUMERALS[number]}嘎查村", True))
    return Places(tuple(listing), tuple(towns), tuple(villages))
