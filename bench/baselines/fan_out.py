"""A composing gateway of the usual kind, tuned: four parts of 1.4 KB fetched live through httpx on aiohttp.

The parts come from `parts.py`, a process of its own, which answers from memory.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI, Request
from httpx_aiohttp import AiohttpTransport

from bench.baselines.serving import serve

PARTS = 4


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(
        transport=AiohttpTransport(limits=httpx.Limits(max_connections=256, max_keepalive_connections=256)),
        base_url=os.environ["SHOUWANG_PARTS"],
    ) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}


@app.get("/overview")
async def overview(request: Request) -> dict[str, Any]:
    client: httpx.AsyncClient = request.app.state.client
    answers = await asyncio.gather(*(client.get(f"/parts/{number}") for number in range(PARTS)))
    return {str(number): answer.json() for number, answer in enumerate(answers)}


if __name__ == "__main__":
    serve(app)
