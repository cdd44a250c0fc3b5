"""Sample officers for demonstrations, at least one of every role, and the liaison cadre of each household.

Bureau officers stand at the county; visit, town check and county decision can be taken by three different
persons.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.access import FIELD_ROLES, Role
from contracts.files.bureau import BUREAU_FILES
from sampletown.names import han_name, mongolian_name, surname
from sampletown.places import Place, Places
from sampletown.randomness import randomness

_IN_TOWN = ((Role.TOWN_OFFICER, 3),)
_IN_COUNTY = (
    (Role.COUNTY_OFFICER, 2),
    (Role.AUDITOR, 1),
    (Role.ADMINISTRATOR, 1),
    (Role.REPORTER_GUARDIAN, 1),
)
_IN_CITY = ((Role.MUNICIPAL_VIEWER, 1),)


@dataclass(frozen=True, slots=True)
class Officer:
    """A natural person who acts in demonstrations; `sub` is how tokens and audit name them."""

    sub: str
    name: str
    organisation: str
    roles: tuple[Role, ...]
    division: str


def officers(seed: int, places: Places) -> Iterator[Officer]:
    """Every officer, from the city down to the villages."""
    for place in places.divisions:
        for role, number, organisation in _posts(place):
            sub = f"{role}-{place.code}" if number == 1 else f"{role}-{place.code}-{number}"
            yield Officer(sub, _name(seed, place, role, number), organisation, (role,), place.code)
        if place.level == "county":
            for kind, layout in BUREAU_FILES.items():
                sub = f"{Role.BUREAU_OFFICER}-{kind}-{place.code}"
                name = _name(seed, place, Role.BUREAU_OFFICER, list(BUREAU_FILES).index(kind))
                organisation = f"{place.name}{layout.bureau}"
                yield Officer(sub, name, organisation, (Role.BUREAU_OFFICER,), place.code)


def liaison_cadre(division: str) -> str:
    """The `sub` of the cadre to whom the households of a village or community are assigned."""
    return f"{Role.LIAISON_CADRE}-{division}"


def _posts(place: Place) -> Iterator[tuple[Role, int, str]]:
    organisations = {
        "city": (_IN_CITY, "农牧局"),
        "county": (_IN_COUNTY, "乡村振兴局"),
        "town": (_IN_TOWN, "人民政府"),
        "village": (tuple((role, 1) for role in FIELD_ROLES), "村（居）民委员会"),
    }
    posts, organisation = organisations.get(place.level, ((), ""))
    for role, count in posts:
        for number in range(1, count + 1):
            yield role, number, f"{place.name}{organisation}"


def _name(seed: int, place: Place, role: Role, number: int) -> str:
    rng = randomness(seed, f"officer/{role}", int(place.code), number)
    male = rng.random() < 0.6
    return mongolian_name(rng, male) if rng.random() < 0.3 else han_name(rng, surname(rng), male)
