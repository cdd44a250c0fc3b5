"""R1 and R2: one household, and a page of a hundred, masked and audited, against raw asyncpg with JSON from SQL."""

from bench.load import Load
from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings

_HOUSEHOLDS = 200


async def _measured(around: Surroundings, size: Size, database: str, *, page: bool) -> tuple[float, ...]:
    url = await around.database(database, "monitoring")
    ours = await around.service("services.monitoring", url)
    base = await around.baseline("plain", url)
    headers = around.token()
    async with Load() as load:
        await load.register(_HOUSEHOLDS, f"{ours.url}/v1/households", headers)
        connection = await around.connect(database)
        await connection.execute("analyze household; analyze member")
        ids = [str(row["id"]) for row in await connection.fetch("select id from household")]
        await connection.close()
        paths = ["/households?limit=100"] if page else [f"/households/{household_id}" for household_id in ids]
        requests = max(size.reads // 4, 4) if page else size.reads
        rates = await interleaved(
            {
                "ours": lambda: load.get(requests, [f"{ours.url}/v1{path}" for path in paths], headers),
                "base": lambda: load.get(requests, [f"{base.url}{path}" for path in paths]),
            },
            size.rounds,
        )
    return ratios(rates["ours"], rates["base"])


async def r1(around: Surroundings, size: Size) -> Measured:
    found = await _measured(around, size, "one", page=False)
    return Measured(id="R1", what="one household / asyncpg + SQL JSON", rounds=found, goal=0.9)


async def r2(around: Surroundings, size: Size) -> Measured:
    found = await _measured(around, size, "page", page=True)
    return Measured(id="R2", what="page of 100 / asyncpg + SQL JSON", rounds=found, goal=0.9)
