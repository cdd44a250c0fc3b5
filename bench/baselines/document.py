"""An ordinary FastAPI app that answers the stored document of a case as it is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from fastapi import FastAPI, Request, Response

from bench.baselines.serving import database, serve


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(database(), min_size=8, max_size=8) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=_lifespan)


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}


@app.get("/cases/{case_id}")
async def get_case(case_id: UUID, request: Request) -> Response:
    body = await request.app.state.pool.fetchval("select document::text from case_file where id = $1", case_id)
    return Response(body, media_type="application/json")


if __name__ == "__main__":
    serve(app)
