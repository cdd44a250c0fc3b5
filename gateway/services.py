"""How the gateway reaches the services: over HTTP, never by import, each with a budget of its own.

A service that is not there or does not answer in time is told by name; what it would have said is never guessed.
"""

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from chassis import correlation
from contracts.decision import Because
from contracts.errors import DomainError

_MOST_CONNECTIONS = 256
_KEEP_ALIVE_S = 2.0
"""Shorter than the servers' own five seconds: a request never starts on a connection that is just being closed."""
_CONNECT_S = 2.0
_RETRY_S = 5


class ServiceUnavailable(DomainError):
    """The service has no address, or cannot be reached."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "service-unavailable"
    title: ClassVar[Because] = Because(zh="服务暂时不可用", en="A service is not available now")

    def __init__(self, service: str) -> None:
        zh = f"{service} 暂不可用；重试写操作请使用同一 Idempotency-Key"
        en = f"{service} cannot be reached; repeat a command with the same Idempotency-Key"
        super().__init__(Because(zh=zh, en=en), retry_after_s=_RETRY_S)


class ServiceSilent(DomainError):
    """The service was reached and said nothing in time: what it was asked to do may be done."""

    status: ClassVar[int] = 504
    code: ClassVar[str] = "service-silent"
    title: ClassVar[Because] = Because(zh="服务未在时限内答复", en="A service did not answer in time")

    def __init__(self, service: str) -> None:
        zh = f"{service} 未在时限内答复；操作可能已生效，请用同一 Idempotency-Key 重试"
        en = f"{service} did not answer in time; a command may be done: repeat it with the same Idempotency-Key"
        super().__init__(Because(zh=zh, en=en), retry_after_s=_RETRY_S)


def _session() -> aiohttp.ClientSession:
    """Adds nothing of its own to requests, and remembers no cookies: what callers send is theirs alone."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, keepalive_timeout=_KEEP_ALIVE_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
        trust_env=False,
    )


class Services:
    """Clients of the services by name; `transports` lets tests call apps in their own process."""

    def __init__(
        self, addresses: Mapping[str, str], transports: Mapping[str, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        given = transports or {}
        shared = AiohttpTransport(client=_session)
        self.addresses = {name: address.rstrip("/") for name, address in addresses.items()}
        self._clients = {
            name: httpx.AsyncClient(transport=given.get(name, shared), trust_env=False) for name in addresses
        }

    async def send(
        self,
        service: str,
        method: str,
        target: str,
        *,
        headers: list[tuple[bytes, bytes]],
        silence_s: float,
        content: AsyncIterator[bytes] | None = None,
    ) -> httpx.Response:
        """Send a request and return the answer as soon as its head is there; the caller reads and closes the body.

        `target` is path and query as they stand in a request line. Raises ServiceUnavailable where the service cannot
        be reached, and ServiceSilent where it says nothing for `silence_s` seconds after the body was sent.
        """
        client = self._clients.get(service)
        if client is None:
            raise ServiceUnavailable(service)
        timeout = httpx.Timeout(connect=_CONNECT_S, read=silence_s, write=silence_s, pool=_CONNECT_S)
        context = correlation.now()
        told = [(b"traceparent", context.traceparent.encode()), (b"x-correlation-id", context.correlation_id.encode())]
        request = httpx.Request(
            method,
            self.addresses[service] + target,
            headers=[*headers, *told],
            content=content,
            extensions={"timeout": timeout.as_dict()},
        )
        try:
            return await client.send(request, stream=True)
        except httpx.ReadTimeout as error:
            raise ServiceSilent(service) from error
        except httpx.TransportError as error:
            raise ServiceUnavailable(service) from error

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
