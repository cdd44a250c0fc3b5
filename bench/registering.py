"""W1 and W2: registering a household of four over HTTP, against two ordinary endpoints (32 clients)."""

import asyncio

from bench.baselines import tables
from bench.load import Load
from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings


async def _against(around: Surroundings, size: Size, module: str) -> tuple[tuple[float, ...], str]:
    ours_url = await around.database(f"ours_{module}", "monitoring")
    await around.database(f"base_{module}")
    await tables.create(around.postgres.dsn(f"base_{module}"))
    ours = await around.service("services.monitoring", ours_url)
    base = await around.baseline(module, around.postgres.url(f"base_{module}"))
    outbox = await around.connect(f"ours_{module}")

    async def registered() -> float:
        rate = await load.register(size.writes, f"{ours.url}/v1/households", around.token())
        # The relay works during the burst and must not go on into the other side's. It is another process: only its
        # table can be asked.
        while await outbox.fetchval("select exists (select from chassis.outbox_pending)"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return rate

    async with Load() as load:
        rates = await interleaved(
            {"ours": registered, "base": lambda: load.register(size.writes, f"{base.url}/households")}, size.rounds
        )
    await outbox.close()
    absolute = f"{max(rates['ours']):.0f}/s against {max(rates['base']):.0f}/s at best"
    return ratios(rates["ours"], rates["base"]), absolute


async def w1(around: Surroundings, size: Size) -> Measured:
    found, note = await _against(around, size, "plain")
    return Measured(id="W1", what="register / FastAPI + raw asyncpg", rounds=found, goal=0.75, note=note)


async def w2(around: Surroundings, size: Size) -> Measured:
    found, note = await _against(around, size, "orm")
    return Measured(id="W2", what="register / SQLModel ORM endpoint", rounds=found, goal=6, note=note)
