"""The ids of monitoring's things. They are made by the caller, opaque, and never used again for another thing."""

from typing import NewType

HouseholdId = NewType("HouseholdId", str)
MemberId = NewType("MemberId", str)
"""One membership of one household. A person who goes on in another household has a new one there."""
SignalId = NewType("SignalId", str)
FlagId = NewType("FlagId", str)
IncidentId = NewType("IncidentId", str)
LiaisonId = NewType("LiaisonId", str)
PostingId = NewType("PostingId", str)
VisitId = NewType("VisitId", str)
CaseId = NewType("CaseId", str)
MeasureId = NewType("MeasureId", str)


def household_key(household_id: HouseholdId) -> str:
    """The message key of everything that concerns a household."""
    return f"household/{household_id}"
