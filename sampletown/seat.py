"""A seat: what is settled about a household before it is made, so that counts of a whole block come out
exactly.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Template(StrEnum):
    """Who lives together."""

    SINGLE_ELDER = "single-elder"
    ELDER_COUPLE = "elder-couple"
    COUPLE = "couple"
    COUPLE_CHILD = "couple-child"
    COUPLE_TWO_CHILDREN = "couple-two-children"
    COUPLE_CHILD_PARENT = "couple-child-parent"
    COUPLE_CHILD_PARENTS = "couple-child-parents"
    THREE_GENERATIONS = "three-generations"


PEOPLE = {
    Template.SINGLE_ELDER: 1,
    Template.ELDER_COUPLE: 2,
    Template.COUPLE: 2,
    Template.COUPLE_CHILD: 3,
    Template.COUPLE_TWO_CHILDREN: 4,
    Template.COUPLE_CHILD_PARENT: 4,
    Template.COUPLE_CHILD_PARENTS: 5,
    Template.THREE_GENERATIONS: 5,
}
WITH_CHILD = frozenset(
    {
        Template.COUPLE_CHILD,
        Template.COUPLE_TWO_CHILDREN,
        Template.COUPLE_CHILD_PARENT,
        Template.COUPLE_CHILD_PARENTS,
    }
)
WITH_WORKER = WITH_CHILD | {Template.COUPLE}
ELDERLY = frozenset({Template.SINGLE_ELDER, Template.ELDER_COUPLE})


class Need(StrEnum):
    """What a scene asks of the household that plays it."""

    NONE = "none"
    STUDENT = "student"
    WORKER = "worker"
    SKILLED_WORKER = "skilled-worker"
    WEAK_WORKER = "weak-worker"
    LOST_LABOUR = "lost-labour"
    PAIR = "pair"


SUITABLE = {
    Need.NONE: frozenset(Template),
    Need.STUDENT: WITH_CHILD,
    Need.WORKER: WITH_WORKER,
    Need.SKILLED_WORKER: WITH_WORKER,
    Need.WEAK_WORKER: frozenset({Template.ELDER_COUPLE}),
    Need.LOST_LABOUR: frozenset({Template.COUPLE}),
    Need.PAIR: frozenset(Template) - {Template.SINGLE_ELDER},
}


class Standing(StrEnum):
    """How the household stood in the national system before our first month."""

    FREE = "free"
    MONITORED = "monitored"
    ELIMINATED = "eliminated"


@dataclass(frozen=True, slots=True)
class Seat:
    index: int
    template: Template
    relieved: bool
    resettled: bool
    in_community: bool
    standing: Standing
    poor: bool
    """Monitored for low income (the other monitored households were hit by a shock)."""
    per_capita: Decimal
    sheep: int
    cattle: int
    scene: str | None
    need: Need
