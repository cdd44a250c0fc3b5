"""The two engines of a run, up with their databases and topics; ended in order when the run ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from chassis.migrations import migrate
from launcher.engines.broker import EmbeddedBrokerProcess
from launcher.engines.jars import java, kafka_jars
from launcher.engines.kafka import RealKafka
from launcher.engines.postgres import EmbeddedPostgres
from launcher.options import Broker
from launcher.run_directory import RunDirectory
from launcher.telling import Stopwatch, Teller
from launcher.topics import EMBEDDED_PARTITIONS, PROCESSES, REAL_PARTITIONS, TOPICS


@dataclass(frozen=True, slots=True)
class Engines:
    postgres: EmbeddedPostgres
    broker: Broker
    bootstrap_servers: str

    @property
    def partitions(self) -> int:
        """Of each topic."""
        return EMBEDDED_PARTITIONS if self.broker is Broker.EMBEDDED else REAL_PARTITIONS


@asynccontextmanager
async def standing_engines(directory: RunDirectory, broker: Broker, teller: Teller) -> AsyncIterator[Engines]:
    """Both engines, with migrated databases and every topic. What is missing is named before anything starts."""
    async with AsyncExitStack() as stack:
        if broker is Broker.REAL:
            with teller.doing("正在准备 Apache Kafka…", "Getting Apache Kafka ready…"):
                java()
                await asyncio.to_thread(kafka_jars)
        watch = Stopwatch()
        with teller.doing("正在启动 PostgreSQL…", "Starting PostgreSQL…"):
            postgres = await stack.enter_async_context(EmbeddedPostgres(directory.postgres))
        teller.say(f"PostgreSQL 内置，{watch} 就绪", f"PostgreSQL  embedded, ready in {watch}")
        watch = Stopwatch()
        with teller.doing("正在启动 Kafka…", "Starting Kafka…"):
            started = await (_real(stack, directory) if broker is Broker.REAL else _embedded(stack))
        _tell_kafka(teller, broker, started, watch)
        await _databases(postgres, teller)
        yield Engines(postgres, broker, started)


def _tell_kafka(teller: Teller, broker: Broker, address: str, watch: Stopwatch) -> None:
    if broker is Broker.REAL:
        teller.say(
            f"Kafka      真实 Apache Kafka，地址 {address}，{watch} 就绪",
            f"Kafka       a real Apache Kafka at {address}, ready in {watch}",
        )
    else:
        teller.say(
            f"Kafka      内置（Kafka 协议），地址 {address}，{watch} 就绪",
            f"Kafka       embedded (Kafka protocol) at {address}, ready in {watch}",
        )


async def _embedded(stack: AsyncExitStack) -> str:
    process = EmbeddedBrokerProcess({topic.name: EMBEDDED_PARTITIONS for topic in TOPICS})
    stack.push_async_callback(asyncio.to_thread, process.stop)
    await asyncio.to_thread(process.start)
    return process.bootstrap_servers


async def _real(stack: AsyncExitStack, directory: RunDirectory) -> str:
    kafka = RealKafka(directory.kafka, brokers=1)
    stack.push_async_callback(asyncio.to_thread, kafka.stop)
    await asyncio.to_thread(kafka.start)
    for topic in TOPICS:
        await kafka.create_topic(topic.name, REAL_PARTITIONS, compacted=topic.compacted)
    return kafka.bootstrap_servers


async def _databases(postgres: EmbeddedPostgres, teller: Teller) -> None:
    watch = Stopwatch()
    with teller.doing("正在更新数据库结构…", "Migrating the databases…"):
        for name in PROCESSES:
            await postgres.create_database(name)
            await migrate(postgres.url(name), name)
    teller.say(
        f"数据库     {'、'.join(PROCESSES)} 已更新（{watch}）",
        f"Databases   {', '.join(PROCESSES)}: migrated ({watch})",
    )
