"""The registry has the plan's figures and keeps the data-quality rules of facts.md 2.7."""

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest

from contracts.files import national
from contracts.month import Month, months_between
from contracts.resident_id import birth_date, normalise, sex
from sampletown import Town, build_town
from sampletown.household import Household, Member
from sampletown.outsiders import outsider
from sampletown.scale import SCALES, ScaleName

START = date(2023, 8, 1)
Households = tuple[Household, ...]


def members(households: Households) -> list[Member]:
    return [member for household in households for member in household.members]


def age(member: Member, day: date = START) -> int:
    return day.year - member.born_on.year - ((day.month, day.day) < (member.born_on.month, member.born_on.day))


def test_the_town_has_the_plans_figures(town: Town, households: Households) -> None:
    assert len(households) == 5_600
    assert len(members(households)) == 16_000
    assert town.scale.residents == 52_000
    assert sum(household.sheep for household in households) == 280_000
    assert sum(household.cattle for household in households) == 10_000


def test_the_larger_places_have_the_issues_figures() -> None:
    assert SCALES[ScaleName.COUNTY].people == 80_000
    assert SCALES[ScaleName.CITY].people == 2_200_000


def test_the_mean_income_is_28136_yuan_a_head(households: Households) -> None:
    total = sum(household.income.net for household in households)
    assert abs(total / 16_000 - 28_136) < Decimal("0.01")


def test_the_kinds_of_income_add_up_to_what_is_stated_per_head(households: Households) -> None:
    for household in households:
        income = household.income
        assert income.net == income.per_capita_net * len(household.members)
        assert min(income.wage, income.production, income.transfer, income.production_cost) >= 0
        if not any(member.labour in ("普通劳动力", "技能劳动力") for member in household.members):
            assert income.wage == 0


def test_ids_are_valid_and_tell_birth_and_sex(households: Households) -> None:
    for member in members(households):
        assert normalise(member.resident_id) == member.resident_id
        assert birth_date(member.resident_id) == member.born_on
        assert national.SEXES[member.sex] == sex(member.resident_id)


def test_no_id_is_given_twice_inside_or_outside_of_the_registry(town: Town, households: Households) -> None:
    registered = {member.resident_id for member in members(households)}
    assert len(registered) == 16_000
    outside = {outsider(town.seed, town.scale, number).resident_id for number in range(town.scale.urban)}
    assert len(outside) == 36_000
    assert not registered & outside


def test_some_ids_of_before_2001_have_the_old_region_and_some_the_new_one(households: Households) -> None:
    old = Counter(member.resident_id[:6] for member in members(households) if member.born_on < date(2001, 1, 1))
    assert set(old) == {"152724", "150623"}
    assert min(old.values()) > 1_000


def test_phones_are_well_formed_and_unique_to_a_household(households: Households) -> None:
    phones = [household.head.phone for household in households]
    assert all(re.fullmatch(r"1[3-9]\d{9}", phone) for phone in phones)
    assert len(set(phones)) == 5_600
    assert not any(member.phone for household in households for member in household.members[1:])


def test_names_are_han_and_mongolian_some_long_some_with_an_interpunct(households: Households) -> None:
    names = {member.name for member in members(households)}
    assert "阿拉坦其其格" in names
    assert any("·" in name for name in names)
    assert all(re.fullmatch(r"[\u4e00-\u9fff·]{2,30}", name) for name in names)
    nations = Counter(member.ethnicity for member in members(households))
    assert nations["蒙古族"] > 3_000 < nations["汉族"]


def test_relations_fit_sexes(households: Households) -> None:
    for household in households:
        kin = {member.relation: member for member in household.members}
        assert household.members[0].relation == "户主"
        assert sum(member.relation == "户主" for member in household.members) == 1
        if "配偶" in kin:
            assert kin["配偶"].sex != kin["户主"].sex
        for relation, required in (("子", "男"), ("女婿", "男"), ("女", "女"), ("儿媳", "女")):
            assert all(member.sex == required for member in household.members if member.relation == relation)


def test_generations_are_a_generation_apart(households: Households) -> None:
    for household in households:
        for member in household.members:
            if member.relation in ("子", "女"):
                assert age(household.head) - age(member) >= 20
            if member.relation == "父母":
                assert age(member) - age(household.head) >= 20


@pytest.mark.parametrize("day", [START, date(2024, 7, 31)])
def test_pupils_have_the_age_of_their_school(households: Households, day: date) -> None:
    ages = {
        "小学": (6, 14), "初中": (12, 17), "普通高中": (15, 20), "中等职业": (15, 20),
        "高等职业": (17, 25), "本科": (17, 25),
    }  # fmt: skip
    for member in members(households):
        if member.schooling in ages:
            least, most = ages[member.schooling]
            assert least <= age(member, day) <= most, member


def test_every_child_of_compulsory_age_goes_to_school(households: Households) -> None:
    for member in members(households):
        if 7 <= age(member) <= 14:
            assert member.schooling in ("小学", "初中")
        if member.schooling == "研究生" or member.education == "研究生":
            assert age(member) >= 20


def test_children_pupils_and_the_very_old_have_no_labour_ability(households: Households) -> None:
    for member in members(households):
        if age(member) < 16 or member.schooling != "非在校生" or age(member) >= 80:
            assert member.labour == "无劳动力"
        if member.health == "残疾":
            assert member.labour not in ("普通劳动力", "技能劳动力")


def test_labels_are_those_of_the_national_columns(households: Households) -> None:
    for member in members(households):
        assert member.relation in national.RELATIONS
        assert member.ethnicity in national.ETHNICITIES
        assert member.education in national.EDUCATION or member.education == ""
        assert member.schooling in national.SCHOOLING
        assert member.health in national.HEALTH
        assert member.labour in national.LABOUR


def test_one_household_in_eight_is_relieved(households: Households) -> None:
    assert sum(household.relieved for household in households) == 700


def test_households_live_in_all_nineteen_divisions_and_two_sites(town: Town, households: Households) -> None:
    codes = {f"150623100{number:03d}" for number in (*range(1, 8), *range(200, 212))}
    assert {household.division for household in households} == codes
    sites = {site.name: site.division for site in town.places.sites}
    assert len(sites) == 2
    resettled = [household for household in households if household.site]
    assert len(resettled) == 100
    assert all(household.relieved and sites[household.site] == household.division for household in resettled)


def test_monitored_households_were_taken_over_with_class_month_and_risks(households: Households) -> None:
    monitored = [household for household in households if household.monitoring]
    classes = Counter(household.monitoring.monitored_class for household in monitored)
    assert set(classes) == set(national.MONITORED_CLASSES)
    assert sum(household.monitoring.eliminated for household in monitored) == 50
    assert len(monitored) == 150
    for household in monitored:
        state = household.monitoring
        assert 1 <= len(state.risks) <= 5
        assert set(state.risks) <= set(national.RISKS)
        assert ("其他" in state.risks) == bool(state.risk_remark)
        assert Month(2021, 7) <= state.identified_month <= Month(2023, 6)
        assert (state.monitored_class == "脱贫不稳定户") <= household.relieved
        assert (state.monitored_class == "边缘易致贫户") <= (not household.relieved)


def test_eliminated_households_waited_six_months_and_have_labour(households: Households) -> None:
    for household in households:
        state = household.monitoring
        if state and state.eliminated_month:
            assert months_between(state.identified_month, state.eliminated_month) >= 6
            assert state.eliminated_month < Month(2023, 8)
            assert state.elimination_mode in national.ELIMINATION_MODES
            assert any(member.labour not in ("丧失劳动力", "无劳动力") for member in household.members)


def test_risks_fit_the_household(households: Households) -> None:
    for household in households:
        if household.monitoring is None:
            continue
        risks, state = household.monitoring.risks, household.monitoring
        health = {member.health for member in household.members}
        labour = {member.labour for member in household.members}
        assert ("因残" in risks) <= ("残疾" in health)
        assert ("因病" in risks) <= bool(health & {"长期慢性病", "患有大病"})
        assert ("缺劳动力" in risks) <= (labour <= {"丧失劳动力", "无劳动力"})
        assert ("务工就业不稳" in risks) <= bool(labour & {"普通劳动力", "技能劳动力"})
        if not state.eliminated:
            assert household.dangerous_house == ("因安全住房" in risks)
            assert household.safe_water == ("因安全饮水" not in risks)


def test_the_same_seed_makes_the_same_town_and_another_seed_another() -> None:
    first, again = build_town(7, "tiny"), build_town(7, "tiny")
    other = build_town(8, "tiny")
    assert list(first.households) == list(again.households)
    assert {h.head.name for h in first.households} != {h.head.name for h in other.households}


def test_a_household_in_the_middle_of_a_city_is_made_alone() -> None:
    city = build_town(1, "city")
    household = city.household(700_000)
    assert household.division[:6] in {"150626", "150627"}
    assert normalise(household.head.resident_id)


def test_ids_stay_unique_in_a_county_of_the_city() -> None:
    """Neighbours in number and in day of birth: the places where a clash of ids would show."""
    city = build_town(1, "city")
    sample = [city.household(index) for start in range(0, 84_000, 364) for index in range(start, start + 6)]
    ids = [member.resident_id for household in sample for member in household.members]
    assert len(set(ids)) == len(ids)
