"""A household's dossier: live parts from running services, and what is said of parts that are not there."""

import asyncio
from uuid import uuid4

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.access import Role
from tests.apps import StartApp
from tests.gateway.conftest import StartGateway
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import OTHER_TOWN_VILLAGE

ID = str(uuid4())


def monitoring(**answers: Response) -> Starlette:
    """A monitoring service that answers as given, and 200 with nothing where nothing is given."""

    def answered(name: str) -> Route:
        async def answer(request: Request) -> Response:
            return answers.get(name, JSONResponse({"items": []}))

        return Route(PATHS[name], answer)

    return Starlette(routes=[answered(name) for name in PATHS])


PATHS = {"signals": "/v1/signals", "household": f"/v1/households/{ID}", "flags": "/v1/flags"}


async def test_the_dossier_of_a_registered_household_is_masked(
    start_app: StartApp, start_gateway: StartGateway
) -> None:
    service = await start_app("monitoring")
    made = (await service.post("/v1/households", A_HOUSEHOLD)).json()
    gateway = await start_gateway({"monitoring": service.app})
    answer = await gateway.get(f"/v1/households/{made['id']}/dossier")
    assert answer.status_code == 200, answer.text
    parts = answer.json()["parts"]
    head = parts["household"]["content"]["members"][0]
    assert (head["name"], head["resident_id"], head["phone"]) == ("阿*****", "110105********002X", "138****1234")
    assert parts["flags"] == {"available": True, "content": {"items": []}, "more": False}
    for personal in ("阿拉坦其其格", "11010519491231002X", "13800001234"):
        assert personal not in answer.text
    await service.runtime.audit.flush()
    read = (await service.get("/v1/audit", as_=service.officer(Role.AUDITOR))).json()["items"]
    assert any(made["id"] in row["result_ids"] for row in read), "the service audits the reader, not the gateway"
    assert {row["person"] for row in read} == {"town-officer-150623100"}


async def test_a_household_of_another_town_does_not_exist(start_app: StartApp, start_gateway: StartGateway) -> None:
    service = await start_app("monitoring")
    elsewhere = service.officer(division="150623")
    body = {**A_HOUSEHOLD, "division": OTHER_TOWN_VILLAGE}
    made = (await service.post("/v1/households", body, as_=elsewhere)).json()
    gateway = await start_gateway({"monitoring": service.app})
    path = f"/v1/households/{made['id']}/dossier"
    assert (await gateway.get(path)).status_code == 404
    assert (await gateway.get(path, as_=elsewhere)).status_code == 200


async def test_parts_that_are_not_built_are_never_empty(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"monitoring": monitoring(signals=Response(status_code=404))})
    parts = (await gateway.get(f"/v1/households/{ID}/dossier", **{"Accept-Language": "en"})).json()["parts"]
    assert parts["household"]["available"] is True
    for name in ("signals", "assets", "employment", "relief"):
        assert parts[name] == {"available": False, "because": "not-built", "detail": "This part is not built yet"}


async def test_what_a_caller_may_not_see_is_said(start_gateway: StartGateway) -> None:
    refusals = {403: "not-permitted", 500: "refused"}
    for status, because in refusals.items():
        gateway = await start_gateway({"monitoring": monitoring(signals=Response(status_code=status))})
        parts = (await gateway.get(f"/v1/households/{ID}/dossier")).json()["parts"]
        assert (parts["signals"]["available"], parts["signals"]["because"]) == (False, because)
        assert parts["flags"]["available"] is True


async def test_a_first_page_says_that_there_is_more(start_gateway: StartGateway) -> None:
    page = JSONResponse({"items": [1]}, headers={"Link": '</v1/flags?cursor=x>; rel="next"'})
    gateway = await start_gateway({"monitoring": monitoring(flags=page)})
    parts = (await gateway.get(f"/v1/households/{ID}/dossier")).json()["parts"]
    assert (parts["flags"]["more"], parts["signals"]["more"]) == (True, False)


async def test_a_service_that_is_down_leaves_its_parts_unavailable(
    start_gateway: StartGateway, unused_port: int
) -> None:
    gateway = await start_gateway(addresses={"monitoring": f"http://127.0.0.1:{unused_port}"})
    answer = await gateway.get(f"/v1/households/{ID}/dossier")
    assert answer.status_code == 200
    assert {part["because"] for part in answer.json()["parts"].values()} == {"no-answer", "not-built"}


async def test_a_silent_part_costs_its_own_budget_and_no_more(start_gateway: StartGateway) -> None:
    async def silent(request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def at_once(request: Request) -> Response:
        return JSONResponse({"items": []})

    app = Starlette(
        routes=[
            Route(PATHS["signals"], silent),
            Route(PATHS["household"], at_once),
            Route(PATHS["flags"], at_once),
        ]
    )
    gateway = await start_gateway({"monitoring": app}, part_budgets_s={"monitoring": 0.1})
    parts = (await gateway.get(f"/v1/households/{ID}/dossier")).json()["parts"]
    assert parts["signals"]["because"] == "over-budget"
    assert parts["household"]["available"] is True


async def test_without_a_token_there_is_no_dossier(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"monitoring": monitoring()})
    path = f"/v1/households/{ID}/dossier"
    assert (await gateway.client.get(path)).status_code == 401
    assert (await gateway.get(path, as_=gateway.officer(Role.BUREAU_OFFICER))).status_code == 403
