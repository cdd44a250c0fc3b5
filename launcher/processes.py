"""The five services as child processes: started with their settings, waited for, kept running, stopped in order.

A child cannot outlive the launcher, however that one ends. A child that ends by itself is started again, as a
cluster would do it; one that ends again and again stops the run.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from launcher.engines.leash import start_on_leash
from launcher.errors import ServiceFailed
from launcher.options import PROJECT
from launcher.ports import HOST
from launcher.run_directory import RunDirectory
from launcher.telling import Teller

READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 15.0
MOST_RESTARTS = 5
"""Within a minute; beyond that starting again helps nobody."""
_LOOK_EVERY_S = 0.2
_AWAITED = {"relay", "consumer"}


@dataclass(slots=True)
class Child:
    """One service and its process."""

    name: str
    port: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ends: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_RESTARTS))

    @property
    def module(self) -> str:
        return "gateway" if self.name == "gateway" else f"services.{self.name}"

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        self.process = start_on_leash(
            [sys.executable, "-m", self.module, "serve"],
            log=self.log,
            # What a service acknowledged is safe by design, so nothing is gained by letting an orphan go on.
            death_signal=signal.SIGKILL,
            directory=PROJECT,
            environment={**os.environ, **self.environment},
        )

    @property
    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def fails_again_and_again(self) -> bool:
        """Count one end; true when there were too many within a minute."""
        now = time.monotonic()
        self.ends.append(now)
        return len(self.ends) == MOST_RESTARTS and now - self.ends[0] < 60

    def last_words(self) -> str:
        """The last line of its log, which is where a service says why it does not start."""
        with contextlib.suppress(OSError):
            lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
            if lines:
                return lines[-1][:400]
        return "it said nothing"


class Children:
    """All services of a run. Whoever starts them stops them."""

    def __init__(self, children: Sequence[Child], teller: Teller, directory: RunDirectory) -> None:
        self._children = children
        self._teller = teller
        self._directory = directory
        self.restarts = 0

    async def start(self) -> None:
        """Return when all are ready; if one is not, all are ended and ServiceFailed says why."""
        for child in self._children:
            self._directory.keep_log(child.name)
        try:
            for child in self._children:
                child.start()
            async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
                await asyncio.gather(*(_ready(child, client) for child in self._children))
        except BaseException:
            await self.stop()
            raise

    async def keep_running(self) -> None:
        """Start again what ended; raises ServiceFailed when that does not help."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            for child in self._children:
                if child.ended:
                    if child.fails_again_and_again():
                        raise ServiceFailed(child.name, child.last_words(), child.log)
                    self.restarts += 1
                    self._teller.say(
                        f"服务 {child.name} 意外结束，已重新启动。", f"The service {child.name} ended; started again."
                    )
                    child.start()

    async def stop(self) -> None:
        """End all, in time or by force; those that ended already are let be."""
        running = [child.process for child in self._children if child.process is not None]
        for process in running:
            process.terminate()
        await asyncio.to_thread(_wait_or_kill, running)


def _wait_or_kill(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + STOPPED_WITHIN_S
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
            continue
        process.kill()
        process.wait()


async def readiness(child: Child, client: httpx.AsyncClient) -> dict[str, Any] | None:
    """What /readyz says, or None while nobody answers or the answer is no."""
    with contextlib.suppress(httpx.HTTPError):
        answer = await client.get(f"{child.address}/readyz")
        if answer.status_code == 200:
            body: dict[str, Any] = answer.json()
            return body
    return None


async def _ready(child: Child, client: httpx.AsyncClient) -> None:
    """Return when the service serves, sends and reads; raises ServiceFailed when it ends or takes too long."""
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        body = await readiness(child, client)
        if body is not None and not _AWAITED & set(body["degraded"]):
            return
        if child.ended:
            raise ServiceFailed(child.name, child.last_words(), child.log)
        if time.monotonic() > deadline:
            raise ServiceFailed(child.name, f"not ready within {READY_WITHIN_S:.0f} s", child.log)
        await asyncio.sleep(0.05)
