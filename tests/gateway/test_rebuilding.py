"""A gateway's projection built anew while the town goes on writing: it ends equal to the registry, row for row."""

import asyncio
import os
import subprocess
import sys

from chassis.clock import DemoClock
from contracts.access import Role
from gateway.settings import Settings
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.flagging import flag_a_household
from tests.gateway.conftest import StartGateway
from tests.gateway.test_projection import a_busy_registry, equals_registry, overview, projection, registry
from tests.monitoring.api.test_registering import A_HOUSEHOLD
from tests.tokens import OTHER_VILLAGE, TOWN, VILLAGE
from tests.waiting import eventually


class Town:
    """Officers who go on registering, moving and flagging households until they are told to stop."""

    def __init__(self, monitoring: RunningApp) -> None:
        self._monitoring = monitoring
        self.rounds = 0
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._go_on())

    async def _go_on(self) -> None:
        county = self._monitoring.officer(Role.COUNTY_OFFICER, "150623")
        while not self._stop.is_set():
            body = {**A_HOUSEHOLD, "division": OTHER_VILLAGE, "members": [{"name": "张三", "relation": "0"}]}
            made = await self._monitoring.post("/v1/households", body, as_=county)
            assert made.status_code == 201, made.text
            await flag_a_household(self._monitoring)
            self.rounds += 1

    async def goes_on(self, rounds: int) -> None:
        """Wait until so many more rounds are done."""
        aim = self.rounds + rounds

        async def reached() -> bool:
            if self._task.done():
                self._task.result()
            return self.rounds >= aim

        await eventually(reached)

    async def rests(self) -> None:
        self._stop.set()
        await self._task


async def test_a_fresh_gateway_database_in_a_running_town_ends_equal(
    start_app: StartApp, start_gateway: StartGateway, kafka: Topics, business_clock: DemoClock
) -> None:
    monitoring = await a_busy_registry(start_app, kafka, business_clock)
    town = Town(monitoring)
    await town.goes_on(20)
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True)
    await town.goes_on(20)
    await eventually(lambda: _current(gateway))
    await town.goes_on(5)
    await town.rests()
    await equals_registry(gateway, monitoring)
    households = (await registry(monitoring))["household"]
    assert len(households) == 4 + 2 * town.rounds
    counted = (await overview(gateway, "150623"))["parts"]["monitoring"]["households"]
    assert counted == len(households)


async def _current(gateway: RunningApp) -> bool:
    return (await overview(gateway, TOWN))["current_to"] is not None


def environment(settings: Settings) -> dict[str, str]:
    """What the gateway's command line needs to find the database and the topics of a running gateway."""
    return {
        "PATH": os.environ["PATH"],
        "SHOUWANG_DATABASE_URL": settings.database_url,
        "SHOUWANG_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "SHOUWANG_TOPIC_PREFIX": settings.topic_prefix,
        "SHOUWANG_PERSON_KEY_SECRET": settings.person_key_secret.get_secret_value(),
        "SHOUWANG_JWKS": settings.jwks,
        "SHOUWANG_SIGNING_KEY_FILE": str(settings.signing_key_file),
        "SHOUWANG_APP_CLIENTS_FILE": str(settings.app_clients_file),
        "SHOUWANG_SERVICES": "{}",
    }


async def test_the_command_line_drops_the_projection_of_a_running_gateway_which_builds_it_again(
    start_app: StartApp, start_gateway: StartGateway, kafka: Topics, business_clock: DemoClock
) -> None:
    monitoring = await a_busy_registry(start_app, kafka, business_clock)
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True)
    await equals_registry(gateway, monitoring)
    async with gateway.runtime.engine.begin() as connection:  # as a faulty release would have left it
        await connection.exec_driver_sql(f"delete from household where division = '{VILLAGE}'")
        await connection.exec_driver_sql("update household_total set households = 77")
    command = [sys.executable, "-m", "gateway", "rebuild-projection"]
    assert isinstance(gateway.settings, Settings)
    ran = await asyncio.to_thread(
        subprocess.run, command, env=environment(gateway.settings), capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("gateway: dropped, to be built again: household, household_total, ")
    await equals_registry(gateway, monitoring)
    await eventually(lambda: _current(gateway))
    assert (await overview(gateway, "150623"))["parts"]["monitoring"]["households"] == 4
    assert all((await projection(gateway)).values())
