"""The gateway: tokens, one base URL, dossiers and overviews for the bureaus. It has no policy rules."""

from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.runtime import Service
from chassis.settings import Settings as SharedSettings
from chassis.subscription import Subscription
from gateway.api import dossier, overview, passing, tokens
from gateway.app_clients import AppClients
from gateway.projection import FLAGS, HOUSEHOLDS
from gateway.sample_officers import SampleOfficers
from gateway.services import Services
from gateway.settings import Settings
from gateway.signing import Signer, ensure_demo_keys, read_keys

SERVICE = Service(
    name="gateway",
    title="Shouwang gateway · 守望 网关",
    routers=(tokens.router, overview.router, dossier.router),
    subscription=Subscription(handlers=(HOUSEHOLDS, FLAGS)),
)


def build(service: Service, settings: SharedSettings) -> FastAPI:
    """The app with its signer, its apps and officers, and its clients of the services."""
    assert isinstance(settings, Settings)
    app = assemble(service, settings)
    keys = ensure_demo_keys(settings.signing_key_file, None) if settings.demo else read_keys(settings.signing_key_file)
    app.state.signer = Signer(keys, settings.token_issuer, settings.token_audience)
    app.state.app_clients = AppClients(settings.app_clients_file)
    app.state.officers = SampleOfficers(settings.officers_file if settings.demo else None)
    app.state.services = Services(settings.services)
    app.include_router(tokens.well_known)
    app.include_router(passing.router)
    return app


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return build(SERVICE, settings or Settings())
