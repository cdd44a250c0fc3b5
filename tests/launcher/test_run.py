"""A whole run on a tiny town: cut off by SIGKILL in the middle, finished by a second start, told again by a third.

What must be flagged is told by the town's own story, and nothing of it may be lost or doubled by the cut.
"""

import random
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.errors import PortTaken
from launcher.options import PROJECT
from launcher.ports import HOST, ports_from, refuse_taken
from sampletown import build_town

SEED = 5
FLAGGED = "shouwang.monitoring.household-flagged.v1"
COMPARED = "shouwang.monitoring.comparison-completed.v1"


@pytest.fixture
def first_port(loopback: None) -> int:
    """Five ports in a row that nobody listens on."""
    while True:
        port = random.randrange(20_000, 31_990)
        try:
            refuse_taken(ports_from(port))
        except PortTaken:
            continue
        return port


@pytest.fixture
def command(engines_directory: Path, first_port: int) -> list[str]:
    where = ["--port", str(first_port), "--data", str(engines_directory / "run")]
    return [sys.executable, "-m", "launcher", "--scale", "tiny", "--seed", str(SEED), "--once", *where]


def start(command: list[str]) -> subprocess.Popen[str]:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, text=True, cwd=PROJECT, env={"LANG": "C"}, **streams)  # type: ignore[call-overload,no-any-return]


def lines_until(process: subprocess.Popen[str], beginning: str) -> Iterator[str]:
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if line.startswith(beginning):
            return
    pytest.fail(f"the run ended before it said {beginning!r}")


def wait_until_nobody_listens(ports: dict[str, int]) -> None:
    for port in ports.values():
        while True:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, port)) != 0:
                    break


def events(said: str) -> dict[str, int]:
    """The counts by type that the independent consumer ended with."""
    words = [line.split() for line in said.splitlines() if line.startswith("Events") and ".v1" in line]
    return {kind: int(count) for _, count, kind in words}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_is_killed_is_finished_by_the_next_and_loses_no_event(command: list[str], first_port: int) -> None:
    with start(command) as killed:
        list(lines_until(killed, "2023-10"))
        killed.send_signal(signal.SIGKILL)
    wait_until_nobody_listens(ports_from(first_port))

    finished = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env={"LANG": "C"}, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "Registry" not in finished.stdout  # imported by the first start, kept
    assert "2023-09     7 files" not in finished.stdout
    assert "2024-07     7 files" in finished.stdout
    told = events(finished.stdout)
    assert told[FLAGGED] == len(build_town(SEED, "tiny").truth().flags)
    assert told[COMPARED] == 12 * 7
    assert "identified in 2 villages, as the story has it" in finished.stdout
    assert told["shouwang.monitoring.household-identified.v1"] > 0

    again = subprocess.run(command, capture_output=True, text=True, cwd=PROJECT, env={"LANG": "C"}, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert f"{sum(told.values())} earlier events were sent again" in again.stdout
    assert events(again.stdout) == told
    assert " files, " not in again.stdout


def test_a_port_in_use_ends_the_run_with_one_line_of_each_language(command: list[str], first_port: int) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, first_port + 2))
        taken.listen()
        ended = subprocess.run(
            command, capture_output=True, text=True, cwd=PROJECT, env={"LANG": "C.UTF-8"}, check=False
        )
    assert ended.returncode == 1
    assert ended.stdout == ""
    zh, en = ended.stderr.splitlines()
    assert f"端口 {first_port + 2}（assets）" in zh
    assert f"Port {first_port + 2} (for assets)" in en
