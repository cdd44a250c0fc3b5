"""Synthetic households of four for bursts, each person with an id number of a valid form and used once."""

from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric

VILLAGE = "150623100200"
TOWN = "150623100"
MEMBERS = 4
_FIRST_DAY = date(1950, 1, 1)


def resident_id(number: int) -> str:
    """The id of the number-th synthetic person."""
    day = _FIRST_DAY + timedelta(days=number // 999 % 20_000)
    stem = f"150623{day:%Y%m%d}{number % 999 + 1:03d}"
    return stem + str(ric.calc_check_digit(stem + "0"))


def household(number: int) -> dict[str, Any]:
    """The body of a registration."""
    members = [
        {
            "name": "王小明",
            "relation": "0" if place == 0 else "8",
            "resident_id": resident_id(number * MEMBERS + place),
            "ethnicity": "02",
            "health": "healthy",
            "labour": "ordinary",
            "phone": f"138{(number * MEMBERS + place) % 10**8:08d}",
        }
        for place in range(MEMBERS)
    ]
    return {
        "household_type": "ordinary",
        "division": VILLAGE,
        "risks": [{"code": "illness"}],
        "members": members,
    }
