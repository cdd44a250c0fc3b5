"""The monitoring service: the registry, signals, screening and flags (M-1.1)."""

from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.runtime import Service
from chassis.settings import Settings
from chassis.subscription import Subscription
from services.monitoring.api import households
from services.monitoring.storage.households import HouseholdStates

READERS = ("assets", "employment", "relief", "gateway")
"""Services that build projections of monitoring's state, and may ask for it again."""

SERVICE = Service(
    name="monitoring",
    title="Shouwang monitoring · 守望 监测",
    routers=(households.router,),
    subscription=Subscription(requests_from=READERS),
    states=(HouseholdStates(),),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return assemble(SERVICE, settings or Settings())
