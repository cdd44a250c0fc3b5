"""Flags: a signal crossed its rule. One flag stands for one household, rule and period (M-1.1.2, M-1.1.3).

Later evidence of the same household, rule and period attaches to it. After a dismissal only evidence above the
dismissed amount flags again, as another round of the same flag.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Self

from contracts.decision import Answer
from contracts.events.envelope import Raised, State
from contracts.events.monitoring import FlagDismissed, HouseholdFlagged, MonitoringEvent
from contracts.events.monitoring_state import FlagState
from services.monitoring.domain import errors
from services.monitoring.domain.codes import reason_code
from services.monitoring.domain.ids import FlagId, HouseholdId, SignalId, household_key
from services.monitoring.domain.judgement import ScreeningFinding
from services.monitoring.domain.public import public_finding, public_kind, public_period


class FlagStanding(StrEnum):
    OPEN = "open"
    DISMISSED = "dismissed"
    CASE_OPENED = "case-opened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What screening found on a day, and the signals it rests on."""

    finding: ScreeningFinding
    signals: tuple[SignalId, ...]
    attached_on: date


@dataclass(slots=True, kw_only=True)
class Flag:
    id: FlagId
    household_id: HouseholdId
    division: str
    rule: str
    period: str
    evidence: tuple[Evidence, ...]
    opened_on: date
    standing: FlagStanding = FlagStanding.OPEN
    round: int = 1
    closed_on: date | None = None
    closing_reason: str | None = None
    dismissed_amount: Decimal | None = None
    """The heaviest evidence that was looked at when the flag was dismissed."""
    version: int = 0
    events: list[Raised] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def raised(
        cls,
        *,
        flag_id: FlagId,
        household_id: HouseholdId,
        division: str,
        finding: ScreeningFinding,
        signals: Sequence[SignalId],
        on: date,
    ) -> Self:
        """The household is flagged. Raises NotCrossed unless the rule said yes."""
        if finding.crossed is not Answer.YES:
            raise errors.NotCrossed
        flag = cls(
            id=flag_id,
            household_id=household_id,
            division=division,
            rule=finding.rule,
            period=finding.period,
            evidence=(Evidence(finding=finding, signals=tuple(signals), attached_on=on),),
            opened_on=on,
        )
        flag._record(flag._flagged(finding, on))
        return flag

    @property
    def key(self) -> tuple[HouseholdId, str, str]:
        """Household, rule and period: there is never a second flag of the same."""
        return self.household_id, self.rule, self.period

    @property
    def signals(self) -> frozenset[SignalId]:
        return frozenset(signal for evidence in self.evidence for signal in evidence.signals)

    @property
    def amount(self) -> Decimal | None:
        """The heaviest evidence so far."""
        known = [item.finding.amount for item in self.evidence if item.finding.amount is not None]
        return max(known) if known else None

    def attach(self, *, finding: ScreeningFinding, signals: Sequence[SignalId], on: date) -> bool:
        """Later evidence attaches; whether it flags a dismissed household again is returned.

        Evidence that is attached already changes nothing, so a repeated file does not flag again. Raises WrongFlag
        for evidence of another rule or period.
        """
        if (finding.rule, finding.period) != (self.rule, self.period):
            raise errors.WrongFlag
        if any(item.finding.finding == finding.finding and set(signals) <= set(item.signals) for item in self.evidence):
            return False
        again = self._outweighs_dismissal(finding)
        self.evidence = (
            *self.evidence,
            Evidence(finding=finding, signals=tuple(signals), attached_on=on),
        )
        if not again:
            self._record()
            return False
        self.standing, self.closed_on, self.closing_reason = FlagStanding.OPEN, None, None
        self.opened_on, self.round = on, self.round + 1
        self._record(self._flagged(finding, on))
        return True

    def dismiss(self, *, on: date, reason: str) -> None:
        """An officer looked and found no case. Raises FlagIsClosed, InvalidReason or DayBeforeHistory."""
        reason = reason_code("flag-dismissal-reasons", reason, on)
        if self.standing is not FlagStanding.OPEN:
            raise errors.FlagIsClosed
        if on < self.opened_on:
            raise errors.DayBeforeHistory
        self.standing, self.closed_on, self.closing_reason = FlagStanding.DISMISSED, on, reason
        self.dismissed_amount = self.amount
        self._record(
            FlagDismissed(
                household_id=self.household_id,
                division=self.division,
                flag_id=self.id,
                rule=public_kind(self.rule),
                dismissed_on=on,
                reason=reason,
            )
        )

    def answered_by_case(self, *, on: date) -> None:
        """A case takes it up; the event case-opened names it. Raises FlagIsClosed."""
        if self.standing is not FlagStanding.OPEN:
            raise errors.FlagIsClosed
        self.standing, self.closed_on, self.closing_reason = FlagStanding.CASE_OPENED, on, None
        self._record()

    def age_in_days(self, day: date) -> int | None:
        """Days that it waits for an answer; None once it is closed (M-1.1.3, clearing to zero)."""
        return (day - self.opened_on).days if self.standing is FlagStanding.OPEN else None

    def overdue_since(self, day: date, *, answer_days: int) -> date | None:
        """The first day after its time for an answer has passed, counted from the day after; None while in time."""
        late = self.opened_on + timedelta(days=answer_days + 1)
        return late if self.standing is FlagStanding.OPEN and day >= late else None

    def state(self) -> State:
        data = FlagState(
            flag_id=self.id,
            household_id=self.household_id,
            rule=public_kind(self.rule),
            period=public_period(self.rule, self.period),
            state=self.standing.value,
            round=self.round,
            opened_on=self.opened_on,
            closed_on=self.closed_on,
        )
        return State(data=data, kind=FlagState.kind, id=self.id, version=self.version, division=self.division)

    def _outweighs_dismissal(self, finding: ScreeningFinding) -> bool:
        """Only known weight above what was dismissed; what was dismissed without a known weight is below any."""
        if self.standing is not FlagStanding.DISMISSED or finding.crossed is not Answer.YES:
            return False
        if finding.amount is None:
            return False
        return self.dismissed_amount is None or finding.amount > self.dismissed_amount

    def _flagged(self, finding: ScreeningFinding, on: date) -> HouseholdFlagged:
        return HouseholdFlagged(
            household_id=self.household_id,
            division=self.division,
            flag_id=self.id,
            rule=public_kind(self.rule),
            period=public_period(self.rule, self.period),
            round=self.round,
            flagged_on=on,
            findings=(public_finding(finding.finding, self.rule),),
        )

    def _record(self, *told: MonitoringEvent) -> None:
        self.version += 1
        self.events += [
            Raised(
                data=data,
                key=household_key(self.household_id),
                subject=self.id,
                division=self.division,
                state_version=self.version,
            )
            for data in told
        ]
