"""A service's app in the test's own process, on real engines: `app = await start_app("monitoring")`."""

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI

from chassis.application import create_app
from chassis.clock import DemoClock
from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from contracts.access import Role
from tests.engines import FreshDatabase, Topics
from tests.tokens import TOWN, Issuer

SECRET = "test-person-key-secret"


@dataclass(frozen=True, slots=True)
class RunningApp:
    app: FastAPI
    client: httpx.AsyncClient
    issuer: Issuer
    settings: Settings

    @property
    def runtime(self) -> Runtime:
        runtime: Runtime = self.app.state.runtime
        return runtime

    def officer(
        self, role: Role = Role.TOWN_OFFICER, division: str = TOWN, person: str | None = None
    ) -> dict[str, str]:
        return self.issuer.officer(role, division, person)

    async def post(
        self, path: str, body: Any, *, as_: dict[str, str] | None = None, key: str | None = None, **headers: str
    ) -> httpx.Response:
        """A POST with a fresh idempotency key unless one is given, by a town officer unless told otherwise."""
        sent = {**(as_ or self.officer()), "Idempotency-Key": key or uuid4().hex, **headers}
        return await self.client.post(path, json=body, headers=sent)

    async def get(self, path: str, *, as_: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers={**(as_ or self.officer()), **headers})


StartApp = Callable[..., Awaitable[RunningApp]]


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    return Issuer.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture
async def start_app(
    fresh_database: FreshDatabase, kafka: Topics, issuer: Issuer, tmp_path: Path
) -> AsyncIterator[StartApp]:
    """Starts a service (or the gateway) in this process; `worker=False` starts its API alone.

    With `raises=False` an unexpected error is answered by 500, as a server would, instead of ending the test.
    """
    async with AsyncExitStack() as stack:

        async def start(
            service: str | Service, *, worker: bool = False, raises: bool = True, **overrides: Any
        ) -> RunningApp:
            name = service if isinstance(service, str) else service.name
            values: dict[str, Any] = {
                "database_url": overrides.get("database_url") or await fresh_database(name),
                "database_pool": 4,
                "kafka_bootstrap_servers": kafka.bootstrap_servers,
                "kafka_fetch_max_wait_ms": 5,
                "topic_prefix": kafka.prefix,
                "person_key_secret": SECRET,
                "jwks": str(issuer.jwks),
                "demo": True,
                "demo_clock_file": tmp_path / "clock.json",
                "heartbeat_s": 0.2,
                "worker": worker,
                "log_level": "ERROR",
                "attachments_directory": tmp_path / "attachments",
            } | overrides
            settings = Settings(**values)
            if isinstance(service, str):
                package = "gateway" if service == "gateway" else f"services.{service}"
                service = importlib.import_module(f"{package}.main").SERVICE
            assert isinstance(service, Service)
            app = create_app(service, settings)
            await stack.enter_async_context(LifespanManager(app))
            transport = httpx.ASGITransport(app, raise_app_exceptions=raises)
            client = httpx.AsyncClient(transport=transport, base_url="http://test")
            return RunningApp(app, await stack.enter_async_context(client), issuer, settings)

        yield start


@pytest.fixture
def business_clock(tmp_path: Path) -> DemoClock:
    """The demo clock that the apps of this test read; `move` puts it at an instant."""
    return DemoClock(tmp_path / "clock.json")
