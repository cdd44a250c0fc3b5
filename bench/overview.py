"""G1: a town's overview from the gateway's own projection, against a tuned live fan-out over four services."""

import asyncio
import time

import aiohttp

from bench.households import TOWN
from bench.load import Load, UnexpectedAnswer
from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings

_HOUSEHOLDS = 200
_WITHIN_S = 40.0


async def g1(around: Surroundings, size: Size) -> Measured:
    monitoring = await around.service(
        "services.monitoring", await around.database("told", "monitoring"), heartbeat_s="0.2"
    )
    gateway = await around.service(
        "gateway",
        await around.database("gateway", "gateway"),
        signing_key_file=str(around.directory / "signing.json"),
        services="{}",
    )
    parts = await around.baseline("parts")
    base = await around.baseline("fan_out", parts=parts.url)
    headers = around.token()
    address = f"{gateway.url}/v1/towns/{TOWN}/overview"
    async with Load() as load:
        await load.register(_HOUSEHOLDS, f"{monitoring.url}/v1/households", headers)
        await _told(address, headers)
        rates = await interleaved(
            {
                "ours": lambda: load.get(size.reads, [address], headers),
                "base": lambda: load.get(max(size.reads // 4, 4), [f"{base.url}/overview"]),
            },
            size.rounds,
        )
    found = ratios(rates["ours"], rates["base"])
    note = f"{max(rates['ours']):.0f}/s against {max(rates['base']):.0f}/s at best"
    return Measured(id="G1", what="overview from projection / tuned fan-out", rounds=found, goal=8, note=note)


async def _told(address: str, headers: dict[str, str]) -> None:
    """Wait until the overview tells of every household."""
    until = time.monotonic() + _WITHIN_S
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < until:
            async with session.get(address, headers=headers) as answer:
                body = await answer.json()
                if answer.status == 200 and body["parts"]["monitoring"].get("households") == _HOUSEHOLDS:
                    return
            await asyncio.sleep(0.1)
    raise UnexpectedAnswer(f"the overview did not become current: {body}")
