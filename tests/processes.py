"""A service as a process of its own, for tests that kill one: `async with running(environment) as process`."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
_READY_S, _DEATH_S = 30.0, 60.0


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    process: "subprocess.Popen[bytes]"
    client: httpx.AsyncClient

    async def died(self) -> None:
        """Wait for its death, which is by SIGKILL."""
        code = await asyncio.to_thread(self.process.wait, _DEATH_S)
        assert code == -signal.SIGKILL, f"it ended with {code}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@asynccontextmanager
async def running(environment: dict[str, str], module: str = "services.monitoring") -> AsyncIterator[ServiceProcess]:
    """Start it and wait until it answers; it is killed at the end unless it is dead."""
    port = free_port()
    process = subprocess.Popen(  # noqa: ASYNC220 -- it is only started here, and takes no time to
        [sys.executable, "-m", module, "serve"],
        cwd=ROOT,
        env=environment | {"SHOUWANG_LISTEN_PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            await _ready(process, client)
            yield ServiceProcess(process, client)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


async def _ready(process: "subprocess.Popen[bytes]", client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(_READY_S):
        while process.poll() is None:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
