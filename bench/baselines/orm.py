"""The SQLModel tutorial's way: table models, relationships, a session per request, a response model."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Request
from sqlalchemy import Column
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bench.baselines.serving import database, serve


class MemberFields(SQLModel):
    name: str
    relation: str
    resident_id: str
    ethnicity: str | None = None
    health: str | None = None
    labour: str | None = None
    phone: str | None = None


class Member(MemberFields, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    household_id: UUID | None = Field(default=None, foreign_key="household.id")
    place: int
    household: "Household" = Relationship(back_populates="members")


class HouseholdFields(SQLModel):
    division: str
    household_type: str


class Household(HouseholdFields, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    registered_on: date = Field(default_factory=date.today)
    risks: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    members: list[Member] = Relationship(back_populates="household")


class Outbox(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    key: str
    payload: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))


class HouseholdCreate(HouseholdFields):
    risks: list[dict[str, Any]]
    members: list[MemberFields]


class MemberPublic(MemberFields):
    id: UUID


class HouseholdPublic(HouseholdFields):
    id: UUID
    risks: list[dict[str, Any]]
    members: list[MemberPublic]


app = FastAPI()
app.state.engine = create_async_engine(
    database().replace("postgresql:", "postgresql+asyncpg:"), pool_size=8, max_overflow=0
)


async def session(request: Request) -> AsyncIterator[AsyncSession]:
    async with AsyncSession(request.app.state.engine) as opened:
        yield opened


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}


@app.post("/households", status_code=201, response_model=HouseholdPublic)
async def post_household(form: HouseholdCreate, session: Annotated[AsyncSession, Depends(session)]) -> Household:
    household = Household(division=form.division, household_type=form.household_type, risks=form.risks)
    household.members = [Member(**member.model_dump(), place=place) for place, member in enumerate(form.members)]
    session.add(household)
    household_id = household.id
    session.add(Outbox(topic="household", key=str(household_id), payload={"id": str(household_id)}))
    await session.commit()
    stored = await session.exec(
        select(Household).where(Household.id == household_id).options(selectinload(Household.members))  # type: ignore[arg-type]
    )
    return stored.one()


if __name__ == "__main__":
    serve(app)
