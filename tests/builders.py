"""Builders of synthetic things for tests: whatever a test does not speak of gets a plain, valid value."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from stdnum.cn import ric

from contracts import resident_id
from contracts.decision import Answer, Because, Finding
from contracts.month import Month
from contracts.parameters import ParameterBook
from services.monitoring.domain.circumstances import Guarantees, Monitored, Risk, TakenOver
from services.monitoring.domain.codes import HEAD, HouseholdType, MonitoredClass
from services.monitoring.domain.household import Household
from services.monitoring.domain.household_details import HouseholdDetails
from services.monitoring.domain.ids import HouseholdId, MemberId, SignalId
from services.monitoring.domain.judgement import ScreeningFacts, ScreeningFinding
from services.monitoring.domain.member import MemberDetails, NewMember
from services.monitoring.domain.parameters import load_seed
from services.monitoring.domain.registration import register, take_over
from services.monitoring.domain.signals import Signal, Source

REGISTERED_ON = date(2023, 8, 1)
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "150623100200", "150623100201", "150623101200"
SECRET = b"a secret of the tests"

_numbers = count(1)
_NAMES = ("阿拉坦其其格", "王小明", "乌云毕力格", "斯琴·高娃", "李秀英", "巴特尔")
_RELATIONS = (HEAD, "1", "2", "3", "5", "8")


def a_resident_id(number: int | None = None, born_on: date = date(1980, 5, 6), sex: str = "1") -> str:
    """A synthetic id with a valid check digit; another one with every call unless a number is given."""
    number = next(_numbers) if number is None else number
    place = number % 499 * 2 + int(sex == "1")
    stem = f"150623{born_on:%Y%m%d}{place:03d}"
    return stem + str(ric.calc_check_digit(stem + "0"))


def member_details(**given: object) -> MemberDetails:
    """A healthy, able member of 43; `relation` and anything else as given."""
    number = next(_numbers)
    identity = given.get("resident_id", a_resident_id(number))
    fields = {
        "name": _NAMES[number % len(_NAMES)],
        "relation": "8",
        "resident_id": identity,
        "person_key": resident_id.person_key(identity, SECRET) if isinstance(identity, str) else None,
        "ethnicity": "02",
        "health": "healthy",
        "labour": "ordinary",
        "phone": f"138{number:08d}",
        **given,
    }
    return MemberDetails(**fields)  # type: ignore[arg-type]


def a_member(**given: object) -> NewMember:
    return NewMember(id=MemberId(f"m{next(_numbers):031d}"), details=member_details(**given))


def some_members(size: int) -> list[NewMember]:
    """A head, a spouse, children and others, each a different person born on a day of their own."""
    members = []
    for place in range(size):
        relation = _RELATIONS[min(place, len(_RELATIONS) - 1)]
        sex = {"1": "2", "3": "2"}.get(relation, "1")
        born_on = date(1960 + next(_numbers) % 40, 1 + place % 12, 5)
        members.append(a_member(relation=relation, resident_id=a_resident_id(born_on=born_on, sex=sex)))
    return members


def a_household(
    members: int | Sequence[NewMember] = 4,
    *,
    household_type: HouseholdType = HouseholdType.ORDINARY,
    division: str = VILLAGE,
    on: date = REGISTERED_ON,
    risks: Sequence[Risk] = (),
    guarantees: Guarantees | None = None,
    household_id: str | None = None,
) -> Household:
    """A registered household; its events are still to be taken."""
    return register(
        household_id=HouseholdId(household_id or f"h{next(_numbers):031d}"),
        division=division,
        details=HouseholdDetails(
            household_type=household_type, risks=tuple(risks), guarantees=guarantees or Guarantees()
        ),
        members=some_members(members) if isinstance(members, int) else members,
        on=on,
    )


def a_monitored_household(
    members: int | Sequence[NewMember] = 4,
    *,
    since: Month = Month(2022, 6),
    ended: Monitored | None = None,
    monitored_class: MonitoredClass = MonitoredClass.UNSTABLE_RELIEVED,
    risks: Sequence[Risk] = (Risk("unstable-work"),),
    guarantees: Guarantees | None = None,
) -> Household:
    """A household taken over from the national system as monitored since a month."""
    return take_over(
        household_id=HouseholdId(f"h{next(_numbers):031d}"),
        division=VILLAGE,
        details=HouseholdDetails(
            household_type=HouseholdType.RELIEVED,
            national_no=f"{next(_numbers):010d}",
            risks=tuple(risks),
            guarantees=guarantees or Guarantees(),
        ),
        members=some_members(members) if isinstance(members, int) else members,
        origin=TakenOver(file="防返贫监测信息.xlsx", row=2, on=REGISTERED_ON),
        monitored_class=monitored_class,
        monitored=ended or Monitored(since=since),
    )


def a_book() -> ParameterBook:
    """The values that come with the release."""
    return ParameterBook(load_seed())


def a_signal(**given: object) -> Signal:
    """A department's warning of tuition in October 2023."""
    fields = {
        "id": SignalId(f"s{next(_numbers):031d}"),
        "household_id": HouseholdId("h1"),
        "division": VILLAGE,
        "source": Source.DEPARTMENT,
        "kind": "tuition",
        "occurred_on": date(2023, 10, 9),
        "recorded_on": date(2023, 11, 1),
        "evidence": ScreeningFacts(amount=Decimal("12000")),
        **given,
    }
    return Signal(**fields)  # type: ignore[arg-type]


def a_finding(
    *,
    rule: str = "tuition",
    period: str = "2023",
    amount: str | None = "12000",
    crossed: Answer = Answer.YES,
) -> ScreeningFinding:
    said = Because(zh=f"证据{amount}", en=f"evidence {amount}")
    return ScreeningFinding(
        finding=Finding(clause="M-1.1.2", code=f"{rule}-crossed", answer=crossed, because=said),
        rule=rule,
        period=period,
        day=date(2023, 10, 31),
        amount=None if amount is None else Decimal(amount),
    )
