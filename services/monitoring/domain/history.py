"""Attributes that change by the day: what held when. Nothing is overwritten except on the very day it began.

A span is half open: `from_on` is its first day, `until_on` the first day on which it no longer holds.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from services.monitoring.domain.errors import DayBeforeHistory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    value: T
    from_on: date
    until_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


@dataclass(frozen=True, slots=True)
class History(Generic[T]):
    """Spans in order of time, without gap; the last one is open."""

    spans: tuple[Dated[T], ...]

    @classmethod
    def starting(cls, value: T, on: date) -> "History[T]":
        return cls((Dated(value, on),))

    @property
    def present(self) -> T:
        """The newest value."""
        return self.spans[-1].value

    def on(self, day: date) -> T | None:
        """The value on a day; None before the history begins."""
        return next((span.value for span in self.spans if span.holds(day)), None)

    def preceded(self, value: T, on: date) -> "History[T]":
        """The history with what held before all of it; raises DayBeforeHistory unless the day lies before."""
        first = self.spans[0]
        if on >= first.from_on:
            raise DayBeforeHistory
        return History((Dated(value, on, first.from_on), *self.spans))

    def changed(self, value: T, on: date) -> "History[T]":
        """The history with another value from a day on; on the first day of the newest span it corrects that span.

        Raises DayBeforeHistory for an earlier day.
        """
        last = self.spans[-1]
        if value == last.value:
            return self
        if on < last.from_on:
            raise DayBeforeHistory
        if on == last.from_on:
            return History((*self.spans[:-1], replace(last, value=value)))
        return History((*self.spans[:-1], replace(last, until_on=on), Dated(value, on)))
