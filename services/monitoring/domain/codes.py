"""Codes of the registry. What law closes is an enum; everything else is looked up in the dated dictionaries."""

from datetime import date
from enum import StrEnum
from functools import lru_cache

from contracts.dictionary import dictionary
from contracts.files import national
from services.monitoring.domain.errors import InvalidReason


class HouseholdType(StrEnum):
    ORDINARY = "ordinary"
    RELIEVED = "relieved"


class MonitoredClass(StrEnum):
    UNSTABLE_RELIEVED = "unstable-relieved"
    MARGINAL = "marginal"
    SUDDEN_HARDSHIP = "sudden-hardship"


HEAD = "0"
"""GB/T 4761: the relation of the head to the head."""
SCHOOLINGS = frozenset(national.SCHOOLING)
OTHER_RISK = "other"
MAX_RISKS = 5
"""The national form has five places for risks."""

SPLIT = "split"
MERGED = "merged"
DIED = "died"
DIED_OUT = "died-out"
"""Reasons that commands give themselves; all stand in the dictionaries of reasons."""


@lru_cache(maxsize=1024)
def codes_of(name: str, day: date) -> frozenset[str]:
    """The codes of a dictionary in force on a day."""
    return frozenset(dictionary(name).codes(day))


def reason_code(name: str, code: str, on: date) -> str:
    """The reason itself when its dictionary knows it; events carry it, so free text is refused as InvalidReason."""
    if code not in codes_of(name, on):
        raise InvalidReason
    return code
