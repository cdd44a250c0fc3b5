"""The household dossier (一户一档): each service's part live and in parallel, each within its own budget."""

import asyncio
import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from chassis.access import requires
from chassis.identity import Caller
from contracts import access
from contracts.errors import Missing
from gateway.parts import NOT_BUILT, unavailable
from gateway.services import Services, ServiceSilent, ServiceUnavailable

router = APIRouter(tags=["dossier"])
MayReadDossiers = Annotated[Caller, requires(access.HOUSEHOLD_READ)]
_MONITORING = {
    "household": "/v1/households/{id}",
    "flags": "/v1/flags?household_id={id}&standing=open",
    "signals": "/v1/signals?household_id={id}",
}
_MISSING = "missing"
_BECAUSE = {401: "not-permitted", 403: "not-permitted", 404: "not-built"}


@router.get("/households/{household_id}/dossier", summary="Everything about one household, from all services")
async def get_dossier(household_id: UUID, request: Request, caller: MayReadDossiers) -> Response:
    """一户一档 / masked; a part that did not answer is marked unavailable, never shown as zero."""
    found = await asyncio.gather(
        *(_part(request, "monitoring", path.format(id=household_id)) for path in _MONITORING.values())
    )
    parts = dict(zip(_MONITORING, found, strict=True))
    if parts["household"].get(_MISSING):
        raise Missing()
    for part in parts.values():
        part.pop(_MISSING, None)
    parts |= {name: unavailable("not-built", request) for name in NOT_BUILT}
    return JSONResponse({"household_id": str(household_id), "parts": parts})


async def _part(request: Request, service: str, target: str) -> dict[str, Any]:
    """One part: its content, or why it is not there."""
    services: Services = request.app.state.services
    if service not in services.addresses:
        return unavailable("no-address", request)
    budget_s: float = request.app.state.runtime.settings.budget_of(service)
    forwarded = [(name, value) for name, value in request.headers.raw if name in (b"authorization", b"accept-language")]
    try:
        async with asyncio.timeout(budget_s):
            answer = await services.send(service, "GET", target, headers=forwarded, silence_s=budget_s)
            try:
                body = await answer.aread()
            finally:
                await answer.aclose()
    except (TimeoutError, ServiceSilent):
        return unavailable("over-budget", request)
    except ServiceUnavailable:
        return unavailable("no-answer", request)
    if answer.status_code == 200:
        return {"available": True, "content": json.loads(body), "more": "link" in answer.headers}
    part = unavailable(_BECAUSE.get(answer.status_code, "refused"), request)
    return {**part, _MISSING: True} if answer.status_code == 404 else part
