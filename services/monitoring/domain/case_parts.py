"""What a case holds beside its course: where it came from, authorisation, review, publicity, hits, green channel."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.decision import ParameterUsed
from contracts.month import Month
from contracts.procedure import Vote
from services.monitoring.domain.circumstances import MonitoringEnd, Risk
from services.monitoring.domain.codes import MonitoredClass
from services.monitoring.domain.ids import MemberId


class CaseStanding(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    """The household ended, or went on in one that has a case of its own."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a case was opened from: `flag`, `signal`, `incident`, or `request` for an elimination."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limit of the whole procedure as it held when the case was opened, and how long before it is near."""

    total: ParameterUsed
    near: ParameterUsed

    @property
    def days(self) -> int:
        return int(self.total.value)

    @property
    def near_days(self) -> int:
        return int(self.near.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """The signed word of the household's adults that its economy may be checked (M-1.1.9); `expires_on` is its
    last day."""

    signed_on: date
    expires_on: date
    scope: tuple[str, ...]
    adults: tuple[MemberId, ...]
    attachments: tuple[str, ...]

    def holds(self, day: date) -> bool:
        return self.signed_on <= day <= self.expires_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A vote of the village on a day (M-1.1.10)."""

    round: int
    held_on: date
    vote: Vote
    carried: bool
    minutes: tuple[str, ...]


class ObjectionStanding(StrEnum):
    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """That somebody objected, and what became of it. Who and what are kept apart, for those who examine it."""

    id: str
    filed_on: date
    standing: ObjectionStanding = ObjectionStanding.OPEN
    examined_on: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publicity:
    """One round of publicity in the village (M-1.1.11). `last_on` is its last day, counted from the day after."""

    id: str
    round: int
    place: str
    from_on: date
    last_on: date
    provisional: bool
    """Counted in working days beyond the announced calendar."""
    closed_on: date | None = None
    objections: tuple[Objection, ...] = ()

    @property
    def running(self) -> bool:
        return self.closed_on is None

    @property
    def has_open_objection(self) -> bool:
        return any(one.standing is ObjectionStanding.OPEN for one in self.objections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Something that a department's data say of the household's economy (M-1.1.12), and how it was adjudicated."""

    id: str
    source: str
    kind: str
    member_id: MemberId | None = None
    outcome: str | None = None
    """`explained` or `disqualifying`; None until it is adjudicated."""
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GreenChannel:
    """Measures come first; what was skipped is done by `due_on` (M-1.1.15)."""

    reason: str
    opened_on: date
    due_on: date
    attachments: tuple[str, ...]
    limit: ParameterUsed


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What the county decided for registration (M-1.1.14): class, ordered risks, and the month that counts."""

    month: Month
    monitored_class: MonitoredClass | None = None
    risks: tuple[Risk, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EliminationRequest:
    """How the risk is said to have gone (M-1.1.23); a natural elimination has a reason by code, and evidence."""

    mode: MonitoringEnd
    reason: str | None = None
    attachments: tuple[str, ...] = ()
