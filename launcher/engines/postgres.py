"""The embedded PostgreSQL 18: a real one from a wheel, on a Unix socket only, with trust.

It never outlives the process that started it, and it takes over what a killed predecessor left: a stale pid file, a
server that is still going down, unfinished preparation.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import asyncpg

from launcher.engines.errors import DirectoryRefused, EngineFailed
from launcher.engines.leash import start_on_leash
from launcher.engines.places import barrier_for_others, hold, own_directory
from launcher.engines.programs import Programs, postgres_programs

SUPERUSER = "postgres"
PORT = 5432  # only names the socket file: nothing listens on TCP
LONGEST_SOCKET_PATH = 103  # the shorter of Linux's and macOS's limits
READY_WITHIN = 30.0
STOPPED_WITHIN = 20.0

SETTINGS = {"listen_addresses": "", "max_connections": "100", "timezone": "UTC", "log_timezone": "UTC"}
# A test run keeps nothing that would be worth a disk flush.
FORGETFUL_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
}


class EmbeddedPostgres:
    """A PostgreSQL of our own in `directory`; everything it needs and writes lies in there.

    `durable` flushes every commit to disk, as `make run` needs; tests do without. Use it as a context manager.
    """

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.absolute()
        self.log = self.directory / "postgres.log"
        self._data = self.directory / "data"
        self._socket = _socket_directory(self.directory)
        self._durable = durable
        self._settings = SETTINGS if durable else SETTINGS | FORGETFUL_SETTINGS
        self._claim: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when the server answers; the first start in a directory also creates the cluster."""
        programs = self._prepare()
        self._spawn(programs)
        self._wait_until_ready()

    def stop(self) -> None:
        """Ends all sessions and the server, cleanly; nothing happens if it is not running."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    @property
    def pid(self) -> int | None:
        """The server's process, while it was started by this object."""
        return None if self._process is None else self._process.pid

    def url(self, database: str) -> str:
        """The address for SQLAlchemy."""
        return self.dsn(database).replace("postgresql:", "postgresql+asyncpg:", 1)

    def dsn(self, database: str) -> str:
        """The address for asyncpg and psql."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self._socket}"

    async def create_database(self, name: str, template: str | None = None) -> bool:
        """Creates the database, as a copy of `template` if given (nobody may be connected to that one).

        Says whether it was missing before.
        """
        copied = f' template "{template}"' if template else ""
        # Copying files costs a checkpoint, which is nothing where nothing is flushed, and half the time otherwise.
        strategy = " strategy file_copy" if template and not self._durable else ""
        try:
            await self._administer(f'create database "{name}"{copied}{strategy}')
        except asyncpg.DuplicateDatabaseError:
            return False
        return True

    async def drop_database(self, name: str) -> None:
        """Removes the database, whoever is connected to it; nothing happens if there is none."""
        await self._administer(f'drop database if exists "{name}" with (force)')

    async def _administer(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def _prepare(self) -> Programs:
        own_directory(self.directory)
        self._claim = hold(self.directory)
        try:
            programs = postgres_programs(copy_into=self.directory)
            if programs.user:
                _refuse_unreachable(self.directory)
            self._own_for(programs.user, self._socket)
            _end_orphan(self._data)
            if not self._data.exists():
                self._create_cluster(programs)
        except BaseException:
            self.stop()
            raise
        return programs

    def _create_cluster(self, programs: Programs) -> None:
        # Made beside its final name: a start that was killed half-way leaves nothing that looks like a cluster.
        unfinished = self.directory / "data.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._own_for(programs.user, unfinished)
        options = ("--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions")
        flushing = () if self._durable else ("--no-sync",)
        # The builtin provider sorts alike on every machine, whatever locales are installed.
        collation = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        place = (f"--pgdata={unfinished}", f"--username={SUPERUSER}")
        command = [programs.path("initdb"), *place, *options, *collation, *flushing]
        process = start_on_leash(command, log=self.log, death_signal=signal.SIGKILL, user=programs.user)
        if process.wait() != 0:
            raise self._failed()
        unfinished.rename(self._data)

    def _own_for(self, user: str | None, path: Path) -> None:
        own_directory(path.parent)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        if user:
            entry = pwd.getpwnam(user)
            os.chown(path, entry.pw_uid, entry.pw_gid, follow_symlinks=False)

    def _spawn(self, programs: Programs) -> None:
        settings = self._settings | {"unix_socket_directories": str(self._socket), "port": str(PORT)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [programs.path("postgres"), "-D", str(self._data), *options]
        self._process = start_on_leash(command, log=self.log, death_signal=signal.SIGINT, user=programs.user)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.stop()
                raise self._failed()
            time.sleep(0.01)

    def _ready(self) -> bool:
        lines = _pid_file_lines(self._data)
        return len(lines) >= 8 and self.pid is not None and lines[0] == str(self.pid) and lines[7] == "ready"

    def _failed(self) -> EngineFailed:
        return EngineFailed(
            f"内置 PostgreSQL 未能启动，原因见 {self.log}。",
            f"The embedded PostgreSQL did not start; {self.log} says why.",
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def _socket_directory(directory: Path) -> Path:
    beside_data = directory / "socket"
    if len(str(beside_data / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return beside_data
    short = hashlib.sha256(str(directory).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"shouwang-{os.geteuid()}" / short


def _refuse_unreachable(directory: Path) -> None:
    barrier = barrier_for_others(directory)
    if barrier is not None:
        raise DirectoryRefused(
            f"PostgreSQL 不以 root 运行，而其他用户无法进入 {barrier}；请改用其他数据目录。",
            f"PostgreSQL does not run as root and other users cannot pass {barrier}; choose another data directory.",
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    # Fast shutdown; then without a checkpoint, which the next start makes up for; then whatever ends it.
    for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOPPED_WITHIN)
            return


def _end_orphan(data: Path) -> None:
    """Ends the server of a predecessor that was killed; we hold the directory, so no living one owns it."""
    lines = _pid_file_lines(data)
    if not lines:
        return
    pid = int(lines[0])
    deadline = time.monotonic() + STOPPED_WITHIN
    with contextlib.suppress(ProcessLookupError):
        while _serves(pid, data):
            # A second SIGINT does no harm to a server that is already going down.
            os.kill(pid, signal.SIGINT if time.monotonic() < deadline else signal.SIGQUIT)
            time.sleep(0.02)
    # The number may meanwhile belong to another process of the same user, which PostgreSQL would take for a rival.
    (data / "postmaster.pid").unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    if not Path("/proc/self").exists():
        # Without /proc (macOS) any living process of that number is taken for the server.
        os.kill(pid, 0)
        return True
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return False
    return str(data).encode() in words


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
    except FileNotFoundError:
        return []
