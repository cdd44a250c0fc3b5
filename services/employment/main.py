"""The employment service: posts, public works, journeys to work, loans (M-1.3, M-2.1, M-2.2)."""

from fastapi import FastAPI

from chassis.application import create_app as assemble
from chassis.runtime import Service
from chassis.settings import Settings
from chassis.subscription import Subscription
from services.employment.api import posts
from services.employment.domain.parameters import load_seed
from services.employment.storage.known import KnownHouseholds

READERS = ("monitoring", "assets", "relief", "gateway")
"""Services that may ask for employment's state and events again."""

SERVICE = Service(
    name="employment",
    title="Shouwang employment · 守望 就业",
    routers=(posts.router,),
    parameters=load_seed,
    subscription=Subscription(handlers=(KnownHouseholds(),), requests_from=READERS),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """For uvicorn --factory: settings come from the environment."""
    return assemble(SERVICE, settings or Settings())
