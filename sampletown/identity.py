"""Synthetic resident ids and phones that are valid in form and never given to two people.

Within a county, a sex and a year of birth, a household's number decides the day of birth and the order code,
one to one; so ids are unique without remembering any, at every scale. No household has two members of one sex
born in one year. Most people born before 2001 carry the county's code of the time of the Ih Ju League.
"""

from datetime import date, timedelta

from stdnum.cn import ric

_DAYS = 364
_ORDERS = 500
CAPACITY = _DAYS * _ORDERS
REGISTRY_CAPACITY = CAPACITY // 2
"""Household numbers below are the registry's, those above belong to people outside of it."""

_BEFORE_2001 = {
    "150602": "152701",
    "150621": "152722",
    "150622": "152723",
    "150623": "152724",
    "150624": "152725",
    "150625": "152726",
    "150626": "152727",
    "150627": "152728",
}
_KEEPS_THE_NEW_CODE = 4
"""One household in four moved its register after 2001, so its older members carry the county's present code."""


def born_on(year: int, male: bool, number: int) -> date:
    """The day of birth that a household's number gives to its member of that sex and year."""
    return date(year, 1, 1) + timedelta(days=(number + 131 * year + 57 * male) % _DAYS)


def resident_id(county: str, year: int, male: bool, number: int) -> str:
    """An 18-character resident id with a valid check digit; `number` is the household's within its county."""
    if not 0 <= number < CAPACITY:
        raise ValueError("a county has no more household numbers")
    region = county
    if year < 2001 and number % _KEEPS_THE_NEW_CODE:
        region = _BEFORE_2001.get(county, county)
    order = ((number // _DAYS) * 211 + year) % _ORDERS * 2 + male
    body = f"{region}{born_on(year, male, number):%Y%m%d}{order:03d}"
    return body + ric.calc_check_digit(body + "0")


_PHONE_PREFIXES = ("138", "139", "150", "151", "152", "157", "158", "159", "182", "187")


def phone(index: int) -> str:
    """A mobile number of eleven digits, different for every household of the place."""
    return _PHONE_PREFIXES[index % len(_PHONE_PREFIXES)] + f"{(index * 61_803_399 + 20_230_801) % 10**8:08d}"
