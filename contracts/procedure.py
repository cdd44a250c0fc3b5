"""The procedure kernel: steps in their order, who took them, returns, limits that stand still, and votes.

A procedure is declared as data (contracts/procedures). A course is one running of it: a value that each command
replaces, so that what was refused has changed nothing. It serves identification and elimination and holds nothing
that these two do not use; which permission a step needs is the route's matter, who must differ from whom is decided
here, over the whole case with its returned rounds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from importlib.resources import files

import yaml

from contracts.decision import Answer, Because, Finding
from contracts.errors import Conflict, Invalid

_PROCEDURES = files("contracts") / "procedures"


class OutOfOrder(Conflict):
    code = "step-out-of-order"
    title = Because(zh="未到此环节", en="Another step comes first")


class DutiesNotSeparated(Conflict):
    code = "duties-not-separated"
    title = Because(zh="同一人不得办理相互监督的环节", en="One person may not take steps that check each other")


class CourseIsOver(Conflict):
    code = "case-is-closed"
    title = Because(zh="该案已办结", en="The case is closed")


class NoSuchStep(Invalid):
    code = "no-such-step"
    title = Because(zh="没有可退回的该环节", en="There is no such earlier step to return to")


class InvalidVote(Invalid):
    code = "invalid-vote"
    title = Because(zh="表决人数不符", en="The numbers of the vote do not add up")


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it is declared: its key, its term in both languages, and the clause that asks for it."""

    key: str
    term: Because
    clause: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """A declared procedure. `apart` holds groups of steps of which no person takes two."""

    name: str
    term: Because
    clause: str
    limit_clause: str
    steps: Mapping[str, Step]
    orders: Mapping[str, tuple[str, ...]]
    apart: tuple[frozenset[str], ...]


@cache
def procedure(name: str) -> Procedure:
    """A procedure as it is declared; raises ValueError for a declaration that contradicts itself."""
    raw = yaml.safe_load((_PROCEDURES / f"{name}.yaml").read_text(encoding="utf-8"))
    steps = {key: Step(key, Because(zh=one["zh"], en=one["en"]), one["clause"]) for key, one in raw["steps"].items()}
    orders = {key: tuple(order) for key, order in raw["orders"].items()}
    apart = tuple(map(frozenset, raw["apart"]))
    for order in orders.values():
        if set(order) != set(steps) or len(order) != len(steps):
            raise ValueError(f"an order of {name} does not name each step once")
    if any(group.difference(steps) for group in apart):
        raise ValueError(f"{name} keeps apart what are no steps of it")
    term = Because(zh=raw["zh"], en=raw["en"])
    return Procedure(name, term, raw["clause"], raw["limit_clause"], steps, orders, apart)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that was done in a course: a step taken, a return, an end. `by` are all who did it, by `sub`."""

    step: str
    outcome: str
    round: int
    by: tuple[str, ...]
    on: date
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the limit stands still, from the first one to the day before `until_on`."""

    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One running of a procedure in the order that it began with. `at` is the place of the step that waits."""

    name: str
    order: tuple[str, ...]
    opened_on: date
    at: int = 0
    round: int = 1
    entries: tuple[Entry, ...] = ()
    pauses: tuple[Pause, ...] = ()
    closed_on: date | None = None

    @classmethod
    def begin(cls, name: str, order: str, on: date) -> "Course":
        """A course in one of the declared orders; raises KeyError for another."""
        return cls(name=name, order=procedure(name).orders[order], opened_on=on)

    @property
    def step(self) -> str | None:
        """The step that waits; None when all are taken or the course is over."""
        return self.order[self.at] if self.closed_on is None and self.at < len(self.order) else None

    def awaits(self, step: str) -> None:
        """Raises CourseIsOver, or OutOfOrder naming the step that comes first."""
        if self.closed_on is not None:
            raise CourseIsOver
        if step != self.step:
            waiting = procedure(self.name).steps[self.order[self.at]]
            raise OutOfOrder(
                Because(zh=f"应先办理：{waiting.term.zh}", en=f"The step that comes first: {waiting.term.en}"),
                findings=[_finding(procedure(self.name).steps[step].clause, "step-out-of-order", waiting.term)],
            )

    def may_take(self, step: str, by: Iterable[str]) -> None:
        """No person takes two steps that exclude each other, returned rounds included. Raises DutiesNotSeparated."""
        people = set(by)
        for group in procedure(self.name).apart:
            if step not in group:
                continue
            for entry in self.entries:
                if entry.step in group and entry.step != step and people & set(entry.by):
                    term = procedure(self.name).steps[entry.step].term
                    clause = procedure(self.name).steps[step].clause
                    raise DutiesNotSeparated(findings=[_finding(clause, DutiesNotSeparated.code, term)])

    def record(
        self, step: str, *, by: Iterable[str], on: date, outcome: str, findings: tuple[Finding, ...] = ()
    ) -> "Course":
        """The course with something done in it; where it stands does not change."""
        entry = Entry(step=step, outcome=outcome, round=self.round, by=tuple(by), on=on, findings=findings)
        return replace(self, entries=(*self.entries, entry))

    def take(
        self, step: str, *, by: Iterable[str], on: date, outcome: str = "done", findings: tuple[Finding, ...] = ()
    ) -> "Course":
        """The course with its waiting step taken. Raises CourseIsOver, OutOfOrder or DutiesNotSeparated."""
        people = tuple(by)
        self.awaits(step)
        self.may_take(step, people)
        return replace(self.record(step, by=people, on=on, outcome=outcome, findings=findings), at=self.at + 1)

    def back_to(self, step: str, *, by: str, on: date, reason: str) -> "Course":
        """The course returned to an earlier step, in a new round. Raises CourseIsOver or NoSuchStep."""
        if self.closed_on is not None:
            raise CourseIsOver
        if step not in self.order[: self.at]:
            raise NoSuchStep
        returned = self.record(step, by=[by], on=on, outcome=f"returned:{reason}")
        return replace(returned, at=self.order.index(step), round=self.round + 1)

    def close(self, *, on: date) -> "Course":
        """The course is over, whether all its steps were taken or not. Raises CourseIsOver."""
        if self.closed_on is not None:
            raise CourseIsOver
        return replace(self.resumed(on), closed_on=on)

    def paused(self, on: date) -> "Course":
        """From this day on the limit stands still; nothing happens when it does already."""
        if self.pauses and self.pauses[-1].until_on is None:
            return self
        return replace(self, pauses=(*self.pauses, Pause(on)))

    def resumed(self, on: date) -> "Course":
        """From this day on the limit runs again."""
        if not self.pauses or self.pauses[-1].until_on is not None:
            return self
        return replace(self, pauses=(*self.pauses[:-1], replace(self.pauses[-1], until_on=on)))

    @property
    def stands_still(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].until_on is None

    def due_on(self, days: int, day: date) -> date:
        """The last day of a limit of so many days, counted from the day after opening, as known on `day`.

        Days on which it stood still are added; while it stands still it moves on with the day.
        """
        still = sum(((pause.until_on or max(day, pause.from_on)) - pause.from_on).days for pause in self.pauses)
        return self.opened_on + timedelta(days=days + still)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """A vote of those entitled: how many could come, came, and said what."""

    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int

    def check(self) -> None:
        """Raises InvalidVote when more came than could, or the voices are not those present."""
        counts = (self.entitled, self.present, self.in_favour, self.against, self.abstained)
        if min(counts) < 0 or self.present > self.entitled or sum(counts[2:]) != self.present:
            raise InvalidVote

    def is_quorate(self, quorum: Fraction) -> bool:
        """At least this share of the entitled is present."""
        return self.entitled > 0 and self.present >= quorum * self.entitled

    def is_carried(self, share: Fraction) -> bool:
        """More than this share of those present is in favour."""
        return self.in_favour > share * self.present


def _finding(clause: str, code: str, about: Because) -> Finding:
    return Finding(clause=clause, code=code, answer=Answer.NO, because=about)
