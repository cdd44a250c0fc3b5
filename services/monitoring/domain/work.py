"""What waits for whom: the permission that each step of a case needs, and so whose list it stands on."""

from collections.abc import Callable
from dataclasses import dataclass

from contracts import access
from contracts.access import Permission

STEP_PERMISSIONS: dict[str, Permission] = {
    "survey": access.CASE_SURVEY,
    "review": access.CASE_REVIEW,
    "publicity": access.CASE_PUBLICISE,
    "comparison": access.CASE_COMPARE,
    "town-check": access.CASE_CHECK,
    "county-decision": access.CASE_DECIDE,
    "announcement": access.CASE_ANNOUNCE,
    "registration": access.CASE_REGISTER,
}


@dataclass(frozen=True, slots=True)
class Work:
    """Which steps, and whether objections and flags, wait for somebody."""

    steps: tuple[str, ...]
    objections: bool
    flags: bool


def waiting_steps(may: Callable[[Permission], bool]) -> Work:
    """The work of somebody who holds these permissions."""
    steps = tuple(step for step, permission in STEP_PERMISSIONS.items() if may(permission))
    return Work(steps, may(access.OBJECTION_EXAMINE), may(access.FLAG_DECIDE))
