"""The embedded PostgreSQL: what it keeps, what it refuses, what it leaves behind when its starter is killed."""

from __future__ import annotations

import asyncio
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import asyncpg
import pytest

from launcher.engines.errors import DirectoryRefused, EngineFailed, EngineInUse
from launcher.engines.postgres import EmbeddedPostgres
from launcher.engines.programs import INSTALLATION, WHEEL, postgres_programs, programs_open_to_others, wheel_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")


@pytest.fixture
def directory(engines_directory: Path, request: pytest.FixtureRequest) -> Path:
    return engines_directory / str(request.node.name)[5:45]


async def value(postgres: EmbeddedPostgres, query: str, database: str = "postgres") -> object:
    connection = await asyncpg.connect(postgres.dsn(database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def wait_for_the_end_of(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with os.fdopen(process) as ended:
        assert select.select([ended], [], [], 20)[0]


async def test_it_is_a_postgresql_18_with_a_hundred_connections_in_utc(postgres: EmbeddedPostgres) -> None:
    assert str(await value(postgres, "show server_version")).startswith("18.")
    assert await value(postgres, "show max_connections") == "100"
    assert await value(postgres, "show timezone") == "UTC"


async def test_it_does_not_listen_on_the_network(postgres: EmbeddedPostgres) -> None:
    assert await value(postgres, "show listen_addresses") == ""


def test_only_its_owner_reaches_the_socket(postgres: EmbeddedPostgres) -> None:
    socket_directory = Path(postgres.dsn("").partition("host=")[2])
    assert (socket_directory / ".s.PGSQL.5432").is_socket()
    assert stat.S_IMODE(socket_directory.stat().st_mode) == 0o700


async def test_the_town_flushes_to_disk_and_tests_do_not(directory: Path, postgres: EmbeddedPostgres) -> None:
    assert await value(postgres, "show fsync") == "off"
    with EmbeddedPostgres(directory) as durable:
        assert await value(durable, "show fsync") == "on"
        assert await value(durable, "show synchronous_commit") == "on"


async def test_text_sorts_by_code_point_on_every_machine(postgres: EmbeddedPostgres) -> None:
    assert await value(postgres, "select array_agg(t order by t) from unnest(array['b','B','a','牧']) t") == [
        "B",
        "a",
        "b",
        "牧",
    ]


async def test_a_second_start_keeps_the_data(directory: Path) -> None:
    async with EmbeddedPostgres(directory, durable=False) as postgres:
        assert await postgres.create_database("town")
    async with EmbeddedPostgres(directory, durable=False) as postgres:
        assert not await postgres.create_database("town")


async def test_a_crashed_server_is_started_again_over_its_stale_pid_file(directory: Path) -> None:
    with EmbeddedPostgres(directory) as postgres:
        await postgres.create_database("town")
        assert postgres.pid is not None
        os.kill(postgres.pid, signal.SIGKILL)
    assert (directory / "data" / "postmaster.pid").exists()
    with EmbeddedPostgres(directory) as postgres:
        assert not await postgres.create_database("town")


async def test_a_pid_file_that_names_another_process_does_not_stop_the_start(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        pass
    pid_file = directory / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{directory / 'data'}\n0\n5432\n/nowhere\n\n0 0\nready\n")
    pid_file.chmod(0o666)
    with EmbeddedPostgres(directory, durable=False) as postgres:
        assert await value(postgres, "select 1") == 1


async def test_a_creation_that_was_cut_off_is_begun_anew(directory: Path) -> None:
    half = directory / "data.unfinished"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(directory, durable=False) as postgres:
        assert await value(postgres, "select 1") == 1


def test_a_directory_in_use_is_refused(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False), pytest.raises(EngineInUse) as refused:
        EmbeddedPostgres(directory, durable=False).start()
    assert str(directory) in refused.value.message_zh


async def test_two_run_beside_each_other(directory: Path, postgres: EmbeddedPostgres) -> None:
    with EmbeddedPostgres(directory, durable=False) as second:
        await second.create_database("only_in_the_second")
        query = "select count(*) from pg_database where datname = 'only_in_the_second'"
        assert (await value(second, query), await value(postgres, query)) == (1, 0)


async def test_a_copied_database_has_what_its_template_has(postgres: EmbeddedPostgres) -> None:
    await postgres.create_database("original")
    await value(postgres, "create table household as select 7 as members", "original")
    await postgres.create_database("copied", template="original")
    assert await value(postgres, "select members from household", "copied") == 7
    await postgres.drop_database("copied")
    await postgres.drop_database("copied")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await value(postgres, "select 1", "copied")


def test_a_server_that_cannot_start_names_its_log(directory: Path) -> None:
    with EmbeddedPostgres(directory, durable=False):
        pass
    (directory / "data" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EngineFailed, match=r"postgres\.log"):
        EmbeddedPostgres(directory, durable=False).start()
    assert "no_such_setting" in (directory / "postgres.log").read_text()


STARTER = """
import signal, sys
from pathlib import Path
from launcher.engines.postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as postgres:
    print(postgres.pid, flush=True)
    signal.pause()
"""


def test_a_killed_starter_leaves_no_server_and_no_damage(directory: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)
    # At once, while the old server may still be going down.
    with EmbeddedPostgres(directory) as successor:
        assert asyncio.run(value(successor, "select 1")) == 1
        wait_for_the_end_of(pid)


def test_the_end_of_the_thread_that_started_it_does_not_end_the_server(directory: Path) -> None:
    postgres = EmbeddedPostgres(directory, durable=False)
    starter = threading.Thread(target=postgres.start)
    starter.start()
    starter.join()
    try:
        assert postgres.pid is not None
        with os.fdopen(os.pidfd_open(postgres.pid)) as server:
            assert not select.select([server], [], [], 0.2)[0]
    finally:
        postgres.stop()


def test_an_orphan_is_ended_before_its_directory_is_used_again(directory: Path) -> None:
    programs = postgres_programs(copy_into=directory)
    with EmbeddedPostgres(directory, durable=False):
        pass
    options = ("-c", "listen_addresses=", "-c", f"unix_socket_directories={directory / 'socket'}")
    orphan = subprocess.Popen(
        [programs.path("postgres"), "-D", str(directory / "data"), *options],
        user=programs.user,
        stderr=subprocess.DEVNULL,
        cwd="/",
    )
    with orphan:
        pid_file = directory / "data" / "postmaster.pid"
        while not (pid_file.exists() and "ready" in pid_file.read_text()):
            assert orphan.poll() is None
        with EmbeddedPostgres(directory, durable=False) as successor:
            assert orphan.wait(10) == 0
            assert successor.pid != orphan.pid


def test_a_deep_directory_gets_its_socket_elsewhere(engines_directory: Path) -> None:
    postgres = EmbeddedPostgres(engines_directory / ("d" * 60) / ("e" * 60))
    assert len(postgres.dsn("").partition("host=")[2]) < 80


def test_a_foreign_directory_is_refused(engines_directory: Path) -> None:
    link = engines_directory / "link"
    link.symlink_to("/usr")
    with pytest.raises(DirectoryRefused):
        EmbeddedPostgres(link).start()


@as_root
def test_a_directory_behind_a_closed_door_is_refused_and_the_door_stays_closed(engines_directory: Path) -> None:
    home = engines_directory / "home"
    home.mkdir(mode=0o700)
    with pytest.raises(DirectoryRefused, match=str(home)):
        EmbeddedPostgres(home / "data").start()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@as_root
def test_a_wheel_behind_a_closed_door_is_copied_to_where_it_can_run(engines_directory: Path) -> None:
    installed, home, room = wheel_directory(), engines_directory / "closed", engines_directory / "room"
    shutil.copytree(installed / INSTALLATION, home / WHEEL / INSTALLATION)
    shutil.copytree(installed.parent / f"{WHEEL}.libs", home / f"{WHEEL}.libs")
    home.chmod(0o700)
    programs = programs_open_to_others(home / WHEEL, room) / INSTALLATION / "bin"
    assert programs.is_relative_to(room)
    # initdb needs a library that lies beside the wheel.
    said = subprocess.run([programs / "initdb", "--version"], user="nobody", capture_output=True, check=True, cwd="/")
    assert b" 18." in said.stdout
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
