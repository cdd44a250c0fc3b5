"""A gateway in the test's own process, in front of services that it reaches without a network.

`gateway = await start_gateway({"monitoring": app})`. It signs with the key of the tests' issuer.
"""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI
from starlette.types import ASGIApp

from gateway.main import SERVICE, build
from gateway.new_app_client import new_entry
from gateway.settings import Settings
from tests.apps import SECRET, RunningApp
from tests.engines import FreshDatabase, Topics
from tests.tokens import TOWN, Issuer

APP_SECRET = "a secret with spaces & 中文"
OFFICERS = [
    {
        "sub": "town-officer-150623100",
        "name": "李四",
        "organisation": "镇人民政府",
        "roles": ["town-officer"],
        "division": TOWN,
    },
    {
        "sub": "auditor-150623",
        "name": "王五",
        "organisation": "乡村振兴局",
        "roles": ["auditor"],
        "division": "150623",
    },
]


@dataclass(frozen=True, slots=True)
class RunningGateway(RunningApp):
    """A gateway that can be stopped before the test ends, to start another one on its database."""

    stack: AsyncExitStack

    async def stop(self) -> None:
        await self.stack.aclose()


StartGateway = Callable[..., Awaitable[RunningGateway]]


@pytest.fixture(scope="session")
def app_clients_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One registered app, which may register and read households of the town."""
    file = tmp_path_factory.mktemp("clients") / "clients.json"
    scopes = ["household:read", "household:write", "overview:read"]
    entry = new_entry("clinic", scopes=scopes, division=TOWN, organisation="卫生院", secret=APP_SECRET)
    file.write_text(json.dumps([entry]))
    return file


@pytest.fixture
def gateway_settings(kafka: Topics, issuer: Issuer, tmp_path: Path, app_clients_file: Path) -> Callable[..., Settings]:
    signing_key = tmp_path / "signing.json"
    signing_key.write_text(json.dumps(issuer.key.as_dict(private=True)))
    officers = tmp_path / "officers.json"
    officers.write_text(json.dumps(OFFICERS))

    def settings(**overrides: Any) -> Settings:
        values: dict[str, Any] = {
            "database_pool": 4,
            "kafka_bootstrap_servers": kafka.bootstrap_servers,
            "kafka_fetch_max_wait_ms": 5,
            "topic_prefix": kafka.prefix,
            "person_key_secret": SECRET,
            "jwks": str(issuer.jwks),
            "demo": True,
            "demo_clock_file": tmp_path / "clock.json",
            "heartbeat_s": 0.2,
            "worker": False,
            "log_level": "ERROR",
            "signing_key_file": signing_key,
            "app_clients_file": app_clients_file,
            "officers_file": officers,
        }
        return Settings(**values | overrides)

    return settings


@pytest.fixture
async def start_gateway(
    fresh_database: FreshDatabase, gateway_settings: Callable[..., Settings], issuer: Issuer
) -> AsyncIterator[StartGateway]:
    """Starts the gateway; `apps` are services in this process, `addresses` others by network; the rest are settings."""
    async with AsyncExitStack() as outer:

        async def start(
            apps: Mapping[str, ASGIApp] | None = None, *, addresses: Mapping[str, str] | None = None, **overrides: Any
        ) -> RunningGateway:
            given = apps or {}
            if "database_url" not in overrides:
                overrides["database_url"] = await fresh_database("gateway")
            reached = {**dict.fromkeys(given, "http://test"), **(addresses or {})}
            settings = gateway_settings(services=reached, **overrides)
            transports = {name: httpx.ASGITransport(app=app) for name, app in given.items()}
            app: FastAPI = build(SERVICE, settings, transports)
            stack = await outer.enter_async_context(AsyncExitStack())
            await stack.enter_async_context(LifespanManager(app))
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")
            await stack.enter_async_context(client)
            return RunningGateway(app=app, client=client, issuer=issuer, settings=settings, stack=stack)

        yield start


@pytest.fixture
def unused_port(loopback: None) -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
    return port
