"""The assets service: so far an application with health, metrics and an empty API."""

from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.runtime import Service
from chassis.settings import Settings

SERVICE = Service(name="assets", title="Shouwang assets · 守望")


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return assemble(SERVICE, settings or Settings())
