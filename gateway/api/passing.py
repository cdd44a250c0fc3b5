"""One base URL: a service's `/v1/x` is `/<service>/v1/x` here, bodies streamed both ways, the caller's token forwarded.

The services decide who may do what; the gateway changes nothing but addresses.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Literal

import httpx
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse

from chassis import correlation
from contracts.decision import Because
from contracts.errors import DomainError
from gateway.services import HOP_BY_HOP, Services

router = APIRouter(tags=["services"])
ServiceName = Literal["monitoring", "assets", "employment", "relief"]


class ServiceUnavailable(DomainError):
    status = 503
    code = "service-unavailable"
    title = Because(zh="服务暂时不可用", en="A service is not available now")


@router.api_route(
    "/{service}/v1/{path:path}",
    methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
    summary="A service's own API",
    include_in_schema=False,
)
async def pass_through(service: ServiceName, path: Annotated[str, Path()], request: Request) -> Response:
    """转发 / the service's own answer."""
    services: Services = request.app.state.services
    client = services.client(service)
    if client is None:
        raise ServiceUnavailable(Because(zh=f"未配置 {service}", en=f"{service} has no address"))
    headers = [(n, v) for n, v in request.headers.raw if n.decode().lower() not in HOP_BY_HOP]
    headers = [(n, v) for n, v in headers if n not in (b"traceparent", b"x-correlation-id")]
    context = correlation.now()
    headers += [(b"traceparent", context.traceparent.encode()), (b"x-correlation-id", context.correlation_id.encode())]
    length = request.headers.get("content-length")
    if length is not None:
        headers.append((b"content-length", length.encode()))
    has_body = length not in (None, "0") or "transfer-encoding" in request.headers
    budget = httpx.Timeout(request.app.state.runtime.settings.pass_through_budget_s)
    asked = client.build_request(
        request.method,
        httpx.URL(f"/v1/{path}", query=request.url.query.encode()),
        headers=headers,
        content=request.stream() if has_body else None,
        timeout=budget,
    )
    try:
        answer = await client.send(asked, stream=True)
    except httpx.HTTPError as error:
        raise ServiceUnavailable(Because(zh=f"{service} 未应答", en=f"{service} does not answer")) from error
    kept = {n: v for n, v in answer.headers.items() if n.lower() not in HOP_BY_HOP | {"x-correlation-id"}}
    for name in ("location", "link"):
        if name in kept:
            kept[name] = kept[name].replace("/v1/", f"/{service}/v1/", 1)
    return StreamingResponse(_body(answer), status_code=answer.status_code, headers=kept)


async def _body(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in answer.aiter_raw():
            yield chunk
    finally:
        await answer.aclose()
