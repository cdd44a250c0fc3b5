"""Liveness, readiness and metrics.

Ready means: this API can serve (database reached, migrations done). Broker, relay and parked messages make it
`degraded` in the body, never unready: commands survive without a broker, that is what the outbox is for.
"""

import time
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest

from chassis import database

router = APIRouter(tags=["health"])
_RELAY_SILENT_S = 15.0

_STANDING = """
select (select count(*) from chassis.outbox_pending) as outbox_pending,
       (select count(*) from chassis.outbox_parked) as outbox_parked_keys,
       (select count(*) from chassis.parked_messages) as parked_messages,
       (select count(*) from chassis.log_findings where healed_at is null) as open_log_findings
"""


@router.get("/livez", summary="Is the process alive")
async def livez() -> dict[str, str]:
    """存活检查 / liveness."""
    return {"status": "alive"}


@router.get("/readyz", summary="Can this process serve", responses={503: {"description": "Not ready"}})
async def readyz(request: Request) -> Response:
    """就绪检查 / readiness, with what is degraded and whether this is a DEMO."""
    runtime = request.app.state.runtime
    body: dict[str, Any] = {"service": runtime.service, "demo": runtime.settings.demo, "degraded": []}
    try:
        async with database.connect(runtime.engine) as connection:
            standing = dict((await connection.fetch(_STANDING))[0])
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return JSONResponse(body | {"status": "unready", "because": "database"}, status_code=503)
    worker = getattr(request.app.state, "worker", None)
    if worker is not None:
        if worker.relay is None or time.time() - worker.relay.alive_at > _RELAY_SILENT_S:
            body["degraded"].append("relay")
        if worker.consumer is None or not worker.consumer.reading.is_set():
            body["degraded"].append("consumer")
    body["degraded"] += [
        name for name in ("outbox_parked_keys", "parked_messages", "open_log_findings") if standing[name]
    ]
    return JSONResponse(body | {"status": "ready", **standing})


@router.get("/metrics", summary="Metrics in OpenMetrics text", response_class=Response)
async def metrics(request: Request) -> Response:
    """OpenMetrics 文本 / for Prometheus to scrape."""
    registry = request.app.state.runtime.metrics.registry
    return Response(
        generate_latest(registry),  # type: ignore[no-untyped-call]
        headers={"Content-Type": CONTENT_TYPE_LATEST},
    )
