"""M1: reading one household with metrics, logs and identity, against the same application without them."""

from bench.load import Load
from bench.rounds import Measured, interleaved, ratios
from bench.size import Size
from bench.surroundings import Surroundings


async def m1(around: Surroundings, size: Size) -> Measured:
    url = await around.database("observed", "monitoring")
    ours = await around.service("services.monitoring", url)
    base = await around.baseline("unobserved", url, worker="false")
    headers = around.token()
    async with Load() as load:
        await load.register(100, f"{ours.url}/v1/households", headers)
        connection = await around.connect("observed")
        paths = [f"/v1/households/{row['id']}" for row in await connection.fetch("select id from household")]
        await connection.close()
        rates = await interleaved(
            {
                "ours": lambda: load.get(size.reads, [f"{ours.url}{path}" for path in paths], headers),
                "base": lambda: load.get(size.reads, [f"{base.url}{path}" for path in paths], headers),
            },
            size.rounds,
        )
    found = ratios(rates["ours"], rates["base"])
    return Measured(id="M1", what="with metrics, logs, identity / without", rounds=found, goal=0.85)
