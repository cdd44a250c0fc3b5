"""Answers the parts that fan_out.py composes: 1.4 KB of JSON each, from memory, as fast as FastAPI can."""

import json

from fastapi import FastAPI, Response

from bench.baselines.serving import serve

_PART = json.dumps({f"figure-{number:03}": f"{number:08}" for number in range(52)}).encode()
app = FastAPI()


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ready"}


@app.get("/parts/{number}")
async def part(number: int) -> Response:
    return Response(_PART, media_type="application/json")


if __name__ == "__main__":
    serve(app)
