"""One base URL: what reaches a service of a request, and what comes back of its answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.engines import Topics
from tests.gateway.conftest import StartGateway

CHUNK = b"x" * 65_536
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


async def _told(request: Request) -> Response:
    """Tells what arrived, and answers with the addresses that services answer with."""
    body = await request.body()
    told = {
        "method": request.method,
        "path": request.scope["raw_path"].decode(),
        "query": request.url.query,
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "length": len(body),
    }
    headers = {
        "Location": "/v1/operations/7",
        "Link": '</v1/households?cursor=a&limit=1>; rel="next", <https://elsewhere.example/v1/x>; rel="help"',
        "ETag": '"4"',
        "X-Correlation-Id": "the-service-s-own",
        "Connection": "X-Hop",
        "X-Hop": "for the gateway only",
    }
    return JSONResponse(told, status_code=int(request.query_params.get("status", "200")), headers=headers)


ECHO = Starlette(routes=[Route("/v1/{path:path}", _told, methods=METHODS)])


async def test_a_command_arrives_as_it_was_sent(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"monitoring": ECHO})
    sent = {
        "Authorization": "Bearer t",
        "Idempotency-Key": "key-1",
        "If-Match": '"3"',
        "Accept-Language": "en",
        "X-Purpose": "visit",
        "Connection": "close, X-Private",
        "X-Private": "between neighbours",
    }
    path = "/monitoring/v1/households/%E5%AE%88?a=1&a=%2B%20b"
    answer = await gateway.client.request("PATCH", path, content=b'{"a": 1}', headers=sent)
    told = answer.json()
    assert (told["method"], told["path"], told["query"]) == ("PATCH", "/v1/households/%E5%AE%88", "a=1&a=%2B%20b")
    assert told["length"] == 8
    for name in ("authorization", "idempotency-key", "if-match", "accept-language", "x-purpose"):
        assert told["headers"][name] == sent[next(key for key in sent if key.lower() == name)]
    assert "x-private" not in told["headers"], "what Connection names goes no further"


async def test_addresses_of_the_answer_lead_through_the_gateway(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"monitoring": ECHO})
    answer = await gateway.client.post("/monitoring/v1/households?status=201", json={})
    assert answer.status_code == 201
    assert answer.headers["location"] == "/monitoring/v1/operations/7"
    assert answer.headers["link"] == (
        '</monitoring/v1/households?cursor=a&limit=1>; rel="next", <https://elsewhere.example/v1/x>; rel="help"'
    )
    assert answer.headers["etag"] == '"4"'
    assert "x-hop" not in answer.headers


async def test_correlation_and_trace_go_on(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"relief": ECHO})
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"X-Correlation-Id": "case-17", "Traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = await gateway.client.get("/relief/v1/x", headers=headers)
    told = answer.json()["headers"]
    assert told["x-correlation-id"] == "case-17"
    assert told["traceparent"].split("-")[1] == trace
    assert told["traceparent"] != headers["Traceparent"]
    assert answer.headers.get_list("x-correlation-id") == ["case-17"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_every_method_passes(start_gateway: StartGateway, method: str) -> None:
    gateway = await start_gateway({"assets": ECHO})
    answer = await gateway.client.request(method, "/assets/v1/posts?status=409")
    assert answer.status_code == 409
    if method != "HEAD":
        assert (answer.json()["method"], answer.json()["length"]) == (method, 0)


@pytest.mark.parametrize(
    "path", ["/monitoring/v1/../metrics", "/monitoring/v1/%2e%2e/metrics", "/monitoring/metrics", "/nothing/v1/x"]
)
async def test_only_the_api_of_a_service_can_be_reached(start_gateway: StartGateway, path: str) -> None:
    gateway = await start_gateway({"monitoring": ECHO})
    scope_path = httpx.URL("http://test").copy_with(raw_path=path.encode())
    answer = await gateway.client.get(scope_path)
    assert answer.status_code == 404, answer.text


async def test_a_service_without_address_is_named(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    answer = await gateway.client.get("/relief/v1/x", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert "relief" in answer.json()["detail"]
    assert answer.headers["retry-after"] == "5"


async def test_a_service_that_is_down_is_named(start_gateway: StartGateway, unused_port: int) -> None:
    gateway = await start_gateway(addresses={"employment": f"http://127.0.0.1:{unused_port}"})
    answer = await gateway.client.post("/employment/v1/x", json={}, headers={"Accept-Language": "zh"})
    assert (answer.status_code, answer.json()["code"]) == (503, "service-unavailable")
    assert "employment" in answer.json()["detail"]


async def test_a_silent_service_is_given_up(start_gateway: StartGateway) -> None:
    async def silent(request: Request) -> Response:
        await asyncio.Event().wait()
        raise AssertionError("never")

    app = Starlette(routes=[Route("/v1/x", silent, methods=["GET", "POST"])])
    gateway = await start_gateway({"monitoring": app}, pass_through_budget_s=0.05)
    for answer in (
        await gateway.client.get("/monitoring/v1/x"),
        await gateway.client.post("/monitoring/v1/x", content=b"1"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (504, "service-silent")


async def test_a_slow_caller_is_no_silent_service(start_gateway: StartGateway) -> None:
    gateway = await start_gateway({"monitoring": ECHO}, pass_through_budget_s=0.2)

    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(4):
            await asyncio.wait([asyncio.create_task(asyncio.Event().wait(), name="slow")], timeout=0.1)
            yield CHUNK

    answer = await gateway.client.post(
        "/monitoring/v1/comparisons", content=slowly(), headers={"Content-Type": "text/csv"}
    )
    for task in asyncio.all_tasks():
        if task.get_name() == "slow":
            task.cancel()
    assert (answer.status_code, answer.json()["length"]) == (200, 4 * len(CHUNK))


@asynccontextmanager
async def served(app: ASGIApp | FastAPI) -> AsyncIterator[str]:
    """The app behind a real socket on loopback."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def test_an_oversized_json_body_is_refused_on_its_way(start_gateway: StartGateway, kafka: Topics) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield CHUNK

    headers = {"Content-Type": "application/json"}
    async with served(ECHO) as address:
        gateway = await start_gateway(addresses={"monitoring": address}, body_limit_bytes=100_000)
        answer = await gateway.client.post("/monitoring/v1/households", content=chunks(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_a_large_body_streams_both_ways_with_flat_memory(start_gateway: StartGateway, kafka: Topics) -> None:
    megabytes, most_waiting = 200, 24_000_000
    total = megabytes * 16
    sent = received = furthest = 0

    async def sink(request: Request) -> Response:
        nonlocal received, furthest
        async for chunk in request.stream():
            received += len(chunk)
            furthest = max(furthest, sent - received)
        return JSONResponse({"length": received, "declared": request.headers.get("content-length")})

    async def source(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(total):
                sent += len(CHUNK)
                yield CHUNK

        return StreamingResponse(chunks(), media_type="text/csv")

    async def upload() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(total):
            sent += len(CHUNK)
            yield CHUNK

    routes = [Route("/v1/files", sink, methods=["POST"]), Route("/v1/files", source)]
    async with served(Starlette(routes=routes)) as address:
        gateway = await start_gateway(addresses={"monitoring": address})
        async with served(gateway.app) as base, httpx.AsyncClient(base_url=base, timeout=60) as client:
            headers = {"Content-Type": "text/csv", "Content-Length": str(total * len(CHUNK))}
            answer = await client.post("/monitoring/v1/files", content=upload(), headers=headers)
            assert answer.json() == {"length": total * len(CHUNK), "declared": headers["Content-Length"]}
            assert furthest < most_waiting, "the body piled up on its way in"

            sent = received = furthest = 0
            async with client.stream("GET", "/monitoring/v1/files") as download:
                async for chunk in download.aiter_raw():
                    received += len(chunk)
                    furthest = max(furthest, sent - received)
            assert received == total * len(CHUNK)
            assert furthest < most_waiting, "the body piled up on its way out"
