"""Dated dictionaries over HTTP: the code lists that the plan leaves open (等), and those of national standards."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response

from contracts.dictionary import dictionary, dictionary_names
from contracts.errors import Missing
from services.monitoring.api.access import MayReadPolicy
from services.monitoring.api.households import runtime_of

router = APIRouter(tags=["dictionaries"])


@router.get("/dictionaries", summary="All dictionaries")
async def list_dictionaries(caller: MayReadPolicy) -> Response:
    """字典目录 / names, titles and the national standard where there is one."""
    known = [dictionary(name) for name in dictionary_names()]
    items = [
        {
            "name": each.name,
            "zh": each.zh,
            "en": each.en,
            "standard": each.standard,
            "link": f"/v1/dictionaries/{each.name}",
        }
        for each in known
    ]
    return JSONResponse({"items": items})


@router.get("/dictionaries/{name}", summary="The codes of a dictionary on a day")
async def get_dictionary(
    name: Annotated[str, Path(pattern=r"^[a-z-]{2,60}$")],
    request: Request,
    caller: MayReadPolicy,
    day: Annotated[date | None, Query(description="Codes in force on a day; today if none is given.")] = None,
) -> Response:
    """字典 / what was recorded under a code stays when the code ends."""
    if name not in dictionary_names():
        raise Missing()
    on = day or runtime_of(request).clock.today()
    found = dictionary(name)
    body = found.model_dump(mode="json", exclude={"entries"})
    entries = [entry.model_dump(mode="json") for entry in found.in_force(on)]
    return JSONResponse({**body, "day": str(on), "entries": entries})
