"""The five apps as they are assembled, for tests that walk their routes; nothing is opened."""

from pathlib import Path

from fastapi import FastAPI

import gateway.main
from chassis.application import create_app
from chassis.settings import Settings
from gateway.settings import Settings as GatewaySettings
from services.assets.main import SERVICE as ASSETS
from services.employment.main import SERVICE as EMPLOYMENT
from services.monitoring.main import SERVICE as MONITORING
from services.relief.main import SERVICE as RELIEF

SERVICES = {service.name: service for service in (MONITORING, ASSETS, EMPLOYMENT, RELIEF)}


def assembled(name: str, directory: Path) -> FastAPI:
    """One app, by the name of its service."""
    values = {
        "database_url": "postgresql+asyncpg://nobody@127.0.0.1:1/none",
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "person_key_secret": "test",
        "jwks": str(directory / "jwks.json"),
        "demo": True,
    }
    if name == "gateway":
        settings = GatewaySettings(**values, signing_key_file=directory / "signing.json")
        return gateway.main.build(gateway.main.SERVICE, settings)
    return create_app(SERVICES[name], Settings(**values))
