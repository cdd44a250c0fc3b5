"""The household dossier (一户一档): each service's part live and in parallel, each within its own budget."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chassis.access import requires
from chassis.identity import Caller
from contracts import access
from contracts.errors import Missing
from gateway.services import Services

router = APIRouter(tags=["dossier"])
MayReadDossiers = Annotated[Caller, requires(access.HOUSEHOLD_READ)]
NOT_BUILT = ("assets", "employment", "relief")


@router.get("/households/{household_id}/dossier", summary="Everything about one household, from all services")
async def get_dossier(household_id: UUID, request: Request, caller: MayReadDossiers) -> Response:
    """一户一档 / masked; a part that did not answer is marked unavailable, never shown as zero."""
    household, flags = await asyncio.gather(
        _part(request, f"/v1/households/{household_id}"), _part(request, f"/v1/flags?household_id={household_id}")
    )
    if household.get("status") == 404:
        raise Missing()
    parts: dict[str, Any] = {"household": household, "flags": flags}
    parts |= {name: {"available": False, "because": "not-built"} for name in NOT_BUILT}
    return JSONResponse({"household_id": str(household_id), "parts": parts})


async def _part(request: Request, path: str) -> dict[str, Any]:
    services: Services = request.app.state.services
    client = services.client("monitoring")
    if client is None:
        return {"available": False, "because": "no-address"}
    budget_s = request.app.state.runtime.settings.budget_of("monitoring")
    try:
        async with asyncio.timeout(budget_s):
            answer = await client.get(path, headers={"Authorization": request.headers["authorization"]})
    except (TimeoutError, httpx.HTTPError):
        return {"available": False, "because": "no-answer"}
    if answer.status_code != 200:
        return {"available": False, "because": "refused", "status": answer.status_code}
    return {"available": True, "content": answer.json()}
