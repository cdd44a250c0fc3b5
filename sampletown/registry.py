"""Makes one household of the registry from its seat, alone and always the same."""

from functools import lru_cache
from random import Random

from sampletown.block import seats_of_block
from sampletown.condition import condition
from sampletown.families import Kin, family
from sampletown.household import Household, Member
from sampletown.identity import REGISTRY_CAPACITY, born_on, phone, resident_id
from sampletown.incomes import income_of
from sampletown.names import han_name, mongolian_name, surname
from sampletown.places import places
from sampletown.randomness import randomness
from sampletown.scale import BLOCK_HOUSEHOLDS, Scale
from sampletown.seat import Seat
from sampletown.taken_over import taken_over

_MONGOLIAN_HOUSEHOLDS = 0.35
_MIXED = 0.1


def village_of(scale: Scale, seat: Seat) -> tuple[str, str]:
    """The division in which the household of a seat lives, and the name of its resettlement site or nothing."""
    everywhere = places(scale.name)
    village = everywhere.villages[seat.index * len(everywhere.villages) // scale.households]
    town, block = village[:9], seat.index // BLOCK_HOUSEHOLDS
    if seat.resettled:
        site = everywhere.site_of(town, block % 2)
        return site.division, site.name
    if seat.in_community:
        return everywhere.community_of(town, block % 5), ""
    return village, ""


@lru_cache(maxsize=8192)
def household(seed: int, scale: Scale, index: int) -> Household:
    """The household of that number, counted from 0."""
    seat = seats_of_block(seed, scale, index // BLOCK_HOUSEHOLDS)[index % BLOCK_HOUSEHOLDS]
    rng = randomness(seed, "household", index)
    division, site = village_of(scale, seat)
    members = _members(seat, division[:6], rng)
    state = taken_over(seat, members, rng)
    return Household(
        index=index,
        national_no=f"{division[:6]}{index + 1:010d}",
        division=division,
        household_type="脱贫户" if seat.relieved else "一般农户",
        site=site,
        dangerous_house=state.dangerous_house,
        safe_water=state.safe_water,
        members=members,
        income=income_of(seat, members, rng),
        sheep=seat.sheep,
        cattle=seat.cattle,
        monitoring=state.monitoring,
    )


def _members(seat: Seat, county: str, rng: Random) -> tuple[Member, ...]:
    kin = family(seat.template, seat.need, rng)
    mongolian = rng.random() < _MONGOLIAN_HOUSEHOLDS
    family_name = surname(rng)
    return tuple(_member(seat, one, county, _origin(one, mongolian, family_name, rng), rng=rng) for one in kin)


def _origin(kin: Kin, mongolian: bool, family_name: str, rng: Random) -> tuple[bool, str]:
    """Whether a member is Mongolian, and the family name; who marries in brings their own."""
    if kin.relation not in ("配偶", "儿媳", "女婿"):
        return mongolian, family_name
    return mongolian != (rng.random() < _MIXED), surname(rng)


def _member(seat: Seat, kin: Kin, county: str, origin: tuple[bool, str], *, rng: Random) -> Member:
    number = seat.index % REGISTRY_CAPACITY
    mongolian, family_name = origin
    state = condition(kin, seat.need, rng)
    return Member(
        name=mongolian_name(rng, kin.male) if mongolian else han_name(rng, family_name, kin.male),
        resident_id=resident_id(county, kin.born, kin.male, number),
        relation=kin.relation,
        sex="男" if kin.male else "女",
        born_on=born_on(kin.born, kin.male, number),
        ethnicity="蒙古族" if mongolian else "汉族",
        education=state.education,
        schooling=state.schooling,
        health=state.health,
        labour=state.labour,
        phone=phone(seat.index) if kin.relation == "户主" else "",
    )
