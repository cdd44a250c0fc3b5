"""With DEMO only: tokens for the sample officers, for the asking. Without DEMO these routes do not exist."""

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field, model_validator

from chassis.schemas import Input
from contracts.access import Role
from contracts.division import DIVISION_CODE
from contracts.errors import Missing
from gateway import sample_officers
from gateway.sample_officers import DEMO_TOKEN_S, SampleOfficers

router = APIRouter(prefix="/demo", tags=["demo"])


class DemoTokenInput(Input):
    """Who wants to act: by `sub`, or any officer of a role at a division."""

    sub: str | None = Field(default=None, max_length=100, examples=["town-officer-150623100"])
    role: Role | None = None
    division: str | None = Field(default=None, pattern=DIVISION_CODE)

    @model_validator(mode="after")
    def _one_way_of_naming(self) -> Self:
        place = (self.role is not None, self.division is not None)
        if place != ((False, False) if self.sub is not None else (True, True)):
            raise ValueError("name either sub, or role and division")
        return self


@router.post("/tokens", summary="With DEMO: a token for a sample officer")
async def post_demo_token(body: DemoTokenInput, request: Request) -> Response:
    """演示令牌 / valid for twelve hours."""
    officers: SampleOfficers = request.app.state.officers
    if body.role is not None and body.division is not None:
        officer = officers.by_role(body.role, body.division)
    else:
        officer = officers.by_sub(body.sub or "")
    if officer is None:
        raise Missing()
    token = request.app.state.signer.token(sample_officers.claims_of(officer), lifetime_s=DEMO_TOKEN_S)
    return JSONResponse(
        {"access_token": token, "token_type": "Bearer", "expires_in": DEMO_TOKEN_S, "sub": officer.sub},
        headers={"Cache-Control": "no-store"},
    )


@router.get("/officers", summary="With DEMO: the sample officers")
async def list_demo_officers(
    request: Request,
    role: Annotated[Role | None, Query()] = None,
    division: Annotated[str, Query(pattern=r"^\d{0,12}$", description="Only officers at or below it.")] = "",
) -> Response:
    """演示人员 / every one is synthetic."""
    officers: SampleOfficers = request.app.state.officers
    found = [
        officer.model_dump(mode="json")
        for officer in officers.all()
        if (role is None or role in officer.roles) and officer.division.startswith(division)
    ]
    return JSONResponse({"synthetic": True, "items": found})
