"""Puts an app together from a service and its settings: the same few lines for every service and the gateway."""

import asyncio
import contextlib
import gc
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from chassis import crash, database, health, observability, openapi, parameter_store, plumbing_api, problems, runtime
from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from chassis.worker import Worker

log = structlog.get_logger(__name__)
_SEED_LOCK = 7_410_002


def create_app(service: Service, settings: Settings) -> FastAPI:
    """The ASGI application of a service. Nothing is opened before its lifespan begins."""
    return _assemble(service, settings, (*service.routers, plumbing_api.router(service)))


def create_worker_app(service: Service, settings: Settings) -> FastAPI:
    """The worker of a service as a process of its own: no routes but health and metrics."""
    return _assemble(service, settings.model_copy(update={"worker": True}), ())


def _assemble(service: Service, settings: Settings, routers: Sequence[APIRouter]) -> FastAPI:
    built = runtime.build(service, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        observability.configure_logging(service.name, settings.log_level)
        if settings.demo:
            crash.arm(settings.crash_point)
        await _seed(built, service)
        tasks = [asyncio.create_task(built.audit.run(), name="audit")]
        if settings.worker:
            app.state.worker = Worker(built, service)
            worker = asyncio.create_task(app.state.worker.run(), name="worker")
            worker.add_done_callback(_stop_when_failed)
            tasks.append(worker)
        gc.collect()
        gc.freeze()
        try:
            yield
        finally:
            await _end(tasks)
            await built.audit.flush()
            await built.engine.dispose()

    app = FastAPI(
        title=service.title,
        version="1",
        lifespan=lifespan,
        docs_url="/docs" if settings.demo else None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        separate_input_output_schemas=False,
    )
    app.state.runtime = built
    app.state.worker = None
    problems.install(app)
    for router in routers:
        app.include_router(router, prefix="/v1")
    app.include_router(health.router)
    app.add_middleware(observability.Limits, body_limit=settings.body_limit_bytes, demo=settings.demo)
    app.add_middleware(observability.Observe, metrics=built.metrics)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


async def _seed(built: Runtime, service: Service) -> None:
    """Load parameter values that came with this release; two processes starting at once do it once."""
    async with database.connect(built.engine) as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _SEED_LOCK)
        await parameter_store.seed(connection, service.parameters())


def _stop_when_failed(worker: asyncio.Task[None]) -> None:
    """A worker that ended by an error takes its process along: the launcher or the cluster starts it again."""
    if not worker.cancelled() and (error := worker.exception()) is not None:
        log.error("worker-failed", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)


async def _end(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError, Exception):  # a failure was logged when it happened
            await task


def _operation_id(route: APIRoute) -> str:
    return route.name
