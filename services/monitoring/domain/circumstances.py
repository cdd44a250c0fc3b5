"""What presses on a household and what it is secured in: ordered risks, three guarantees and water, monitoring.

The forms are the national system's (facts.md 2.3, 2.10): up to five ordered risks, `other` with a remark; identified
and eliminated by month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.decision import Answer
from contracts.errors import FieldError
from contracts.month import Month
from services.monitoring.domain import codes


@dataclass(frozen=True, slots=True)
class Risk:
    code: str
    remark: str | None = None


def risk_errors(risks: Sequence[Risk], on: date, pointer: str = "/risks") -> list[FieldError]:
    """More than five, one twice, an unknown code, or `other` without remark."""
    errors = [FieldError("too-many-risks", pointer)] if len(risks) > codes.MAX_RISKS else []
    for index, risk in enumerate(risks):
        here = f"{pointer}/{index}"
        if risk.code not in codes.codes_of("risk-types", on):
            errors.append(FieldError("code-unknown", here))
        if risk.code in {earlier.code for earlier in risks[:index]}:
            errors.append(FieldError("risk-twice", here))
        if risk.code == codes.OTHER_RISK and not (risk.remark and risk.remark.strip()):
            errors.append(FieldError("remark-missing", here))
    return errors


@dataclass(frozen=True, slots=True)
class Guarantee:
    """Whether something is secured, and the day on which that was found."""

    secured: Answer = Answer.UNKNOWN
    known_on: date | None = None


UNKNOWN = Guarantee()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantees:
    """The three guarantees (三保障) and drinking water."""

    education: Guarantee = UNKNOWN
    medical: Guarantee = UNKNOWN
    housing: Guarantee = UNKNOWN
    water: Guarantee = UNKNOWN


class MonitoringEnd(StrEnum):
    """How monitoring ended: the two modes of the national form, and the household's own act or end."""

    AIDED = "aided"
    NATURAL = "natural"
    LEFT = "left"
    MERGED = "merged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitored:
    """A time under monitoring by months; in the month in which it ended the household still counts."""

    since: Month
    ended: Month | None = None
    how: MonitoringEnd | None = None
    kept: bool = False
    """After elimination it goes on being helped (M-1.1.28)."""

    def holds(self, month: Month) -> bool:
        return self.since <= month and (self.ended is None or month <= self.ended)

    def overlaps(self, other: "Monitored") -> bool:
        """Whether both cover a month; ending and beginning again within one month is no overlap."""
        return (self.ended is None or other.since < self.ended) and (other.ended is None or self.since < other.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """Where a taken-over state comes from: never a decision of ours."""

    file: str
    row: int
    on: date
