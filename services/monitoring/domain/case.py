"""A case: one household on its way into monitoring, or out of it (M-1.1.8 to M-1.1.16, M-1.1.21).

It runs one of the declared procedures. Every step is checked before anything changes, and a refusal names clause and
reason. Publicity and its objections stand in case_publicity.py, deadlines in case_deadlines.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.events import monitoring_cases as events
from contracts.events.envelope import Raised, State
from contracts.events.monitoring_cases import CaseEvent, CaseStepEvent
from contracts.events.monitoring_state import CaseState
from contracts.parameters import ParameterValue
from contracts.procedure import Course, CourseIsOver, Entry, Vote
from services.monitoring.domain import errors
from services.monitoring.domain.case_parts import (
    Authorization,
    CaseStanding,
    Conclusion,
    EliminationRequest,
    GreenChannel,
    Hit,
    Limits,
    Origin,
    Publicity,
    Review,
)
from services.monitoring.domain.codes import reason_code
from services.monitoring.domain.ids import CaseId, FlagId, HouseholdId, MemberId, household_key
from services.monitoring.domain.public import public_kind, told_finding

IDENTIFICATION, ELIMINATION = "identification", "elimination"
LAST_STEP = "registration"
_DECIDING = ("review", "town-check", "county-decision")


@dataclass(slots=True, kw_only=True)
class Case:
    id: CaseId
    household_id: HouseholdId
    division: str
    course: Course
    origin: Origin
    limits: Limits
    flags: tuple[FlagId, ...] = ()
    standing: CaseStanding = CaseStanding.OPEN
    elimination: EliminationRequest | None = None
    authorization: Authorization | None = None
    surveys: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    publicities: tuple[Publicity, ...] = ()
    hits: tuple[Hit, ...] = ()
    green_channel: GreenChannel | None = None
    conclusion: Conclusion | None = None
    told: tuple[str, ...] = ()
    """Deadlines of which an event has told already."""
    version: int = 0
    events: list[Raised] = field(default_factory=list, compare=False, repr=False)

    @classmethod
    def open(
        cls,
        *,
        case_id: CaseId,
        household_id: HouseholdId,
        division: str,
        procedure_name: str,
        order: str,
        origin: Origin,
        limits: Limits,
        by: str,
        on: date,
        flags: Iterable[FlagId] = (),
        elimination: EliminationRequest | None = None,
    ) -> "Case":
        """A case in the order of its deployment; it keeps this order to its end."""
        course = Course.begin(procedure_name, order, on).record("opening", by=[by], on=on, outcome=origin.kind)
        case = cls(
            id=case_id,
            household_id=household_id,
            division=division,
            course=course,
            origin=origin,
            limits=limits,
            flags=tuple(flags),
            elimination=elimination,
        )
        case.record(
            events.CaseOpened(
                **case.named(),
                opened_on=on,
                due_on=course.due_on(limits.days, on),
                order=course.order,
                origin=origin.kind,
                flag_ids=case.flags,
            )
        )
        return case

    @property
    def procedure(self) -> str:
        return self.course.name

    @property
    def publicity(self) -> Publicity | None:
        """The newest round of publicity."""
        return self.publicities[-1] if self.publicities else None

    def due_on(self, day: date) -> date:
        return self.course.due_on(self.limits.days, day)

    def decided(self) -> Entry:
        """The step that decided the case: the county's, or the one at which it was rejected. Raises NotDecided."""
        if self.conclusion is None and self.standing is not CaseStanding.REJECTED:
            raise errors.NotDecided
        return next(entry for entry in reversed(self.course.entries) if entry.step in _DECIDING)

    # The steps

    def authorize(self, authorization: Authorization, *, adults: Iterable[MemberId], by: str, on: date) -> None:
        """All adults sign (M-1.1.9). Raises AdultsMissing, InvalidAuthorization, CourseIsOver."""
        self.refuse_if_closed()
        if not (authorization.signed_on <= on <= authorization.expires_on) or not authorization.scope:
            raise errors.InvalidAuthorization
        self._all_signed(authorization, adults)
        self.authorization = authorization
        self.course = self.course.record("authorization", by=[by], on=on, outcome="done")
        self.record(events.CaseAuthorized(**self.named(), on=on, round=self.course.round, outcome="done"))

    def surveyed(self, survey_id: str, *, by: Sequence[str], on: date, findings: tuple[Finding, ...]) -> None:
        """The household was visited by those named (M-1.1.8). Raises OutOfOrder, DutiesNotSeparated."""
        self.course = self.course.take("survey", by=by, on=on, findings=findings)
        self.surveys = (*self.surveys, survey_id)
        self.tell(events.CaseSurveyed, on=on, findings=findings)

    def reviewed(
        self,
        vote: Vote,
        *,
        held_on: date,
        minutes: tuple[str, ...],
        quorum: ParameterValue,
        majority: ParameterValue,
        by: str,
        on: date,
    ) -> None:
        """The village voted (M-1.1.10), and its result binds: what is not carried ends here. Raises NotQuorate."""
        self.course.awaits("review")
        vote.check()
        if held_on > on or held_on < self.course.opened_on:
            raise errors.InvalidVoteDay
        used = (ParameterUsed.of(quorum), ParameterUsed.of(majority))
        if not vote.is_quorate(quorum.fraction):
            text = Because(zh=f"应到 {vote.entitled} 人，实到 {vote.present} 人，未达法定人数",
                           en=f"{vote.present} of {vote.entitled} came: there is no quorum")  # fmt: skip
            raise errors.NotQuorate(findings=[_found("M-1.1.10", "quorum", Answer.NO, text, used[:1])])
        carried = vote.is_carried(majority.fraction)
        text = Because(zh=f"实到 {vote.present} 人，赞成 {vote.in_favour} 人",
                       en=f"{vote.in_favour} of {vote.present} present were in favour")  # fmt: skip
        findings = (_found("M-1.1.10", "vote-carried", Answer.of(carried), text, used),)
        outcome = "carried" if carried else "not-carried"
        self.course = self.course.take("review", by=[by], on=on, outcome=outcome, findings=findings)
        self.reviews = (
            *self.reviews,
            Review(round=self.course.round, held_on=held_on, vote=vote, carried=carried, minutes=minutes),
        )
        self.tell(events.CaseReviewed, on=on, outcome=outcome, findings=findings)
        if not carried:
            self._reject(on=on, outcome="not-carried", findings=findings)

    def compared(self, hits: Sequence[Hit], *, adults: Iterable[MemberId], by: str, on: date) -> None:
        """Departments' data were looked up (M-1.1.12), with the authorisation of all adults of that day (M-1.1.9).

        Without a hit the step is taken; otherwise when the last one is adjudicated. Raises NotAuthorized.
        """
        self.course.awaits("comparison")
        if self.authorization is None or not self.authorization.holds(on):
            raise errors.NotAuthorized(findings=[_found("M-1.1.9", "authorized", Answer.NO, _NOT_AUTHORIZED)])
        self._all_signed(self.authorization, adults)
        if self.hits and any(hit.outcome is None for hit in self.hits):
            raise errors.HitsOpen
        self.hits = tuple(hits)
        if hits:
            self.course = self.course.record("comparison-results", by=[by], on=on, outcome=f"{len(hits)}-hits")
            self.record()
        else:
            self._comparison_done(by=by, on=on)

    def adjudicate(self, hit_id: str, *, outcome: str, reason: str, by: str, on: date) -> None:
        """A hit is explained, or stands against the household. Raises NoSuchHit, HitIsAdjudicated, InvalidReason."""
        self.course.awaits("comparison")
        reason = reason_code("hit-adjudication-reasons", reason, on)
        hit = next((one for one in self.hits if one.id == hit_id), None)
        if hit is None:
            raise errors.NoSuchHit
        if hit.outcome is not None:
            raise errors.HitIsAdjudicated
        judged = replace(hit, outcome=outcome, reason=reason)
        self.hits = tuple(judged if one is hit else one for one in self.hits)
        self.course = self.course.record("adjudication", by=[by], on=on, outcome=f"{outcome}:{reason}")
        if all(one.outcome is not None for one in self.hits):
            self._comparison_done(by=by, on=on)
        else:
            self.record()

    def town_checked(self, *, passed: bool, by: str, on: date) -> None:
        """The town looks at the whole file (M-1.1.13). It cannot pass a household against which a hit stands."""
        self.course.awaits("town-check")
        findings = (self._hits_finding(),)
        if passed and findings[0].answer is not Answer.YES:
            raise errors.HitStands(findings=findings)
        outcome = "passed" if passed else "rejected"
        self.course = self.course.take("town-check", by=[by], on=on, outcome=outcome, findings=findings)
        self.tell(events.CaseTownChecked, on=on, outcome=outcome, findings=findings)
        if not passed:
            self._reject(on=on, outcome="town-check", findings=findings)

    def county_decided(
        self, conclusion: Conclusion | None, *, findings: tuple[Finding, ...], by: str, on: date
    ) -> None:
        """The county decides (M-1.1.13): with a conclusion the case goes on, without one it ends rejected."""
        self.course.awaits("county-decision")
        outcome = "approved" if conclusion else "rejected"
        self.course = self.course.take("county-decision", by=[by], on=on, outcome=outcome, findings=findings)
        self.conclusion = conclusion
        self.tell(events.CaseCountyDecided, on=on, outcome=outcome, findings=findings)
        if conclusion is None:
            self._reject(on=on, outcome="county-decision", findings=findings)

    def announced(self, *, by: str, on: date) -> None:
        self.course = self.course.take("announcement", by=[by], on=on)
        self.tell(events.CaseAnnounced, on=on)

    def registered(self, *, by: str, on: date, told: Iterable[CaseEvent]) -> None:
        """The last step: what was decided stands in the registry, told by these events; the case is complete."""
        self.course = self.course.take(LAST_STEP, by=[by], on=on).close(on=on)
        self.standing = CaseStanding.COMPLETED
        self.record(*told)

    # Beside the steps

    def back_to(self, step: str, *, by: str, on: date, reason: str) -> None:
        """An officer sends the case back to an earlier step. Raises NoSuchStep, InvalidReason, PublicityRuns."""
        reason = reason_code("case-return-reasons", reason, on)
        if self.publicity is not None and self.publicity.running:
            raise errors.PublicityRuns
        self.returned(step, by=by, on=on, reason=reason)

    def returned(self, step: str, *, by: str, on: date, reason: str) -> None:
        self.course = self.course.back_to(step, by=by, on=on, reason=reason)
        self.conclusion = None
        order = self.course.order
        if order.index(step) <= order.index("comparison"):
            self.hits = ()
        self.record(events.CaseReturned(**self.named(), on=on, round=self.course.round, outcome=reason, to_step=step))

    def withdraw(self, *, by: str, on: date, reason: str) -> None:
        """The household, or who opened the case, gives it up. Raises CourseIsOver, InvalidReason."""
        reason = reason_code("case-withdrawal-reasons", reason, on)
        self.course = self.course.record("withdrawal", by=[by], on=on, outcome=reason)
        self._close(CaseStanding.WITHDRAWN, on)
        self.tell(events.CaseWithdrawn, on=on, outcome=reason)

    def end_with_household(self, *, by: str, on: date) -> None:
        """The household is no more: what was open ends with it."""
        self.course = self.course.record("ending", by=[by], on=on, outcome="household-ended")
        self._close(CaseStanding.ENDED, on)
        self.tell(events.CaseWithdrawn, on=on, outcome="household-ended")

    def pass_to(self, household_id: HouseholdId, division: str, *, by: str, on: date) -> None:
        """The household went on in another one, and its case with it."""
        passed = events.CasePassed(**self.named(), to_household_id=household_id, on=on)
        self.course = self.course.record("passing", by=[by], on=on, outcome="passed")
        self.record(passed)
        self.household_id, self.division = household_id, division

    def open_green_channel(self, channel: GreenChannel, *, by: str, on: date) -> None:
        """Measures may come before the steps (M-1.1.15). Raises GreenChannelIsOpen, InvalidReason, CourseIsOver."""
        self.refuse_if_closed()
        if self.procedure != IDENTIFICATION or self.green_channel is not None:
            raise errors.GreenChannelIsOpen
        reason_code("green-channel-reasons", channel.reason, on)
        self.green_channel = channel
        self.course = self.course.record("green-channel", by=[by], on=on, outcome=channel.reason)
        self.record(
            events.GreenChannelOpened(
                **self.named(), opened_on=on, due_on=channel.due_on, reason=public_kind(channel.reason)
            )
        )

    # What the commands of a case share

    def named(self) -> dict[str, str]:
        """What every event of a case says."""
        return {
            "household_id": self.household_id,
            "division": self.division,
            "case_id": self.id,
            "procedure": self.procedure,
        }

    def tell(
        self, event: type[CaseStepEvent], *, on: date, outcome: str = "done", findings: Sequence[Finding] = ()
    ) -> None:
        why = tuple(map(told_finding, findings))
        self.record(event(**self.named(), on=on, round=self.course.round, outcome=outcome, findings=why))

    def record(self, *told: CaseEvent) -> None:
        """One change is done: the version rises, and the events that tell it wait for the outbox."""
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

    def refuse_if_closed(self) -> None:
        if self.standing is not CaseStanding.OPEN:
            raise CourseIsOver

    def state(self) -> State:
        data = CaseState(
            case_id=self.id,
            household_id=self.household_id,
            procedure=self.procedure,
            state=self.standing.value,
            step=self.course.step,
            round=self.course.round,
            green_channel=self.green_channel is not None,
            opened_on=self.course.opened_on,
            closed_on=self.course.closed_on,
            due_on=self.course.due_on(self.limits.days, self.course.opened_on),
        )
        return State(data=data, kind=CaseState.kind, id=self.id, version=self.version, division=self.division)

    def _all_signed(self, authorization: Authorization, adults: Iterable[MemberId]) -> None:
        unsigned = set(adults) - set(authorization.adults)
        if unsigned:
            text = Because(
                zh=f"尚有 {len(unsigned)} 名成年成员未授权", en=f"{len(unsigned)} adult members have not signed"
            )
            raise errors.AdultsMissing(findings=[_found("M-1.1.9", "all-adults-signed", Answer.NO, text)])

    def _comparison_done(self, *, by: str, on: date) -> None:
        findings = (self._hits_finding(),)
        self.course = self.course.take("comparison", by=[by], on=on, findings=findings)
        self.tell(events.CaseCompared, on=on, findings=findings)

    def _hits_finding(self) -> Finding:
        standing = sum(hit.outcome == "disqualifying" for hit in self.hits)
        text = Because(zh=f"比对结果 {len(self.hits)} 条，其中 {standing} 条不能合理解释",
                       en=f"{standing} of {len(self.hits)} hits could not be explained")  # fmt: skip
        return _found("M-1.1.12", "hits-explained", Answer.of(standing == 0), text)

    def _reject(self, *, on: date, outcome: str, findings: tuple[Finding, ...]) -> None:
        self._close(CaseStanding.REJECTED, on)
        self.tell(events.CaseRejected, on=on, outcome=outcome, findings=findings)

    def _close(self, standing: CaseStanding, on: date) -> None:
        self.course = self.course.close(on=on)
        self.standing = standing
        self.publicities = tuple(replace(one, closed_on=on) if one.running else one for one in self.publicities)


_NOT_AUTHORIZED = Because(
    zh="没有有效的家庭经济状况核查授权", en="There is no valid authorisation to check the economy"
)


def _found(
    clause: str, code: str, answer: Answer, because: Because, parameters: tuple[ParameterUsed, ...] = ()
) -> Finding:
    return Finding(clause=clause, code=code, answer=answer, because=because, parameters=parameters)
