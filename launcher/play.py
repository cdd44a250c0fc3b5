"""The main job: the sample town is imported when the registry is empty, and its months of files are played.

Everything goes over HTTP through the gateway with the sample officers' tokens, as a bureau would do it. What was
played already is asked of the service, not remembered here.
"""

import asyncio
import hashlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.month import SHANGHAI, Month
from launcher.errors import RequestRefused, WorkFailed
from launcher.run_directory import RunDirectory
from launcher.telling import Stopwatch, Teller
from sampletown.national_file import write_national_csv
from sampletown.town import Town

COUNTY = "150623"
TOWN = "150623100"
_TYPES = {".csv": "text/csv", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class Play:
    """Plays a town against a running gateway."""

    def __init__(self, client: httpx.AsyncClient, town: Town, directory: RunDirectory, teller: Teller, *, dirty: bool):
        self._client = client
        self._town = town
        self._directory = directory
        self._teller = teller
        self._dirty = dirty
        self._clock = DemoClock(directory.clock)
        self._tokens: dict[str, str] = {}
        self.flagged: Counter[str] = Counter()

    async def token(self, sub: str) -> str:
        """A demonstration token for an officer."""
        if sub not in self._tokens:
            answer = await self._client.post("/v1/demo/tokens", json={"sub": sub})
            _require(answer, "demo/tokens", 200)
            self._tokens[sub] = answer.json()["access_token"]
        return self._tokens[sub]

    async def run(self) -> None:
        county = f"{Role.COUNTY_OFFICER}-{COUNTY}"
        self._move(datetime(2023, 8, 1, 9, tzinfo=SHANGHAI))
        listed = await self._get(f"/monitoring/v1/households?limit=1&division={COUNTY}", county)
        if not listed["items"]:
            await self._import(county)
        done = {(item["kind"], item["month"]) for item in await self._comparisons(county) if item["result"]}
        for month in self._town.months:
            following = month.plus(1)
            self._move(datetime(following.year, following.number, 5, 9, tzinfo=SHANGHAI))
            await self._month(month, done)

    def _move(self, instant: datetime) -> None:
        """The business clock only goes forward: a later start stays where the last one ended."""
        if not self._directory.clock.exists() or instant > self._clock.now():
            self._clock.move(instant)

    async def _import(self, officer: str) -> None:
        watch = Stopwatch()
        file = self._directory.path / "national.csv"
        with self._teller.doing("正在导入样例镇…", "Importing the sample town…"):
            await asyncio.to_thread(write_national_csv, file, self._town.households)
            result = await self._upload("/monitoring/v1/imports/national", file, officer)
        self._teller.say(
            f"导入       {result['registered']} 户登记，{result['taken_over']} 户承接监测，"
            f"{result['members']} 人，{result['refused']} 户未导入（{watch}）",
            f"Import      {result['registered']} households registered, {result['taken_over']} taken over, "
            f"{result['members']} people, {result['refused']} refused ({watch})",
        )

    async def _comparisons(self, officer: str) -> list[dict[str, Any]]:
        body = await self._get("/monitoring/v1/comparisons?limit=500", officer)
        items: list[dict[str, Any]] = body["items"]
        return items

    async def _month(self, month: Month, done: set[tuple[str, str]]) -> None:
        watch = Stopwatch()
        sums: Counter[str] = Counter()
        rules: Counter[str] = Counter()
        for file in self._town.bureau_files(month, dirty=self._dirty):
            if (file.kind, str(month)) in done:
                continue
            self._teller.now(f"{month} {file.kind}…", f"{month} {file.kind}…")
            await asyncio.to_thread(file.write, self._directory.path / "files")
            path = self._directory.path / "files" / file.path
            officer = f"{Role.BUREAU_OFFICER}-{file.kind}-{COUNTY}"
            result = await self._upload(f"/monitoring/v1/comparisons?kind={file.kind}&month={month}", path, officer)
            sums.update({n: result[n] for n in ("rows", "matched", "unmatched", "rejected", "faults", "flagged")})
            rules[file.kind] += result["flagged"]
        if not sums:
            return
        why = "，".join(f"{kind} {count}" for kind, count in rules.items() if count)
        self._teller.say(
            f"{month}    {sums['rows']} 行，匹配 {sums['matched']}，不在登记册 {sums['unmatched']}，"
            f"有误 {sums['rejected'] + sums['faults']}；新预警 {sums['flagged']}（{why}）（{watch}）",
            f"{month}     {sums['rows']} rows, {sums['matched']} matched, {sums['unmatched']} not in the registry, "
            f"{sums['rejected'] + sums['faults']} unusable; {sums['flagged']} flags ({why}) ({watch})",
        )
        self.flagged.update(rules)

    async def _upload(self, path: str, file: Path, officer: str) -> dict[str, Any]:
        content = await asyncio.to_thread(file.read_bytes)
        headers = {
            "Authorization": f"Bearer {await self.token(officer)}",
            # The same file for the same purpose has the same key: a repeated upload has one effect.
            "Idempotency-Key": hashlib.sha256(path.encode() + content).hexdigest()[:40],
            "Content-Type": _TYPES[file.suffix],
        }
        answer = await self._client.post(path, content=content, headers=headers, timeout=120)
        _require(answer, path, 202)
        while True:
            operation = await self._get(answer.headers["Location"], officer)
            if operation["state"] == "succeeded":
                result: dict[str, Any] = operation["result"]
                return result
            if operation["state"] == "failed":
                raise WorkFailed(path, str(operation["problem"]))
            await asyncio.sleep(0.05)

    async def _get(self, path: str, officer: str) -> dict[str, Any]:
        answer = await self._client.get(path, headers={"Authorization": f"Bearer {await self.token(officer)}"})
        _require(answer, path, 200)
        body: dict[str, Any] = answer.json()
        return body

    async def examples(self) -> list[dict[str, Any]]:
        """A few flagged households with why, as the API tells it."""
        body = await self._get("/monitoring/v1/flags?limit=5&standing=open", f"{Role.TOWN_OFFICER}-{TOWN}")
        items: list[dict[str, Any]] = body["items"]
        return items


def _require(answer: httpx.Response, what: str, status: int) -> None:
    if answer.status_code != status:
        raise RequestRefused(what, answer.status_code, answer.text[:300])
