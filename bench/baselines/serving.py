"""Baselines are served as the real processes are: one uvicorn worker, httptools, no access log."""

import os

import uvicorn
from fastapi import FastAPI


def serve(app: FastAPI) -> None:
    """Answer on the port that the environment names."""
    port = int(os.environ["SHOUWANG_LISTEN_PORT"])
    uvicorn.run(app, port=port, http="httptools", ws="none", access_log=False, log_level="warning", server_header=False)


def database() -> str:
    """The database as asyncpg wants it."""
    return os.environ["SHOUWANG_DATABASE_URL"].replace("postgresql+asyncpg", "postgresql")
