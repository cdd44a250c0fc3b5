"""The fixtures that other tests stand on keep tests apart from each other and from the network."""

from __future__ import annotations

import socket

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from pytest_socket import SocketBlockedError, SocketConnectBlockedError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from launcher.engines.postgres import EmbeddedPostgres
from tests.engines import FreshDatabase, RolledBack, Topics


def test_sockets_are_closed() -> None:
    with pytest.warns(match="socket"), pytest.raises(SocketBlockedError):
        socket.create_connection(("127.0.0.1", 9))


def test_loopback_is_all_that_its_fixture_opens(loopback: None) -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", 9))
    with pytest.warns(match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("192.0.2.1", 9))


async def test_unix_sockets_are_open(postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.dsn("postgres"))
    await connection.close()


@pytest.mark.parametrize("turn", [1, 2])
async def test_topics_of_a_test_are_its_own(turn: int, kafka: Topics) -> None:
    await kafka.create_topics("relief")
    name = f"{kafka.prefix}shouwang.relief.state"
    async with AIOKafkaProducer(bootstrap_servers=kafka.bootstrap_servers) as producer:
        assert await producer.partitions_for(name) == {0, 1, 2, 3}
        assert (await producer.send_and_wait(name, b"state", partition=0)).offset == 0


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_fresh_database_is_migrated_and_its_test_alone_writes_to_it(
    turn: int, fresh_database: FreshDatabase
) -> None:
    engine = create_async_engine(await fresh_database("relief"))
    async with engine.begin() as connection:
        assert await connection.scalar(text("select to_regclass('chassis.chassis_version')")) is not None
        await connection.execute(text("create table seen_by_one_test_only ()"))
    await engine.dispose()
    second = create_async_engine(await fresh_database("relief"))
    async with second.connect() as connection:
        assert await connection.scalar(text("select to_regclass('seen_by_one_test_only')")) is None
    await second.dispose()


@pytest.mark.parametrize("turn", [1, 2])
async def test_what_a_rolled_back_test_wrote_is_gone_in_the_next(turn: int, rolled_back: RolledBack) -> None:
    connection = await rolled_back("relief")
    await connection.execute(text("create table written_and_rolled_back ()"))
