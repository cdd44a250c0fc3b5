"""Everything that a running system tells outside of its answers: topics, logs, metrics, problem documents."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import pytest
import structlog

from chassis import database
from chassis.clock import DemoClock
from contracts.events.envelope import public_topic, state_topic
from tests.apps import RunningApp, StartApp
from tests.engines import Topics
from tests.gateway.conftest import StartGateway, app_clients_file, gateway_settings, start_gateway
from tests.monitoring.registry.conftest import REGISTERED, Registry
from tests.things import read
from tests.waiting import eventually

__all__ = ["app_clients_file", "gateway_settings", "start_gateway"]

TOPICS = ("monitoring", "assets", "employment", "relief", "gateway")


@dataclass(slots=True)
class Surfaces:
    """A service and a gateway with their workers, and what they told so far."""

    registry: Registry
    gateway: RunningApp
    topics: Topics
    capture: pytest.CaptureFixture[bytes]
    problems: list[bytes] = field(default_factory=list)

    async def keep_problem(self, answer: httpx.Response) -> None:
        """Of every answer that refuses: the document and its headers."""
        if answer.status_code >= 400:
            self.problems += [await answer.aread(), repr(answer.headers.raw).encode()]

    async def collected(self) -> dict[str, list[bytes]]:
        """All that was told, by surface; whatever is pending is sent first."""
        await eventually(self._all_sent)
        output = self.capture.readouterr()
        metrics = [(await one.client.get("/metrics")).content for one in (self.registry.app, self.gateway)]
        return {
            "public topics": await self._messages(public_topic),
            "state topics": await self._messages(state_topic),
            "logs": [output.out, output.err],
            "metrics": metrics,
            "problems": self.problems,
        }

    async def _messages(self, topic_of) -> list[bytes]:  # type: ignore[no-untyped-def]
        pieces: list[bytes] = []
        for service in TOPICS:
            for record in await read(self.topics, topic_of(service, self.topics.prefix)):
                pieces += [record.key or b"", record.value or b"", *(part for _, part in record.headers)]
        return pieces

    async def _all_sent(self) -> bool:
        async with database.connect(self.registry.app.runtime.engine) as connection:
            return bool(await connection.fetchval("select count(*) = 0 from chassis.outbox_pending"))


@pytest.fixture
async def surfaces(
    start_app: StartApp,
    start_gateway: StartGateway,
    business_clock: DemoClock,
    kafka: Topics,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> AsyncIterator[Surfaces]:
    """Everything is logged here, also what a deployment would leave out."""
    await kafka.create_topics(*TOPICS)
    kept = structlog.get_config()
    monitoring = await start_app("monitoring", worker=True, raises=False, log_level="DEBUG")
    gateway = await start_gateway({"monitoring": monitoring.app}, worker=True, log_level="DEBUG")
    registry = Registry(monitoring, business_clock)
    registry.on(REGISTERED)
    surfaces = Surfaces(registry, gateway, kafka, capfdbinary)
    for one in (monitoring, gateway):
        one.client.event_hooks["response"] = [surfaces.keep_problem]
    yield surfaces
    structlog.configure(**kept)
