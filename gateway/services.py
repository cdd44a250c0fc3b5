"""How the gateway reaches the services: one pooled client each, addresses by setting."""

from collections.abc import Mapping

import httpx
from httpx_aiohttp import AiohttpTransport

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade"}
    | {"transfer-encoding", "host", "content-length"}
)


class Services:
    """Clients of the services by name; `transports` lets tests call apps in their own process."""

    def __init__(
        self, addresses: Mapping[str, str], transports: Mapping[str, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        given = transports or {}
        self._clients = {
            name: httpx.AsyncClient(base_url=address, transport=given.get(name) or AiohttpTransport())
            for name, address in addresses.items()
        }

    def client(self, name: str) -> httpx.AsyncClient | None:
        """The client of a service; None when the deployment has not named its address."""
        return self._clients.get(name)

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()
