"""The load generator, a process of its own: reads bursts as JSON lines, sends them, answers the rate of each.

`Load` is the side of the measures; `python -m bench.load` is the process.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, Self
from uuid import uuid4

import aiohttp

from bench.households import household

CLIENTS = 32
_numbers = count()


class UnexpectedAnswer(RuntimeError):
    """A burst counts only when every request was answered as planned."""


@dataclass(frozen=True, slots=True)
class Burst:
    """`requests` requests by `clients` clients at once: POSTs of new households from `first` on, or GETs of `urls`."""

    requests: int
    urls: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)
    first: int | None = None
    clients: int = CLIENTS
    status: int = 200


class Load:
    """The load generator's process; use it as a context manager."""

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()

    async def get(self, requests: int, urls: Sequence[str], headers: dict[str, str] | None = None) -> float:
        """Requests per second."""
        return await self._run(Burst(requests, urls, headers or {}))

    async def register(self, requests: int, url: str, headers: dict[str, str] | None = None) -> float:
        """Registrations of new households per second."""
        first = next(_numbers) * 10_000
        return await self._run(Burst(requests, [url], headers or {}, first, status=201))

    async def _run(self, burst: Burst) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(burst)).encode() + b"\n")
        answer = json.loads(await self._process.stdout.readline())
        if "error" in answer:
            raise UnexpectedAnswer(answer["error"])
        return float(answer["rate"])


async def _sent(session: aiohttp.ClientSession, burst: Burst) -> float:
    bodies = (
        []
        if burst.first is None
        else [json.dumps(household(burst.first + number)).encode() for number in range(burst.requests)]
    )
    left = iter(range(burst.requests))

    async def client() -> None:
        for number in left:
            url = burst.urls[number % len(burst.urls)]
            headers = dict(burst.headers)
            if bodies:
                headers |= {"Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
            async with session.request(
                "POST" if bodies else "GET", url, data=bodies[number] if bodies else None, headers=headers
            ) as answer:
                content = await answer.read()
                if answer.status != burst.status:
                    raise UnexpectedAnswer(f"{answer.status}: {content[:300]!r}")

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(min(burst.clients, burst.requests))))
    return burst.requests / (time.perf_counter() - started)


async def _serve() -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        while line := await asyncio.to_thread(sys.stdin.readline):
            fields: dict[str, Any] = json.loads(line)
            try:
                answer: dict[str, Any] = {"rate": await _sent(session, Burst(**fields))}
            except (UnexpectedAnswer, aiohttp.ClientError) as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve())
