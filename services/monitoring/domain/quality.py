"""Data-quality rules (facts.md 2.7): named findings on what is recorded. None of them refuses anything.

Each rule looks at one household as of a day. What concerns several households is found set-based in SQL; only its
codes live here. An unknown fact gives no finding.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from contracts import resident_id
from contracts.decision import Answer, Because
from services.monitoring.domain.codes import HEAD
from services.monitoring.domain.household import Household
from services.monitoring.domain.ids import MemberId
from services.monitoring.domain.member import Member

_MALE, _FEMALE = "1", "2"
_SPOUSE = "1"
_SEX_OF_RELATION = {"2": _MALE, "3": _FEMALE, "2x": _FEMALE, "3x": _MALE}
_AGES_OF_SCHOOLING = {
    "小学": (6, 14),
    "初中": (12, 17),
    "普通高中": (15, 20),
    "中等职业": (15, 20),
    "高等职业": (15, 20),
    "研究生": (20, 150),
}
_FULLY_ABLE = frozenset({"ordinary", "skilled"})
_UNABLE = frozenset({"lost", "none"})

ID_IN_TWO_HOUSEHOLDS = "id-in-two-households"
PHONE_IN_TWO_HOUSEHOLDS = "phone-in-two-households"
NATIONAL_NO_TWICE = "national-no-twice"

TITLES = {
    ID_IN_TWO_HOUSEHOLDS: Because(zh="证件号码在两户中重复", en="The same id in two households"),
    PHONE_IN_TWO_HOUSEHOLDS: Because(zh="联系电话在不同户中重复", en="The same phone in different households"),
    NATIONAL_NO_TWICE: Because(zh="户编号重复", en="The same national number twice"),
    "id-missing": Because(zh="缺少证件号码", en="No resident id is recorded"),
    "id-region-unknown": Because(zh="证件号码地区码未知", en="The region of the resident id is unknown"),
    "sex-differs-from-id": Because(zh="性别与证件号码不符", en="Sex and resident id differ"),
    "birth-differs-from-id": Because(zh="出生日期与证件号码不符", en="Date of birth and resident id differ"),
    "relation-against-sex": Because(zh="与户主关系与性别不符", en="Relation and sex do not fit"),
    "age-against-schooling": Because(zh="年龄与在校生状况不符", en="Age and schooling do not fit"),
    "two-spouses": Because(zh="户主配偶多于一人", en="The head has more than one spouse"),
    "spouses-of-same-sex": Because(zh="户主与配偶性别相同", en="Head and spouse are of the same sex"),
    "disability-risk-without-disabled": Because(
        zh="因残风险但户内无残疾成员", en="Disability is a risk, yet no member is disabled"
    ),
    "labour-shortage-with-labour": Because(
        zh="缺劳动力风险但劳动力占比较高", en="Labour shortage is a risk, yet many members are able"
    ),
    "unstable-work-without-labour": Because(
        zh="务工就业不稳风险但全户无劳动能力", en="Unstable work is a risk, yet nobody is able to work"
    ),
    "housing-risk-though-secured": Because(
        zh="因安全住房风险但住房安全有保障", en="Housing is a risk, yet it is secured"
    ),
    "housing-unsafe-without-risk": Because(
        zh="监测户住房无保障但无相应风险", en="Monitored and not secured in housing, yet it is no risk"
    ),
    "water-risk-though-secured": Because(zh="因安全饮水风险但饮水安全有保障", en="Water is a risk, yet it is secured"),
    "water-unsafe-without-risk": Because(
        zh="监测户饮水无保障但无相应风险", en="Monitored and not secured in water, yet it is no risk"
    ),
    "monitored-without-risk": Because(zh="监测户未登记风险", en="Monitored, yet no risk is recorded"),
}
"""Every code with its title."""


@dataclass(frozen=True, slots=True)
class QualityFinding:
    """What does not fit, and with whom; never a value."""

    code: str
    member_id: MemberId | None = None

    @property
    def title(self) -> Because:
        return TITLES[self.code]


def quality_findings(household: Household, day: date) -> list[QualityFinding]:
    """Everything that does not fit in what is recorded, as of a day."""
    members = household.members_on(day)
    found = [
        QualityFinding(code, member.id)
        for member in members
        for rule in _MEMBER_RULES
        if (code := rule(member, day)) is not None
    ]
    found += [QualityFinding(code) for code in _couple(members)]
    found += [QualityFinding(code) for code in _risks_against_members(household, members)]
    found += [QualityFinding(code) for code in _risks_against_guarantees(household, day)]
    return found


def _id_missing(member: Member, _day: date) -> str | None:
    """A member without resident id."""
    return "id-missing" if member.details.resident_id is None else None


def _id_region(member: Member, _day: date) -> str | None:
    """The first six digits name no region that is known; valid all the same."""
    number = member.details.resident_id
    return "id-region-unknown" if number and not resident_id.region_is_known(number) else None


def _sex_against_id(member: Member, _day: date) -> str | None:
    """The recorded sex is not the one of the 17th digit."""
    number, sex = member.details.resident_id, member.details.sex
    if number is None or sex not in {_MALE, _FEMALE}:
        return None
    return "sex-differs-from-id" if resident_id.sex(number) != sex else None


def _birth_against_id(member: Member, _day: date) -> str | None:
    """The recorded date of birth is not the one in the id."""
    number, born_on = member.details.resident_id, member.details.born_on
    if number is None or born_on is None:
        return None
    return "birth-differs-from-id" if resident_id.birth_date(number) != born_on else None


def _relation_against_sex(member: Member, _day: date) -> str | None:
    """A son or son-in-law is male, a daughter or daughter-in-law female."""
    expected = _SEX_OF_RELATION.get(member.details.relation)
    sex = member.details.sex_code
    wrong = expected is not None and sex in {_MALE, _FEMALE} and sex != expected
    return "relation-against-sex" if wrong else None


def _age_against_schooling(member: Member, day: date) -> str | None:
    """Primary 6 to 14, junior 12 to 17, senior and vocational 15 to 20, graduate from 20, both ages included."""
    ages = _AGES_OF_SCHOOLING.get(member.details.schooling or "")
    age = member.details.age_on(day)
    if ages is None or age is None:
        return None
    return None if ages[0] <= age <= ages[1] else "age-against-schooling"


_MEMBER_RULES: tuple[Callable[[Member, date], str | None], ...] = (
    _id_missing,
    _id_region,
    _sex_against_id,
    _birth_against_id,
    _relation_against_sex,
    _age_against_schooling,
)


def _couple(members: tuple[Member, ...]) -> Iterator[str]:
    """A head has at most one spouse, of the other sex."""
    heads = {member.details.sex_code for member in members if member.details.relation == HEAD}
    spouses = [member.details.sex_code for member in members if member.details.relation == _SPOUSE]
    if len(spouses) > 1:
        yield "two-spouses"
    if heads & set(spouses) & {_MALE, _FEMALE}:
        yield "spouses-of-same-sex"


def _risks_against_members(household: Household, members: tuple[Member, ...]) -> Iterator[str]:
    """Risks that the members do not bear out.

    Labour shortage: more than half of a household of four and more are fully able, or more than a quarter of a
    smaller one.
    """
    risks = {risk.code for risk in household.risks}
    labours = [member.details.labour for member in members]
    if "disability" in risks and members and all(_known_not_disabled(member) for member in members):
        yield "disability-risk-without-disabled"
    able = sum(labour in _FULLY_ABLE for labour in labours)
    most = len(labours) / 2 if len(labours) >= 4 else len(labours) / 4
    if "labour-shortage" in risks and able > most:
        yield "labour-shortage-with-labour"
    if "unstable-work" in risks and labours and all(labour in _UNABLE for labour in labours):
        yield "unstable-work-without-labour"


def _known_not_disabled(member: Member) -> bool:
    return member.details.health not in {None, "disabled"}


def _risks_against_guarantees(household: Household, day: date) -> Iterator[str]:
    """A house or water that is a risk though secured, or not secured in a monitored household without that risk."""
    risks = {risk.code for risk in household.risks}
    monitored = household.monitored_on(day)
    for risk, secured in (
        ("housing", household.guarantees.housing.secured),
        ("water", household.guarantees.water.secured),
    ):
        if risk in risks and secured is Answer.YES:
            yield f"{risk}-risk-though-secured"
        if risk not in risks and secured is Answer.NO and monitored:
            yield f"{risk}-unsafe-without-risk"
    if monitored and not risks:
        yield "monitored-without-risk"
