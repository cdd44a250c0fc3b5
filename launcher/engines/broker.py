"""The embedded broker: librdkafka's in-memory cluster, which speaks the Kafka protocol on loopback.

It lives in this process (tests), or in one of its own that ends with its starter (`python -m launcher.engines.broker`).
It keeps nothing on disk, compacts nothing, drops the oldest beyond some 5 MB per partition, and cannot be asked for
topics over the protocol: they are created here, through the C functions that the wheel exports.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from launcher.engines.errors import EngineFailed, PrerequisiteMissing

PRODUCER = 0
ALL_BROKERS = -1
NO_ERROR = 0
TOPIC_ALREADY_EXISTS = 36
STOPPED_WITHIN = 5.0
PROJECT = Path(__file__).parents[2]


class EmbeddedBroker:
    """A cluster of `brokers` in-memory brokers within this process; groups form without delay."""

    def __init__(self, brokers: int = 1) -> None:
        self._brokers = brokers
        self._client: int | None = None
        self._cluster: int | None = None
        self.bootstrap_servers = ""

    def start(self) -> None:
        """Returns when the brokers listen, each on a free port of loopback."""
        library = _library()
        configuration = library.rd_kafka_conf_new()
        reason = ctypes.create_string_buffer(512)
        # The client is only the cluster's bookkeeper and would complain that it has no broker to talk to.
        library.rd_kafka_conf_set(configuration, b"log_level", b"0", reason, len(reason))
        self._client = library.rd_kafka_new(PRODUCER, configuration, reason, len(reason))
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, self._brokers) if self._client else None
        if self._cluster is None:
            raise _failed(reason.value.decode())
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        self.bootstrap_servers = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()

    def stop(self) -> None:
        """Ends the cluster with everything in it; nothing happens if it is not running."""
        if self._cluster is not None:
            _library().rd_kafka_mock_cluster_destroy(self._cluster)
            self._cluster = None
        if self._client is not None:
            _library().rd_kafka_destroy(self._client)
            self._client = None

    def create_topic(self, name: str, partitions: int) -> None:
        """Creates the topic; one that exists already keeps its partitions."""
        code = _library().rd_kafka_mock_topic_create(self._running(), name.encode(), partitions, self._brokers)
        if code not in (NO_ERROR, TOPIC_ALREADY_EXISTS):
            raise _failed(f"topic {name}: error {code}")

    def delete_topic(self, name: str) -> None:
        """Removes the topic with everything in it; created again it starts at offset 0, as a replaced log does."""
        _check(_library().rd_kafka_mock_topic_delete(self._running(), name.encode()))

    def delete_records(self, topic: str, partition: int, *, before: int) -> None:
        """Drops what stands before the offset, as the broker does by itself when a partition grows too large."""
        _check(_library().rd_kafka_mock_partition_delete_records(self._running(), topic.encode(), partition, before))

    def inject_errors(self, api_key: int, codes: Sequence[int]) -> None:
        """Answers the next requests of that kind (0 is Produce, 1 Fetch) with these Kafka error codes, in turn."""
        array = (ctypes.c_int * len(codes))(*codes)
        _library().rd_kafka_mock_push_request_errors_array(self._running(), api_key, len(codes), array)

    def go_down(self, broker: int = ALL_BROKERS) -> None:
        """Cuts the connections of one broker (they count from 1) or all, and accepts none; the data stays."""
        _check(_library().rd_kafka_mock_broker_set_down(self._running(), broker))

    def come_up(self, broker: int = ALL_BROKERS) -> None:
        """Accepts connections again."""
        _check(_library().rd_kafka_mock_broker_set_up(self._running(), broker))

    def _running(self) -> int:
        if self._cluster is None:
            raise _failed("not started")
        return self._cluster

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


class EmbeddedBrokerProcess:
    """The embedded broker in a process of its own, with its topics; ends when its starter does, in whatever way."""

    def __init__(self, topics: Mapping[str, int], *, brokers: int = 1) -> None:
        self._topics = topics
        self._brokers = brokers
        self._process: subprocess.Popen[str] | None = None
        self.bootstrap_servers = ""

    def start(self) -> None:
        """Returns when the broker listens and has its topics."""
        topics = ",".join(f"{name}:{partitions}" for name, partitions in self._topics.items())
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, "--topics", topics, "--brokers", str(self._brokers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            # Ctrl-C in the terminal is for the starter, which stops things in order.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self.stop()
            raise _failed("its process ended")
        self.bootstrap_servers = json.loads(line)["bootstrap_servers"]

    @property
    def pid(self) -> int | None:
        """The broker's process, while it runs."""
        return None if self._process is None else self._process.pid

    def stop(self) -> None:
        """Ends the broker; nothing happens if it is not running."""
        if self._process is None:
            return
        with self._process as process:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


@cache
def _library() -> Any:
    try:
        # Looked up through the extension module that is linked with it, librdkafka needs not be found by name.
        from confluent_kafka import cimpl
    except ImportError as missing:
        raise PrerequisiteMissing(
            "缺少 Python 包 confluent-kafka（内置消息服务），请先运行 make install。",
            "The Python package confluent-kafka (the embedded broker) is missing; run make install first.",
        ) from missing
    library = ctypes.CDLL(cimpl.__file__)
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


_POINTER, _TEXT, _INT, _SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
_SIGNATURES: Mapping[str, tuple[Any, tuple[Any, ...]]] = {
    "rd_kafka_conf_new": (_POINTER, ()),
    "rd_kafka_conf_set": (_INT, (_POINTER, _TEXT, _TEXT, _TEXT, _SIZE)),
    "rd_kafka_new": (_POINTER, (_INT, _POINTER, _TEXT, _SIZE)),
    "rd_kafka_destroy": (None, (_POINTER,)),
    "rd_kafka_mock_cluster_new": (_POINTER, (_POINTER, _INT)),
    "rd_kafka_mock_cluster_destroy": (None, (_POINTER,)),
    "rd_kafka_mock_cluster_bootstraps": (_TEXT, (_POINTER,)),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (_POINTER, ctypes.c_int32)),
    "rd_kafka_mock_topic_create": (_INT, (_POINTER, _TEXT, _INT, _INT)),
    "rd_kafka_mock_topic_delete": (_INT, (_POINTER, _TEXT)),
    "rd_kafka_mock_partition_delete_records": (_INT, (_POINTER, _TEXT, ctypes.c_int32, ctypes.c_int64)),
    "rd_kafka_mock_push_request_errors_array": (None, (_POINTER, ctypes.c_int16, _SIZE, _POINTER)),
    "rd_kafka_mock_broker_set_down": (_INT, (_POINTER, ctypes.c_int32)),
    "rd_kafka_mock_broker_set_up": (_INT, (_POINTER, ctypes.c_int32)),
}


def _check(code: int) -> None:
    if code != NO_ERROR:
        raise _failed(f"error {code}")


def _failed(reason: str) -> EngineFailed:
    return EngineFailed(f"内置消息服务出错：{reason}。", f"The embedded broker failed: {reason}.")


def _topic(text: str) -> tuple[str, int]:
    name, _, partitions = text.partition(":")
    return name, int(partitions)


def main() -> None:
    """Runs the broker until standard input ends, which it does when the starter ends; says its address in JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--topics", default="", help="name:partitions, separated by commas")
    parser.add_argument("--brokers", type=int, default=1)
    arguments = parser.parse_args()
    with EmbeddedBroker(arguments.brokers) as broker:
        for name, partitions in map(_topic, filter(None, arguments.topics.split(","))):
            broker.create_topic(name, partitions)
        print(json.dumps({"bootstrap_servers": broker.bootstrap_servers}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
