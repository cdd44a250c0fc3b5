"""The command line of a process, the same for every service: `python -m services.monitoring serve`.

Settings come from the environment. What keeps a process from starting (a missing setting, an unreachable database, a
taken port) is told in one plain line that says what to do, with a non-zero exit; no traceback, no secret.
"""

import asyncio
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import structlog
import typer
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError

from chassis import application, database, observability, projection_drop, rebuilding, runtime, schema_version
from chassis.runtime import Runtime, Service
from chassis.settings import Settings
from contracts.events.plumbing import ReplayRequested

OPERATOR = "operator"
COMMAND_LINE = "command-line"
_DATABASE_WITHIN_S = 10.0
_STOP_WITHIN_S = 10
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ArgumentError)

log = structlog.get_logger(__name__)

AppFactory = Callable[[Service, Settings], FastAPI]


class CannotStart(Exception):
    """Why a process does not start, in one line for the operator."""


def run(service: Service, *, settings: type[Settings] = Settings, app: AppFactory = application.create_app) -> None:
    """Carry out the command that `sys.argv` names, and end the process."""
    try:
        command_line(service, settings, app)()
    except CannotStart as reason:
        sys.exit(f"{service.name}: {reason}")


def command_line(service: Service, settings: type[Settings], app: AppFactory) -> typer.Typer:
    """The commands of one service."""
    commands = typer.Typer(
        help=service.title, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )

    @commands.command()
    def serve() -> None:
        """Answer HTTP, and run the worker beside it unless SHOUWANG_WORKER is false."""
        _listen(service, read_settings(settings), app)

    @commands.command()
    def worker() -> None:
        """Run the worker alone (relay, consumer, operations), with its own health and metrics."""
        _listen(service, read_settings(settings), application.create_worker_app)

    @commands.command()
    def migrate() -> None:
        """Bring the database up to what this release expects."""
        asyncio.run(_migrate(service, read_settings(settings)))

    _rebuilding(commands, service, settings)
    return commands


def _rebuilding(commands: typer.Typer, service: Service, settings: type[Settings]) -> None:
    @commands.command("republish-state")
    def republish_state(
        kind: Annotated[list[str] | None, typer.Option(help="A kind of state; all if none is named.")] = None,
        division: Annotated[str, typer.Option(help="Only aggregates of this division.")] = "",
    ) -> None:
        """Ask the worker to publish the present state again."""
        known = [source.kind for source in service.states]
        unknown = sorted(set(kind or ()) - set(known))
        if unknown:
            raise CannotStart(f"no such kind of state: {', '.join(unknown)}; there are: {', '.join(known) or 'none'}")
        asyncio.run(_republish(service, read_settings(settings), kind or [], division))

    @commands.command()
    def replay(
        since: Annotated[datetime, typer.Option("--from", help="System instant, UTC where no zone is given.")],
        until: Annotated[datetime | None, typer.Option("--to", help="System instant; now if it is not given.")] = None,
    ) -> None:
        """Ask the worker to send retained public events again, with their own ids."""
        asyncio.run(_replay(service, read_settings(settings), _in_utc(since), _in_utc(until) if until else None))

    @commands.command("rebuild-projection")
    def rebuild_projection() -> None:
        """Drop what was built from others' states; the consumer builds it again from the beginning."""
        asyncio.run(_rebuild(service, read_settings(settings)))


def read_settings(kind: type[Settings]) -> Settings:
    """The settings of the environment; raises CannotStart naming what is missing or wrong, never a value."""
    try:
        return kind()
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False, include_context=False)
        raise CannotStart(
            "; ".join(_setting_problem(kind, item["loc"], item["type"], item["msg"]) for item in told)
        ) from None


def _setting_problem(kind: type[Settings], place: tuple[int | str, ...], code: str, message: str) -> str:
    if not place:
        return message.removeprefix("Value error, ")
    name = environment_name(kind, str(place[0]))
    field = kind.model_fields.get(str(place[0]))
    meaning = f" ({field.description.rstrip('.')})" if field is not None and field.description else ""
    return f"set {name}{meaning}" if code == "missing" else f"{name} is not valid: {message}{meaning}"


def environment_name(kind: type[Settings], field: str) -> str:
    """The environment variable of a setting."""
    return f"{kind.model_config.get('env_prefix', '')}{field}".upper()


def _listen(service: Service, settings: Settings, app: AppFactory) -> None:
    asyncio.run(_check_database(service, settings))
    listener = _bind(settings)
    observability.configure_logging(service.name, settings.log_level)
    log.info("listening", host=settings.listen_host, port=listener.getsockname()[1])
    server = uvicorn.Server(
        uvicorn.Config(
            app(service, settings),
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_STOP_WITHIN_S,
        )
    )
    server.run(sockets=[listener])
    if not server.started:
        raise CannotStart("start-up failed; the log above says where")


def _bind(settings: Settings) -> socket.socket:
    host, port = settings.listen_host, settings.listen_port
    try:
        return socket.create_server((host, port), backlog=2048, family=_family(host))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CannotStart(f"cannot listen on {host}:{port} ({reason}): free it or set SHOUWANG_LISTEN_PORT") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


async def _check_database(service: Service, settings: Settings) -> None:
    connection = await _reach(service, settings)
    try:
        behind = await schema_version.behind(connection, service.name)
    finally:
        await connection.close()
    if behind:
        module = "gateway" if service.name == "gateway" else f"services.{service.name}"
        raise CannotStart(f"its database is not migrated: run `python -m {module} migrate` first")


async def _reach(service: Service, settings: Settings) -> asyncpg.Connection:
    try:
        return await asyncio.wait_for(database.direct(settings.database_url, "start"), _DATABASE_WITHIN_S)
    except _AWAY as error:
        kind = type(error).__name__
        raise CannotStart(f"its database does not answer ({kind}): check SHOUWANG_DATABASE_URL") from None


async def _migrate(service: Service, settings: Settings) -> None:
    from chassis.migrations import migrate  # Alembic is loaded by the one command that needs it

    await (await _reach(service, settings)).close()
    await migrate(settings.database_url, service.name)
    typer.echo(f"{service.name}: migrated")


async def _republish(service: Service, settings: Settings, kinds: list[str], division: str) -> None:
    async def ask(built: Runtime) -> None:
        async with built.units.begin(person=OPERATOR, client=COMMAND_LINE) as uow:
            await rebuilding.ask_republish(uow, kinds, division)
            await uow.commit()

    await _with_runtime(service, settings, ask)
    typer.echo(f"{service.name}: the worker will publish its state again")


async def _replay(service: Service, settings: Settings, since: datetime, until: datetime | None) -> None:
    async def ask(built: Runtime) -> None:
        async with built.units.begin(person=OPERATOR, client=COMMAND_LINE) as uow:
            await rebuilding.ask_replay(uow, ReplayRequested(source=service.name, since=since), until)
            await uow.commit()

    await _with_runtime(service, settings, ask)
    typer.echo(f"{service.name}: the worker will send its public events again")


async def _rebuild(service: Service, settings: Settings) -> None:
    await _check_database(service, settings)
    handlers = service.subscription.handlers
    tables = await projection_drop.drop_projections(settings.database_url, handlers, settings.topic_prefix)
    told = f"dropped, to be built again: {', '.join(tables)}" if tables else "it has no projections"
    typer.echo(f"{service.name}: {told}")


async def _with_runtime(service: Service, settings: Settings, act: Callable[[Runtime], Awaitable[None]]) -> None:
    await _check_database(service, settings)
    built = runtime.build(service, settings)
    try:
        await act(built)
    finally:
        await built.engine.dispose()


def _in_utc(instant: datetime) -> datetime:
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
