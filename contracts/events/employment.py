"""The public events of employment: who was placed where and how it ended, in codes and ids only."""

from datetime import date
from typing import ClassVar, Self

from contracts.events.envelope import EventData

_HOUSEHOLD, _MEMBER = "5f0d2c1e7b2a4a62b0a4c1d9e3f80701", "a3c4e5f60718492ab3c4d5e6f7081901"
_POST, _PLACEMENT = "c7d8e9fa0b1c4d2e8f3a4b5c6d7e8f01", "c7d8e9fa0b1c4d2e8f3a4b5c6d7e8f02"
_VILLAGE, _DAY = "150623100200", date(2024, 4, 1)


class EmploymentEvent(EventData):
    service: ClassVar[str] = "employment"


class PostOpened(EmploymentEvent):
    """A village needs somebody: so many places of a kind."""

    name = "public-welfare-post-opened"
    post_id: str
    division: str
    kind: str
    places: int
    opened_on: date

    @classmethod
    def example(cls) -> Self:
        return cls(post_id=_POST, division=_VILLAGE, kind="village-cleaning", places=2, opened_on=_DAY)


class PlacementEvent(EmploymentEvent):
    """Something that concerns one person's placement; keyed by the household."""

    household_id: str
    division: str
    member_id: str
    placement_id: str
    post_id: str
    kind: str


class PublicWelfarePostAssigned(PlacementEvent):
    """A member of the household holds a public-welfare post from `from_on` to the day before `until_on` (M-2.2.7)."""

    name = "public-welfare-post-assigned"
    from_on: date
    until_on: date
    place_in_order: int
    """Of the applications that waited, by the order of priority."""

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD, division=_VILLAGE, member_id=_MEMBER, placement_id=_PLACEMENT, post_id=_POST,
            kind="village-cleaning", from_on=_DAY, until_on=date(2025, 4, 1), place_in_order=1,
        )  # fmt: skip


class PublicWelfarePostEnded(PlacementEvent):
    """The last day in the post was the one before `ended_on`."""

    name = "public-welfare-post-ended"
    ended_on: date
    reason: str

    @classmethod
    def example(cls) -> Self:
        return cls(
            household_id=_HOUSEHOLD, division=_VILLAGE, member_id=_MEMBER, placement_id=_PLACEMENT, post_id=_POST,
            kind="village-cleaning", ended_on=date(2025, 4, 1), reason="term-over",
        )  # fmt: skip


EVENTS = (PostOpened, PublicWelfarePostAssigned, PublicWelfarePostEnded)
