"""E1 and T1: elimination checks of a whole town set-based against one by one, and a timeline against its document.

The town is the sample town; its monitored households get income of eighteen months, so that every answer is computed.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

import aiohttp
import asyncpg

from bench.load import CLIENTS, Load, UnexpectedAnswer
from bench.rounds import Measured, interleaved, ratios
from bench.size import TINY, Size
from bench.surroundings import Process, Surroundings
from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI
from sampletown import build_town
from sampletown.national_file import write_national_csv
from sampletown.scale import ScaleName

_PAGE = 500
_MONITORED = "select id::text from household where monitored_class is not null and ended_on is null"
_ALL_MONITORED = """
update household set monitored_class = 'marginal', monitored = '[{"since": "2023-08", "ended": null, "how": null}]',
       history = jsonb_set(history, '{classes}', jsonb_build_array(jsonb_build_array('marginal', '2023-08-01', null)))
where monitored_class is null
"""
_INCOME = """
insert into income_entry (id, household_id, division, kind, first_month, last_month, source, amount, recorded_on,
                          recorded_by)
select gen_random_uuid(), household.id, division, kind, to_char(month, 'YYYY-MM'), to_char(month, 'YYYY-MM'),
       'home-visit', case kind when 'wage' then 2500 else 0 end, date '2024-08-01', 'bench'
from household, unnest(array['wage', 'production', 'property', 'transfer', 'production-cost']) as kind,
     generate_series(date '2023-01-01', date '2024-06-01', interval '1 month') as month
where monitored_class is not null
"""


async def e1(around: Surroundings, size: Size) -> Measured:
    ours = await _service(around, "checked")
    scale = ScaleName.TINY if size is TINY else ScaleName.TOWN
    connection = await around.connect("checked")
    try:
        await _town(around, ours, scale)
        await connection.execute(_ALL_MONITORED)
        await connection.execute(_INCOME)
        await connection.execute("analyze")
        ids = [row["id"] for row in await connection.fetch(_MONITORED)]
    finally:
        await connection.close()
    headers = around.token(Role.COUNTY_OFFICER)
    single = [f"{ours.url}/v1/households/{household}/elimination/check" for household in ids]
    async with Load() as load:
        rates = await interleaved(
            {
                "ours": lambda: _whole_town(ours, headers, len(ids)),
                "base": lambda: load.get(max(size.reads // 4, CLIENTS), single, headers),
            },
            size.rounds,
        )
    note = f"{len(ids)} households, {max(rates['ours']):.0f}/s against {max(rates['base']):.0f}/s at best"
    found = ratios(rates["ours"], rates["base"])
    return Measured(id="E1", what="checks of a town set-based / one by one", rounds=found, goal=3, note=note)


async def t1(around: Surroundings, size: Size) -> Measured:
    ours = await _service(around, "story")
    url = around.settings(around.postgres.url("story")).database_url
    base = await around.baseline("document", url)
    headers = around.token()
    async with Load() as load:
        await load.register(20, f"{ours.url}/v1/households", headers)
        connection = await around.connect("story")
        try:
            cases = [
                await _case(ours, headers, row["id"]) for row in await connection.fetch("select id from household")
            ]
        finally:
            await connection.close()
        rates = await interleaved(
            {
                "ours": lambda: load.get(
                    size.reads, [f"{ours.url}/v1/cases/{case}/timeline" for case in cases], headers
                ),
                "base": lambda: load.get(size.reads, [f"{base.url}/cases/{case}" for case in cases]),
            },
            size.rounds,
        )
    found = ratios(rates["ours"], rates["base"])
    return Measured(id="T1", what="timeline of a case / its document by asyncpg", rounds=found, goal=0.5)


async def _service(around: Surroundings, name: str) -> Process:
    """Monitoring on the day on which the sample year has ended."""
    clock = around.directory / f"clock-{name}.json"
    DemoClock(clock).move(datetime(2024, 8, 5, 9, tzinfo=SHANGHAI))
    url = await around.database(name, "monitoring")
    return await around.service("services.monitoring", url, demo="true", demo_clock_file=str(clock))


async def _town(around: Surroundings, ours: Process, scale: ScaleName) -> None:
    file = around.directory / "national.csv"
    write_national_csv(file, build_town(1, scale).households)
    headers = around.token(Role.COUNTY_OFFICER) | {"Idempotency-Key": uuid4().hex, "Content-Type": "text/csv"}
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{ours.url}/v1/imports/national", data=file.read_bytes(), headers=headers) as answer:
            if answer.status != 202:
                raise UnexpectedAnswer(await answer.text())
            operation = f"{ours.url}{answer.headers['Location']}"
        state = "accepted"
        while state in ("accepted", "running"):
            async with session.get(operation, headers=headers) as answer:
                state = (await answer.json())["state"]
        if state != "succeeded":
            raise UnexpectedAnswer(f"the import {state}")


async def _whole_town(ours: Process, headers: dict[str, str], expected: int) -> float:
    """Every page of the candidates, one after the other."""
    path: str | None = f"/v1/elimination/candidates?limit={_PAGE}"
    checked, started = 0, time.perf_counter()
    async with aiohttp.ClientSession() as session:
        while path is not None:
            async with session.get(f"{ours.url}{path}", headers=headers) as answer:
                checked += len((await answer.json())["items"])
                following = answer.links.get("next")
                path = str(following["url"]).removeprefix(ours.url) if following else None
    if checked != expected:
        raise UnexpectedAnswer(f"{checked} of {expected} households were checked")
    return checked / (time.perf_counter() - started)


async def _case(ours: Process, headers: dict[str, str], household: asyncpg.pgproto.pgproto.UUID) -> str:
    """A case from a self-declaration."""
    signal = {"household_id": str(household), "source": "self-declaration", "kind": "schooling",
              "occurred_on": "2024-08-05"}  # fmt: skip
    flag = (await _post(ours, "signals", signal, headers))["flag_id"]
    opened = await _post(
        ours, "cases", {"household_id": str(household), "origin": {"kind": "flag", "id": flag}}, headers
    )
    return str(opened["id"])


async def _post(ours: Process, path: str, body: Mapping[str, object], headers: dict[str, str]) -> dict[str, object]:
    sent = headers | {"Idempotency-Key": uuid4().hex}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{ours.url}/v1/{path}", json=body, headers=sent) as answer,
    ):
        if answer.status != 201:
            raise UnexpectedAnswer(await answer.text())
        told: dict[str, object] = await answer.json()
        return told
