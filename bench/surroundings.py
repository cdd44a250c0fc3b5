"""What every measure stands on: PostgreSQL with fsync, the embedded broker as a process, tokens, and real processes.

Services run as `make run` runs them: `python -m services.monitoring serve`, worker included, logs to a file.
"""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from bench.households import TOWN
from chassis.migrations import migrate
from chassis.settings import Settings
from contracts.access import Role
from launcher.engines.broker import EmbeddedBrokerProcess
from launcher.engines.places import own_directory
from launcher.engines.postgres import EmbeddedPostgres
from launcher.topics import EMBEDDED_PARTITIONS, TOPICS

_READY_WITHIN_S = 30.0


class NotReady(RuntimeError):
    """A process did not become ready in time; its log says why."""


@dataclass(frozen=True, slots=True)
class Process:
    """A server that is ready, how long it took, and what it holds."""

    url: str
    pid: int
    ready_s: float


@dataclass(slots=True)
class Surroundings:
    directory: Path
    postgres: EmbeddedPostgres
    broker: EmbeddedBrokerProcess
    key: OKPKey
    _processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def key_set(self) -> Path:
        return self.directory / "jwks.json"

    async def database(self, name: str, service: str | None = None) -> str:
        """The SQLAlchemy address of a new database, migrated for a service or empty."""
        await self.postgres.create_database(name)
        if service is not None:
            await migrate(self.postgres.url(name), service)
        return self.postgres.url(name)

    async def connect(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(self.postgres.dsn(name))

    def token(self, role: Role = Role.TOWN_OFFICER) -> dict[str, str]:
        """The headers of an officer of the town."""
        now = int(time.time())
        claims = {
            "iss": "shouwang", "aud": "shouwang", "iat": now, "exp": now + 3600, "sub": f"{role}-1",
            "client_id": "bench", "organisation": "bench", "roles": [role], "division": TOWN,
        }  # fmt: skip
        header = {"alg": "Ed25519", "kid": "bench"}
        return {"Authorization": f"Bearer {jwt.encode(header, claims, self.key, algorithms=['Ed25519'])}"}

    def settings(self, database_url: str, **given: object) -> Settings:
        """Settings of a service here, for the parts of it that a measure runs by itself."""
        values = {
            "database_url": database_url,
            "kafka_bootstrap_servers": self.broker.bootstrap_servers,
            "kafka_fetch_max_wait_ms": 5,
            "person_key_secret": "a secret of the measurements",
            "jwks": str(self.key_set),
            "attachments_directory": self.directory / "attachments",
        }
        return Settings.model_validate(values | given)

    async def service(self, package: str, database_url: str, **given: str) -> Process:
        """A service or the gateway, ready, with its worker unless told otherwise."""
        return await self._serve([package, "serve"], database_url, given)

    async def baseline(self, module: str, database_url: str = "", **given: str) -> Process:
        """One of bench/baselines, ready."""
        return await self._serve([f"bench.baselines.{module}"], database_url, given)

    async def _serve(self, arguments: list[str], database_url: str, given: Mapping[str, str]) -> Process:
        port = _free_port()
        values = self.settings(database_url or "postgresql+asyncpg://none").model_dump(mode="json", exclude_unset=True)
        values |= {"listen_port": port, "person_key_secret": "a secret of the measurements", **given}
        environment = {f"SHOUWANG_{name.upper()}": str(value) for name, value in values.items()}
        started = time.perf_counter()
        log = self.directory / f"{arguments[0]}-{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 - nothing else runs while a server is started
                [sys.executable, "-m", *arguments], env=os.environ | environment, stdout=output, stderr=output
            )
        self._processes.append(process)
        url = f"http://127.0.0.1:{port}"
        await _ready(url, process, log)
        return Process(url, process.pid, time.perf_counter() - started)

    def end_processes(self) -> None:
        while self._processes:
            process = self._processes.pop()
            process.terminate()
            process.wait(20)


@asynccontextmanager
async def surroundings() -> AsyncIterator[Surroundings]:
    """Engines of our own, on disk, gone at the end."""
    # Not a TemporaryDirectory: PostgreSQL started by root needs a way in for its user.
    directory = own_directory(Path(tempfile.gettempdir()) / f"shouwang-bench-{uuid4().hex[:8]}")
    try:
        key = OKPKey.generate_key("Ed25519", parameters={"kid": "bench"}, auto_kid=False)
        (directory / "jwks.json").write_text(json.dumps(KeySet([key]).as_dict(private=False)))
        (directory / "signing.json").write_text(json.dumps(key.as_dict(private=True)))
        topics = {topic.name: EMBEDDED_PARTITIONS for topic in TOPICS}
        with EmbeddedPostgres(directory / "postgres") as postgres, EmbeddedBrokerProcess(topics) as broker:
            around = Surroundings(directory, postgres, broker, key)
            try:
                yield around
            finally:
                around.end_processes()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until and process.poll() is None:
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)
    raise NotReady((await asyncio.to_thread(log.read_text))[-2000:])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
