"""The gateway: tokens, one base URL, dossiers and overviews for the bureaus. It has no policy rules."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.runtime import Service
from chassis.settings import Settings as SharedSettings
from chassis.subscription import Subscription
from gateway.api import demo, dossier, overview, passing, tokens, well_known
from gateway.app_clients import AppClients
from gateway.projection import HANDLERS
from gateway.sample_officers import SampleOfficers
from gateway.services import Services
from gateway.settings import Settings
from gateway.signing import Signer, ensure_demo_keys, read_keys

SERVICE = Service(
    name="gateway",
    title="Shouwang gateway · 守望 网关",
    routers=(tokens.router, overview.router, dossier.router),
    subscription=Subscription(handlers=HANDLERS),
)


def build(
    service: Service,
    settings: SharedSettings,
    transports: Mapping[str, httpx.AsyncBaseTransport] | None = None,
) -> FastAPI:
    """The app with its signer, its apps and officers, and its clients of the services.

    `transports` reach services without a network. With DEMO there are sample officers and their tokens; without,
    those routes do not exist.
    """
    assert isinstance(settings, Settings)
    if settings.demo:
        service = replace(service, routers=(*service.routers, demo.router))
    app = assemble(service, settings)
    keys = ensure_demo_keys(settings.signing_key_file, None) if settings.demo else read_keys(settings.signing_key_file)
    app.state.signer = Signer(keys, settings.token_issuer, settings.token_audience)
    app.state.app_clients = AppClients(settings.app_clients_file)
    app.state.officers = SampleOfficers(settings.officers_file if settings.demo else None)
    app.state.services = Services(settings.services, transports)
    app.include_router(well_known.router)
    app.include_router(passing.router)
    _close_at_the_end(app)
    return app


def _close_at_the_end(app: FastAPI) -> None:
    within = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with within(app):
                yield
        finally:
            await app.state.services.close()

    app.router.lifespan_context = lifespan


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return build(SERVICE, settings or Settings())
