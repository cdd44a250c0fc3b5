"""Households that the national system monitored before our first month: class, risks and months, taken over as
stated.

Risks follow from who lives in the household, as the national checker asks (facts.md 2.7): illness where
somebody is ill, disability where somebody is disabled, a shortage of labour only where nobody is able.
"""

from dataclasses import dataclass
from random import Random

from contracts.month import Month
from sampletown.household import ABLE, Member, Monitoring
from sampletown.seat import Seat, Standing

_OTHER = "其他"
_FIRST = Month(2021, 7)
_SHOCKS = ("因灾", "因意外事故", "因安全住房", "因安全饮水")


@dataclass(frozen=True, slots=True)
class TakenOver:
    monitoring: Monitoring | None
    dangerous_house: bool = False
    safe_water: bool = True


def taken_over(seat: Seat, members: tuple[Member, ...], rng: Random) -> TakenOver:
    """What the registry says of a household's monitoring, with the house and water that its risks imply."""
    if seat.standing is Standing.FREE:
        return TakenOver(None)
    poverty = "脱贫不稳定户" if seat.relieved else "边缘易致贫户"
    risks = _risks(seat, members, rng)
    eliminated = seat.standing is Standing.ELIMINATED
    identified = _FIRST.plus(rng.randrange(12 if eliminated else 24))
    monitoring = Monitoring(
        monitored_class=poverty if seat.poor else "突发严重困难户",
        identified_month=identified,
        risks=risks,
        risk_remark="家庭负担较重" if _OTHER in risks else "",
        eliminated_month=identified.plus(rng.randint(7, 12)) if eliminated else None,
        elimination_mode=("自然消除" if rng.random() < 0.1 else "帮扶消除") if eliminated else "",
    )
    return TakenOver(
        monitoring,
        dangerous_house="因安全住房" in risks and not eliminated,
        safe_water="因安全饮水" not in risks or eliminated,
    )


def _risks(seat: Seat, members: tuple[Member, ...], rng: Random) -> tuple[str, ...]:
    possible = []
    if any(member.health in ("长期慢性病", "患有大病") for member in members):
        possible.append("因病")
    if any(member.health == "残疾" for member in members):
        possible.append("因残")
    if any(member.schooling in ("普通高中", "中等职业", "高等职业", "本科") for member in members):
        possible.append("因学")
    if any(member.labour in ABLE for member in members):
        possible.append("务工就业不稳")
    elif all(member.labour in ("丧失劳动力", "无劳动力") for member in members):
        possible.append("缺劳动力")
    if not seat.poor:
        possible.insert(0, rng.choice(_SHOCKS))
    elif not possible or rng.random() < 0.2:
        possible.append(_OTHER)
    return tuple(possible[: rng.randint(1, 3)])
