"""Schooling, education, health and labour ability of a person, consistent with the data-quality rules of
facts.md 2.7.

Ages are counted by calendar year, so a person is that old or one year younger on the day; the school stages
keep a year's distance from the ages at which the rules would complain.
"""

from dataclasses import dataclass
from random import Random

from sampletown.families import Kin
from sampletown.seat import Need

_HEALTH = ("健康", "长期慢性病", "残疾", "患有大病")
_NOT_A_STUDENT = "非在校生"


@dataclass(frozen=True, slots=True)
class Condition:
    schooling: str
    education: str
    health: str
    labour: str


def condition(kin: Kin, need: Need, rng: Random) -> Condition:
    """How a member stands; the head (and the scene's student) as the scene needs it."""
    is_head = kin.relation == "户主"
    health = _health(kin.age, rng)
    if is_head and need in (Need.WORKER, Need.SKILLED_WORKER, Need.WEAK_WORKER):
        health = "健康"
    if is_head and need is Need.LOST_LABOUR:
        return Condition(_NOT_A_STUDENT, "初中", "残疾", "丧失劳动力")
    schooling = _schooling(kin, need, rng)
    labour = _labour(kin.age, schooling, health, rng)
    if is_head and need is Need.WORKER:
        labour = "普通劳动力"
    if is_head and need is Need.SKILLED_WORKER:
        labour = "技能劳动力"
    return Condition(schooling, _education(kin.age, schooling, rng), health, labour)


def _health(age: int, rng: Random) -> str:
    weights = (95, 3, 1.5, 0.5) if age < 40 else (80, 15, 3, 2) if age < 60 else (50, 40, 6, 4)
    return rng.choices(_HEALTH, weights)[0]


def _schooling(kin: Kin, need: Need, rng: Random) -> str:
    age = kin.age
    if kin.relation not in ("子", "女", "孙子女") or age < 4 or age > 22:
        return _NOT_A_STUDENT
    if age <= 6:
        return "学前"
    if age <= 12:
        return "小学"
    if age <= 15:
        return "初中"
    if age <= 18:
        return rng.choices(("普通高中", "中等职业"), (65, 35))[0]
    return rng.choices(("高等职业", "本科", _NOT_A_STUDENT), (30, 25, 45))[0]


_ATTAINED_AT = {"学前": "", "小学": "", "初中": "小学", "普通高中": "初中", "中等职业": "初中"}
_EDUCATION = ("研究生", "大学本科", "大学专科", "中等职业", "普通高中", "初中", "小学", "文盲或半文盲")


def _education(age: int, schooling: str, rng: Random) -> str:
    if schooling in _ATTAINED_AT:
        return _ATTAINED_AT[schooling]
    if schooling != _NOT_A_STUDENT:
        return "普通高中"
    if age < 16:
        return ""
    weights = (1, 14, 20, 20, 15, 28, 2, 0) if age < 35 else (0, 1, 3, 5, 12, 52, 24, 3)
    if age >= 60:
        weights = (0, 0, 0, 1, 4, 25, 50, 20)
    if age < 23:
        weights = (0, 0, 0, 30, 30, 40, 0, 0)
    return rng.choices(_EDUCATION, weights)[0]


def _labour(age: int, schooling: str, health: str, rng: Random) -> str:
    if age < 17 or schooling != _NOT_A_STUDENT or age >= 80:
        return "无劳动力"
    if age >= 70 or (health == "残疾" and rng.random() < 0.5):
        return "丧失劳动力"
    if age >= 60 or health in ("残疾", "患有大病"):
        return "弱劳动力或半劳动力"
    return rng.choices(("普通劳动力", "技能劳动力"), (80, 20))[0]
