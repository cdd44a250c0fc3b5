"""Data-quality rules: each finds what does not fit, on its boundary, and says nothing of unknown facts."""

from datetime import date

import pytest
from stdnum.cn import ric

from contracts.decision import Answer
from services.monitoring.domain.circumstances import Guarantee, Guarantees, Risk
from services.monitoring.domain.codes import HEAD
from services.monitoring.domain.member import NewMember
from services.monitoring.domain.quality import TITLES, quality_findings
from tests.builders import a_household, a_member, a_monitored_household, a_resident_id, some_members

DAY = date(2024, 3, 12)


def head(**given: object) -> NewMember:
    return a_member(relation=HEAD, **given)


def codes(*members: NewMember, risks: tuple[str, ...] = (), guarantees: Guarantees | None = None) -> list[str]:
    household = a_household(members=members, risks=[Risk(code) for code in risks], guarantees=guarantees)
    return [finding.code for finding in quality_findings(household, DAY)]


def labourers(*labours: str | None) -> list[NewMember]:
    return [head(labour=labours[0]), *(a_member(labour=labour) for labour in labours[1:])]


def test_a_household_of_the_builders_has_no_findings() -> None:
    assert quality_findings(a_household(members=some_members(6)), DAY) == []


def test_every_finding_has_a_title_in_both_languages_and_names_its_member() -> None:
    newborn = a_member(relation="2", resident_id=None)
    (found,) = quality_findings(a_household(members=[head(), newborn]), DAY)
    assert (found.code, found.member_id) == ("id-missing", newborn.id)
    assert found.title.zh
    assert all(title.zh and title.en for title in TITLES.values())


def test_an_unknown_region_is_a_finding_and_no_refusal() -> None:
    number = "99062319800506001"
    number += ric.calc_check_digit(number + "0")
    assert codes(head(resident_id=number)) == ["id-region-unknown"]


def test_sex_and_birth_that_differ_from_the_id_are_found() -> None:
    number = a_resident_id(born_on=date(1980, 5, 6), sex="1")
    assert codes(head(resident_id=number, sex="2")) == ["sex-differs-from-id"]
    assert codes(head(resident_id=number, sex="9")) == []
    assert codes(head(resident_id=number, born_on=date(1980, 5, 7))) == ["birth-differs-from-id"]
    assert codes(head(resident_id=number, born_on=date(1980, 5, 6), sex="1")) == []


@pytest.mark.parametrize(
    ("relation", "sex", "fits"),
    [
        ("2", "1", True),
        ("2", "2", False),
        ("3", "2", True),
        ("3", "1", False),
        ("2x", "2", True),
        ("2x", "1", False),
        ("3x", "1", True),
        ("3x", "2", False),
        ("5", "1", True),
    ],
)
def test_sons_are_male_and_daughters_female(relation: str, sex: str, fits: bool) -> None:
    found = codes(head(), a_member(relation=relation, resident_id=a_resident_id(sex=sex)))
    assert found == ([] if fits else ["relation-against-sex"])


@pytest.mark.parametrize(
    ("schooling", "born_on", "fits"),
    [
        ("小学", date(2018, 3, 13), False),
        ("小学", date(2018, 3, 12), True),
        ("小学", date(2009, 3, 13), True),
        ("小学", date(2009, 3, 12), False),
        ("初中", date(2012, 3, 12), True),
        ("初中", date(2012, 3, 13), False),
        ("普通高中", date(2003, 3, 13), True),
        ("普通高中", date(2003, 3, 12), False),
        ("研究生", date(2004, 3, 12), True),
        ("研究生", date(2004, 3, 13), False),
        ("非在校生", date(1950, 1, 1), True),
    ],
)
def test_schooling_fits_an_age_with_the_birthday_counted(schooling: str, born_on: date, fits: bool) -> None:
    found = codes(head(), a_member(schooling=schooling, resident_id=a_resident_id(born_on=born_on)))
    assert found == ([] if fits else ["age-against-schooling"])


def test_schooling_without_a_known_birth_is_not_judged() -> None:
    assert codes(head(), a_member(schooling="小学", resident_id=None)) == ["id-missing"]


def test_a_head_has_one_spouse_of_the_other_sex() -> None:
    him, her = a_resident_id(sex="1"), a_resident_id(sex="2")
    assert codes(head(resident_id=him), a_member(relation="1", resident_id=her)) == []
    assert codes(head(resident_id=him), a_member(relation="1", resident_id=a_resident_id(sex="1"))) == [
        "spouses-of-same-sex"
    ]
    two = [a_member(relation="1", resident_id=a_resident_id(sex="2")) for _ in range(2)]
    assert codes(head(resident_id=him), *two) == ["two-spouses"]


def test_disability_is_no_risk_where_nobody_is_disabled_as_far_as_everybody_is_known() -> None:
    assert codes(head(health="healthy"), risks=("disability",)) == ["disability-risk-without-disabled"]
    assert codes(head(health="healthy"), a_member(health="disabled"), risks=("disability",)) == []
    assert codes(head(health="healthy"), a_member(health=None), risks=("disability",)) == []


@pytest.mark.parametrize(
    ("labours", "fits"),
    [
        (["ordinary", "skilled", "none", "none"], True),
        (["ordinary", "skilled", "ordinary", "none"], False),
        (["ordinary", "none", "none"], False),
        (["weak", "none", "none"], True),
        (["none"], True),
        ([None, None, None], True),
    ],
)
def test_labour_is_short_up_to_half_of_four_and_a_quarter_of_fewer(labours: list[str | None], fits: bool) -> None:
    found = codes(*labourers(*labours), risks=("labour-shortage",))
    assert found == ([] if fits else ["labour-shortage-with-labour"])


@pytest.mark.parametrize(
    ("labours", "fits"), [(["lost", "none"], False), (["lost", "weak"], True), (["lost", None], True)]
)
def test_work_is_not_unstable_where_nobody_is_able_to_work(labours: list[str | None], fits: bool) -> None:
    found = codes(*labourers(*labours), risks=("unstable-work",))
    assert found == ([] if fits else ["unstable-work-without-labour"])


@pytest.mark.parametrize("risk", ["housing", "water"])
def test_a_risk_and_its_guarantee_do_not_stand_together(risk: str) -> None:
    secured, unsafe = Guarantees(**{risk: Guarantee(Answer.YES, DAY)}), Guarantees(**{risk: Guarantee(Answer.NO, DAY)})
    assert codes(head(), risks=(risk,), guarantees=secured) == [f"{risk}-risk-though-secured"]
    assert codes(head(), risks=(risk,), guarantees=unsafe) == []
    assert codes(head(), risks=(risk,)) == []
    monitored = a_monitored_household(guarantees=unsafe)
    assert [finding.code for finding in quality_findings(monitored, DAY)] == [f"{risk}-unsafe-without-risk"]
    assert codes(head(), guarantees=unsafe) == []


def test_a_monitored_household_has_a_risk() -> None:
    (found,) = quality_findings(a_monitored_household(risks=()), DAY)
    assert found.code == "monitored-without-risk"


def test_members_who_have_left_are_not_judged() -> None:
    household = a_household(members=[head(), a_member(relation="2", resident_id=None)])
    household.leave(member_id=household.members[1].id, on=DAY, reason="moved-out")
    assert quality_findings(household, DAY) == []
    assert len(quality_findings(household, date(2024, 3, 11))) == 1
