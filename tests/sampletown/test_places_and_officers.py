"""Divisions are marked synthetic; every role has an officer; every household has an assigned cadre."""

from contracts.access import Role
from contracts.division import Division, Level
from contracts.files.bureau import BUREAU_FILES
from sampletown import Town, build_town


def test_the_town_has_twelve_villages_and_seven_communities(town: Town) -> None:
    villages = [place for place in town.places.divisions if place.level == "village"]
    assert [place.code for place in villages if place.name.endswith("社区")] == [
        f"150623100{number:03d}" for number in range(1, 8)
    ]
    assert [place.code for place in villages if place.name.endswith("嘎查村")] == [
        f"150623100{number}" for number in range(200, 212)
    ]
    assert all(place.synthetic and place.name.startswith("样例") for place in villages)


def test_divisions_have_the_length_of_their_level_and_follow_their_parents() -> None:
    for scale in ("tiny", "town", "county", "city"):
        seen: set[str] = set()
        for place in build_town(1, scale).places.divisions:
            division = Division(place.code)
            assert division.level is Level(place.level)
            assert not seen or any(Division(code).contains(division) for code in seen)
            assert place.code not in seen
            seen.add(place.code)


def test_the_city_has_nine_counties() -> None:
    places = build_town(1, "city").places
    assert sum(place.level == "county" for place in places.divisions) == 9
    assert len(places.villages) == 9 * 8 * 12


def test_every_role_has_an_officer_and_no_two_share_a_subject(town: Town) -> None:
    officers = list(town.officers)
    assert {role for officer in officers for role in officer.roles} == set(Role)
    assert len({officer.sub for officer in officers}) == len(officers)
    assert all(officer.name and officer.organisation for officer in officers)


def test_visit_town_check_and_county_decision_can_be_three_persons(town: Town) -> None:
    officers = list(town.officers)
    assert sum(Role.TOWN_OFFICER in officer.roles for officer in officers) >= 2
    assert sum(Role.COUNTY_OFFICER in officer.roles for officer in officers) >= 2
    assert sum(Role.BUREAU_OFFICER in officer.roles for officer in officers) == len(BUREAU_FILES)


def test_every_household_is_assigned_to_the_cadre_of_its_village(town: Town) -> None:
    cadres = {officer.sub: officer.division for officer in town.officers if Role.LIAISON_CADRE in officer.roles}
    assert len(cadres) == 19
    liaisons = list(town.liaisons)
    assert len({each.national_no for each in liaisons}) == 5_600
    assert all(cadres[each.cadre] == each.division for each in liaisons)
