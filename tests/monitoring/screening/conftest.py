"""Monitoring on 12 April 2024: its API alone, or with its worker."""

from datetime import datetime

import pytest

from chassis.clock import DemoClock
from contracts.month import SHANGHAI
from tests.apps import RunningApp, StartApp
from tests.engines import Topics


@pytest.fixture
async def app(start_app: StartApp, business_clock: DemoClock) -> RunningApp:
    business_clock.move(datetime(2024, 4, 12, 9, tzinfo=SHANGHAI))
    return await start_app("monitoring")


@pytest.fixture
async def working_app(start_app: StartApp, kafka: Topics, business_clock: DemoClock) -> RunningApp:
    business_clock.move(datetime(2024, 4, 12, 9, tzinfo=SHANGHAI))
    await kafka.create_topics("monitoring", "assets", "employment", "relief", "gateway")
    return await start_app("monitoring", worker=True)
