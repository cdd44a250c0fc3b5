"""Who lives in a household: relations, sexes and years of birth that fit each other and the scene it plays.

Ages are counted by calendar year in 2023. No family has two members of one sex born in one year (identity.py).
"""

from dataclasses import dataclass
from random import Random

from sampletown.seat import Need, Template

YEAR = 2023
_STUDENT_AGES = (17, 18)
_MALE_HEADS = 0.75


@dataclass(frozen=True, slots=True)
class Kin:
    """One person of a family before they have a name."""

    relation: str
    male: bool
    age: int

    @property
    def born(self) -> int:
        return YEAR - self.age


def family(template: Template, need: Need, rng: Random) -> tuple[Kin, ...]:
    """The members of a household, its head first."""
    match template:
        case Template.SINGLE_ELDER:
            return (Kin("户主", rng.random() < 0.5, rng.randint(62, 88)),)
        case Template.ELDER_COUPLE:
            return _couple(rng, rng.randint(61, 68) if need is Need.WEAK_WORKER else rng.randint(61, 84))
        case Template.COUPLE:
            return _couple(rng, rng.randint(30, 57))
        case Template.THREE_GENERATIONS:
            return _three_generations(rng)
        case Template.COUPLE_TWO_CHILDREN:
            return _two_children(need, rng)
        case Template.COUPLE_CHILD:
            return _one_child(need, rng)
        case Template.COUPLE_CHILD_PARENT:
            couple_and_child = _one_child(need, rng)
            parent = Kin("父母", rng.random() < 0.4, couple_and_child[0].age + rng.randint(23, 31))
            return (*couple_and_child, parent)
        case Template.COUPLE_CHILD_PARENTS:
            couple_and_child = _one_child(need, rng)
            age = couple_and_child[0].age + rng.randint(26, 31)
            return (*couple_and_child, Kin("父母", True, age), Kin("父母", False, age - rng.randint(0, 3)))


def _couple(rng: Random, head_age: int) -> tuple[Kin, Kin]:
    male = rng.random() < _MALE_HEADS
    spouse_age = max(22, head_age - rng.randint(-1, 4) * (1 if male else -1))
    return Kin("户主", male, head_age), Kin("配偶", not male, spouse_age)


def _child(rng: Random, age: int) -> Kin:
    son = rng.random() < 0.52
    return Kin("子" if son else "女", son, age)


def _one_child(need: Need, rng: Random) -> tuple[Kin, ...]:
    child_age = rng.choice(_STUDENT_AGES) if need is Need.STUDENT else rng.randint(1, 28)
    return (*_couple(rng, child_age + rng.randint(24, 30)), _child(rng, child_age))


def _two_children(need: Need, rng: Random) -> tuple[Kin, ...]:
    older = rng.choice(_STUDENT_AGES) if need is Need.STUDENT else rng.randint(4, 24)
    younger = max(1, older - rng.randint(2, 6))
    return (*_couple(rng, older + rng.randint(24, 30)), _child(rng, older), _child(rng, younger))


def _three_generations(rng: Random) -> tuple[Kin, ...]:
    head, spouse = _couple(rng, rng.randint(50, 68))
    child = _child(rng, min(head.age, spouse.age) - rng.randint(22, 26))
    married = "儿媳" if child.male else "女婿"
    in_law = Kin(married, not child.male, max(20, child.age + rng.randint(-2, 2)))
    grandchild = Kin("孙子女", rng.random() < 0.52, max(1, child.age - rng.randint(23, 28)))
    return head, spouse, child, in_law, grandchild
