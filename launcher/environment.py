"""The settings of each service in a run, as its environment: one database each, one Kafka, one clock, one key set."""

import json
from collections.abc import Mapping

from launcher.options import Broker
from launcher.ports import HOST
from launcher.processes import Child
from launcher.run_directory import RunDirectory
from launcher.standing import Engines
from launcher.topics import GATEWAY, SERVICES

POOLS = {"monitoring": 20, GATEWAY: 12, "assets": 6, "employment": 6, "relief": 6}
"""In sum 50, and three connections of each worker besides: the embedded PostgreSQL takes 100."""
_EMBEDDED_FETCH_WAIT_MS = 10


def children(directory: RunDirectory, engines: Engines, ports: Mapping[str, int]) -> list[Child]:
    """The five services, not started yet."""
    shared = _shared(directory, engines)
    services = {name: f"http://{HOST}:{ports[name]}" for name in SERVICES}
    own = {GATEWAY: _of_gateway(directory, services)}
    return [
        Child(
            name=name,
            port=port,
            environment={
                **shared,
                **own.get(name, {}),
                "SHOUWANG_DATABASE_URL": engines.postgres.url(name),
                "SHOUWANG_DATABASE_POOL": str(POOLS[name]),
                "SHOUWANG_LISTEN_PORT": str(port),
            },
            log=directory.log(name),
        )
        for name, port in ports.items()
    ]


def _shared(directory: RunDirectory, engines: Engines) -> dict[str, str]:
    environment = {
        "SHOUWANG_KAFKA_BOOTSTRAP_SERVERS": engines.bootstrap_servers,
        "SHOUWANG_LISTEN_HOST": HOST,
        "SHOUWANG_WORKER": "true",
        "SHOUWANG_DEMO": "true",
        "SHOUWANG_DEMO_CLOCK_FILE": str(directory.clock),
        "SHOUWANG_PERSON_KEY_SECRET": directory.person_key_secret,
        "SHOUWANG_JWKS": str(directory.jwks),
        "SHOUWANG_SPOOL_DIRECTORY": str(directory.spool),
        "SHOUWANG_ATTACHMENTS_DIRECTORY": str(directory.attachments),
        "SHOUWANG_DIVISION_NAMES": str(directory.division_names),
        "PYTHONUNBUFFERED": "1",
    }
    if engines.broker is Broker.EMBEDDED:
        environment["SHOUWANG_KAFKA_FETCH_MAX_WAIT_MS"] = str(_EMBEDDED_FETCH_WAIT_MS)
    return environment


def _of_gateway(directory: RunDirectory, services: Mapping[str, str]) -> dict[str, str]:
    return {
        "SHOUWANG_SERVICES": json.dumps(services),
        "SHOUWANG_SIGNING_KEY_FILE": str(directory.signing_key),
        "SHOUWANG_OFFICERS_FILE": str(directory.officers),
    }
