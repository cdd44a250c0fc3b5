"""A real Apache Kafka on loopback: one broker, or three that survive the loss of one, each also a KRaft controller.

For `make test-live` and `make run KAFKA=real`. Its data outlives it; its processes do not outlive their starter.
"""

from __future__ import annotations

import base64
import contextlib
import random
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from uuid import uuid4

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from launcher.engines.errors import EngineFailed
from launcher.engines.jars import java, kafka_jars
from launcher.engines.leash import start_on_leash
from launcher.engines.places import hold, own_directory

HOST = "127.0.0.1"
# Below the range from which the system takes the ports of outgoing connections: a broker that is down for a while
# finds its port free again.
PORTS = range(20_000, 32_000)
READY_LINE = b"Kafka Server started"
READY_WITHIN = 90.0
STOPPED_WITHIN = 10.0
MEMORY = ("-Xmx384m", "-XX:+UseSerialGC")
LOGGING = ("showDateTime=true", "dateTimeFormat=HH:mm:ss.SSS", "logFile=System.out")


@dataclass
class Broker:
    """One broker: its number from 1, its directory, its two ports, and its process while it runs."""

    number: int
    directory: Path
    port: int
    controller_port: int
    process: subprocess.Popen[bytes] | None = None
    log_seen: int = 0

    @property
    def properties(self) -> Path:
        """The file that Kafka is configured by."""
        return self.directory / "server.properties"

    @property
    def log(self) -> Path:
        """What the broker said, over all its starts."""
        return self.directory / "server.log"


class RealKafka:
    """A cluster of 1 or 3 brokers with its data in `directory`; brokers are named by index, from 0."""

    def __init__(self, directory: Path, *, brokers: int = 3, cache: Path | None = None) -> None:
        self.directory = directory.absolute()
        self._size = brokers
        self._cache = cache
        self._brokers: list[Broker] = []
        self._claim: IO[bytes] | None = None
        self._java: list[str] = []

    @property
    def bootstrap_servers(self) -> str:
        """The addresses of all brokers, also of those that are down."""
        return ",".join(f"{HOST}:{broker.port}" for broker in self._brokers)

    def start(self) -> None:
        """Returns when every broker answers; the first start also fetches Kafka and formats the storage."""
        self._java = [java(), "-cp", f"{kafka_jars(self._cache)}/*"]
        own_directory(self.directory)
        self._claim = hold(self.directory)
        try:
            ports = _free_ports(2 * self._size)
            self._brokers = [
                Broker(n, own_directory(self.directory / f"broker-{n}"), ports.pop(), ports.pop())
                for n in range(1, self._size + 1)
            ]
            for broker in self._brokers:
                broker.properties.write_text(_properties(broker, self._brokers))
            self._format()
            for broker in self._brokers:
                self._spawn(broker)
            for broker in self._brokers:
                self._wait_until_ready(broker)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends every broker, cleanly where it does so in time; nothing happens if none is running."""
        running = [broker.process for broker in self._brokers if broker.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOPPED_WITHIN
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # The last one may wait long for a quorum that is gone; what it acknowledged is on disk.
            process.kill()
            process.wait()
        for broker in self._brokers:
            broker.process = None
        if self._claim is not None:
            self._claim.close()
            self._claim = None

    def kill(self, index: int) -> None:
        """Ends one broker with SIGKILL, as a power cut would."""
        broker = self._brokers[index]
        if broker.process is not None:
            broker.process.kill()
            broker.process.wait()
            broker.process = None

    def restart(self, index: int) -> None:
        """Starts a killed broker again, on its data and its port; returns when it answers."""
        self._spawn(self._brokers[index])
        self._wait_until_ready(self._brokers[index])

    async def create_topic(self, name: str, partitions: int, *, compacted: bool) -> None:
        """Creates the topic on all brokers; one that exists already stays as it is."""
        policy = "compact" if compacted else "delete"
        topic = NewTopic(name, partitions, self._size, topic_configs={"cleanup.policy": policy})
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await admin.start()
        try:
            answer = await admin.create_topics([topic])
        finally:
            await admin.close()
        for _, code, *_ in answer.topic_errors:
            error = for_code(code)
            if error not in (NoError, TopicAlreadyExistsError):
                raise error(name)

    def _format(self) -> None:
        """Gives new storage the identity of the cluster; what is formatted already is left alone."""
        identity = self.directory / "cluster-id"
        if not identity.exists():
            identity.write_text(base64.urlsafe_b64encode(uuid4().bytes).decode().rstrip("="))
        # A short-lived program does not earn back the optimising compiler.
        command = [*self._java[:1], "-XX:TieredStopAtLevel=1", *MEMORY, *self._java[1:], "kafka.tools.StorageTool"]
        options = ["format", "--ignore-formatted", "-t", identity.read_text()]
        unformatted = [broker for broker in self._brokers if not (broker.directory / "data/meta.properties").exists()]
        formatting = [
            (broker, self._run([*command, *options, "-c", str(broker.properties)], broker)) for broker in unformatted
        ]
        for broker, process in formatting:
            if process.wait() != 0:
                raise _failed(broker)

    def _spawn(self, broker: Broker) -> None:
        broker.log_seen = broker.log.stat().st_size if broker.log.exists() else 0
        logging = [f"-Dorg.slf4j.simpleLogger.{setting}" for setting in LOGGING]
        command = [*self._java[:1], *MEMORY, *logging, *self._java[1:], "kafka.Kafka", str(broker.properties)]
        broker.process = self._run(command, broker)

    def _run(self, command: list[str], broker: Broker) -> subprocess.Popen[bytes]:
        # SIGKILL rather than SIGTERM: brokers that all lose their starter would wait for each other, and outlive it.
        return start_on_leash(command, log=broker.log, death_signal=signal.SIGKILL, directory=broker.directory)

    def _wait_until_ready(self, broker: Broker) -> None:
        deadline = time.monotonic() + READY_WITHIN
        with broker.log.open("rb") as log:
            log.seek(broker.log_seen)
            said = b""
            while READY_LINE not in said:
                said += log.read()
                if broker.process is None or broker.process.poll() is not None or time.monotonic() > deadline:
                    raise _failed(broker)
                time.sleep(0.05)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _properties(broker: Broker, brokers: list[Broker]) -> str:
    size = len(brokers)
    voters = ",".join(f"{each.number}@{HOST}:{each.controller_port}" for each in brokers)
    listeners = f"BROKER://{HOST}:{broker.port},CONTROLLER://{HOST}:{broker.controller_port}"
    settings = {
        "process.roles": "broker,controller",
        "node.id": broker.number,
        "controller.quorum.voters": voters,
        "listeners": listeners,
        "advertised.listeners": f"BROKER://{HOST}:{broker.port}",
        "listener.security.protocol.map": "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "BROKER",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": broker.directory / "data",
        "auto.create.topics.enable": "false",
        "default.replication.factor": size,
        # Three brokers acknowledge nothing that the loss of one could undo.
        "min.insync.replicas": min(2, size),
        "offsets.topic.replication.factor": size,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": size,
        "transaction.state.log.min.isr": min(2, size),
        "share.coordinator.state.topic.replication.factor": size,
        "share.coordinator.state.topic.min.isr": min(2, size),
        "group.initial.rebalance.delay.ms": 0,
        # A killed broker is noticed after six seconds instead of nine.
        "broker.session.timeout.ms": 6000,
        "broker.heartbeat.interval.ms": 1000,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _free_ports(count: int) -> list[int]:
    free: list[int] = []
    for port in random.sample(PORTS, len(PORTS)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            free.append(port)
        if len(free) == count:
            break
    return free


def _failed(broker: Broker) -> EngineFailed:
    return EngineFailed(
        f"Kafka 第 {broker.number} 号节点未能启动，原因见 {broker.log}。",
        f"Kafka broker {broker.number} did not start; {broker.log} says why.",
    )
