"""One base URL: a service's `/v1/x` is `/<service>/v1/x` here, bodies streamed both ways, the caller's token forwarded.

The services decide who may do what; the gateway changes nothing but addresses. Memory stays flat: a body moves as
fast as the slower side reads.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import httpx
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response, StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from contracts.errors import Missing
from gateway import relaying
from gateway.services import Services, ServiceSilent
from gateway.settings import SERVICES

router = APIRouter(tags=["services"])
_CLIENT_CLOSED_REQUEST = 499


class Relayed(StreamingResponse):
    """A service's answer, passed on as it arrives. Whatever happens, the connection to the service is given back."""

    def __init__(self, answer: httpx.Response, headers: relaying.Headers) -> None:
        super().__init__(answer.aiter_raw(), status_code=answer.status_code)
        self.raw_headers = [(key.lower(), value) for key, value in headers]
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._answer.aclose()


class Upload:
    """The caller's body on its way.

    Only the service's silence is measured: the deadline stands still while the caller is the slow one. Why the body
    broke off is remembered, for the HTTP client would hide it.
    """

    def __init__(self, request: Request, deadline: asyncio.Timeout, silence_s: float) -> None:
        self._request = request
        self._deadline = deadline
        self._silence_s = silence_s
        self.broken: Exception | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            self._deadline.reschedule(None)
            async for chunk in self._request.stream():
                if chunk:
                    self._service_is_on()
                    yield chunk
                    self._deadline.reschedule(None)
            self._service_is_on()
        except Exception as error:
            self.broken = error
            raise

    def _service_is_on(self) -> None:
        self._deadline.reschedule(asyncio.get_running_loop().time() + self._silence_s)


@router.api_route(
    "/{service}/v1/{path:path}",
    methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    summary="A service's own API",
    include_in_schema=False,
)
async def pass_through(service: Annotated[str, Path()], path: Annotated[str, Path()], request: Request) -> Response:
    """转发 / the service's own answer; 503 where it cannot be reached, 504 where it says nothing in time."""
    if service not in SERVICES or relaying.climbs(path):
        raise Missing()
    silence_s: float = request.app.state.runtime.settings.pass_through_budget_s
    upload = None
    try:
        async with asyncio.timeout(silence_s) as deadline:
            if relaying.has_body(request.headers.raw):
                upload = Upload(request, deadline, silence_s)
            answer = await _send(service, request, upload, silence_s)
    except TimeoutError as error:
        raise ServiceSilent(service) from error
    except Exception as error:
        broken = upload.broken if upload else None
        if isinstance(broken, ClientDisconnect):
            return Response(status_code=_CLIENT_CLOSED_REQUEST)
        if broken is not None:
            raise broken from error
        raise
    base = request.app.state.services.addresses[service]
    prefix = f"{request.scope.get('root_path', '')}/{service}"
    return Relayed(answer, relaying.response_headers(answer.headers.raw, base=base, prefix=prefix))


async def _send(service: str, request: Request, upload: Upload | None, silence_s: float) -> httpx.Response:
    services: Services = request.app.state.services
    target = request.scope["raw_path"].decode("latin-1").removeprefix(f"/{service}")
    if query := request.scope["query_string"].decode("latin-1"):
        target = f"{target}?{query}"
    return await services.send(
        service,
        request.method,
        target,
        headers=relaying.request_headers(request.headers.raw),
        content=aiter(upload) if upload else None,
        silence_s=silence_s,
    )
