"""B1: a bureau's file uploaded, matched, kept and screened, against a bare COPY of the same file."""

import asyncio
import io
import time
from pathlib import Path
from uuid import uuid4

import aiohttp
import asyncpg

from bench.households import resident_id
from bench.load import Load, UnexpectedAnswer
from bench.rounds import Measured, ratios
from bench.size import Size
from bench.surroundings import Process, Surroundings
from contracts.access import Role
from contracts.files.bureau import MEDICAL
from contracts.resident_id import person_key

_SECRET = b"a secret of the measurements"
_RECORDS_PER_PERSON = 3
_FLAGGED_IN = 500
"""One person in so many has an expense above the threshold."""
_MOST_MB = 150.0
_WITHIN_S = 600.0
_AGAIN = """
insert into household (id, division, household_type, registered_on, risks, guarantees, history, monitored, successors,
                       version)
select id, division, household_type, registered_on, risks, guarantees, history, monitored, successors, version
from unnest($2::uuid[]) as new (id) cross join (
    select division, household_type, registered_on, risks, guarantees, history, monitored, successors, version
    from household where id = $1) as template
"""


async def b1(around: Surroundings, size: Size) -> Measured:
    url = await around.database("compared", "monitoring")
    ours = await around.service("services.monitoring", url, upload_limit_bytes="1000000000")
    people = max(size.records // _RECORDS_PER_PERSON, 8)
    async with Load() as load:
        await load.register(1, f"{ours.url}/v1/households", around.token())
    connection = await around.connect("compared")
    try:
        await _populate(connection, people)
        await connection.execute("create unlogged table bare (line text)")
        before, found, bare = _peak_mb(ours.pid), [], []
        for number in range(min(size.rounds, 3)):
            file = around.directory / f"medical-{number}.csv"
            await asyncio.to_thread(_write, file, size.records, people, number)
            bare.append(await _copied(connection, file, size.records))
            month = f"2024-{number + 1:02d}"
            found.append(await _compared(around, ours, file, size.records, month))
        grown = _peak_mb(ours.pid) - before
        kept = await connection.fetchval("select count(*) from flag")
    finally:
        await connection.close()
    note = f"{size.records} records, {people} people, {kept} flags; {grown:.0f} MB more at the peak"
    return Measured(
        id="B1", what=f"comparison of a file / bare COPY, at most {_MOST_MB:.0f} MB more",
        rounds=ratios(found, bare), goal=0.35, note=note, holds=grown <= _MOST_MB and kept > 0,
    )  # fmt: skip


async def _populate(connection: asyncpg.Connection, people: int) -> None:
    """Households of four like the one that was registered, each person with an id of its own."""
    template = await connection.fetchval("select id from household")
    ids = [uuid4() for _ in range(people // 4)]
    await connection.execute(_AGAIN, template, ids)
    joined = await connection.fetchval("select joined_on from member limit 1")
    rows = (
        (uuid4(), home, place, "王小明", number, person_key(number, _SECRET), "0" if place == 0 else "8", joined)
        for count, home in enumerate(ids)
        for place in range(4)
        if (number := resident_id(40_000 + count * 4 + place))
    )
    columns = ["id", "household_id", "place", "name", "resident_id", "person_key", "relation", "joined_on"]
    await connection.copy_records_to_table("member", records=rows, columns=columns)
    await connection.execute("analyze household; analyze member")


def _write(path: Path, records: int, people: int, month: int) -> None:
    headings = [column.heading for column in MEDICAL.columns]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(headings) + "\n")
        for number in range(records):
            person = number % people
            amount = 30_000 if person % _FLAGGED_IN == 0 else number % 90 + 10
            day = f"2024-{month + 1:02d}-{number % 28 + 1:02d}"
            file.write(
                f"M{month}-{number},王小明,{resident_id(40_000 + person)},住院,{day},"
                f"{amount + 1000}.00,800.00,150.00,50.00,{amount}.00\n"
            )


async def _copied(connection: asyncpg.Connection, file: Path, records: int) -> float:
    """The file as it is, a line a row."""
    await connection.execute("truncate bare")
    content = io.BytesIO(await asyncio.to_thread(file.read_bytes))
    started = time.perf_counter()
    await connection.copy_to_table("bare", source=content, format="csv", delimiter="\x01", quote="\x02", header=True)
    return records / (time.perf_counter() - started)


async def _compared(around: Surroundings, ours: Process, file: Path, records: int, month: str) -> float:
    """From the first byte of the upload to the end of the operation."""
    headers = around.token(Role.COUNTY_OFFICER) | {"Idempotency-Key": uuid4().hex, "Content-Type": "text/csv"}
    address = f"{ours.url}/v1/comparisons?kind={MEDICAL.kind}&month={month}"
    until = time.monotonic() + _WITHIN_S
    async with aiohttp.ClientSession() as session:
        started = time.perf_counter()
        with file.open("rb") as content:
            async with session.post(address, data=content, headers=headers) as answer:
                if answer.status != 202:
                    raise UnexpectedAnswer(f"{answer.status}: {(await answer.text())[:300]}")
                operation = f"{ours.url}{answer.headers['Location']}"
        while time.monotonic() < until:
            async with session.get(operation, headers=headers) as answer:
                body = await answer.json()
            if body["state"] == "failed":
                raise UnexpectedAnswer(str(body))
            if body["state"] == "succeeded":
                return records / (time.perf_counter() - started)
            await asyncio.sleep(0.1)
    raise UnexpectedAnswer(f"the comparison did not end within {_WITHIN_S:.0f} s")


def _peak_mb(pid: int) -> float:
    """The most that a process ever held, as Linux tells it (`VmHWM`, in kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(kilobytes) / 1024
