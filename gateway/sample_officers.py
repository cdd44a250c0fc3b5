"""With DEMO: the sample town's officers, who get tokens for the asking. A file of the sample town names them."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from contracts.access import Role
from contracts.division import DIVISION_CODE
from gateway.watched_file import WatchedFile

DEMO_TOKEN_S = 12 * 3600
DEMO_CLIENT = "demo-workbench"


class SampleOfficer(BaseModel):
    """A natural person who acts in demonstrations."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: str = Field(min_length=1, max_length=100)
    name: str
    organisation: str
    roles: tuple[Role, ...]
    division: str = Field(pattern=DIVISION_CODE)


_OFFICERS = TypeAdapter(tuple[SampleOfficer, ...])


class SampleOfficers:
    """Everyone in the file, which may be written after the gateway has started."""

    def __init__(self, file: Path | None) -> None:
        self._file = WatchedFile[tuple[SampleOfficer, ...]](file, _OFFICERS.validate_json, ())

    def all(self) -> Sequence[SampleOfficer]:
        """In order of sub."""
        return sorted(self._file.content, key=lambda officer: officer.sub)

    def by_sub(self, sub: str) -> SampleOfficer | None:
        return next((officer for officer in self._file.content if officer.sub == sub), None)

    def by_role(self, role: Role, division: str) -> SampleOfficer | None:
        """The first officer of a role who stands at exactly this division."""
        fitting = (officer for officer in self.all() if role in officer.roles and officer.division == division)
        return next(fitting, None)


def claims_of(officer: SampleOfficer) -> dict[str, object]:
    """What a token says of an officer, as chassis.identity reads it."""
    return {
        "sub": officer.sub,
        "client_id": DEMO_CLIENT,
        "organisation": officer.organisation,
        "roles": [role.value for role in officer.roles],
        "division": officer.division,
    }
