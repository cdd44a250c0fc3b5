"""The main job: the sample town is imported when the registry is empty, and its months of files are played.

Everything goes over HTTP through the gateway with the sample officers' tokens, as bureaus would do it, on the town's
own calendar: a month's files come on the fifth of the month after. What was played already is asked of the service,
not remembered here. Every number that is told comes from an operation, a flag or an event.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from chassis.clock import DemoClock
from contracts.access import Role
from contracts.dictionary import dictionary
from contracts.month import SHANGHAI, Month
from launcher.agreement import agreement
from launcher.errors import WorkFailed
from launcher.listening import Listener
from launcher.officers_api import OfficersApi
from launcher.procedures import VillageOfficers
from launcher.run_directory import RunDirectory
from launcher.standing import Engines
from launcher.standstill import Standstill
from launcher.telling import Stopwatch, Teller
from sampletown.bureau_file import BureauFile
from sampletown.national_file import write_national_csv
from sampletown.town import Town

COUNTY = "150623"
TOWN = "150623100"
COUNTY_OFFICER = f"{Role.COUNTY_OFFICER}-{COUNTY}"
TOWN_OFFICER = f"{Role.TOWN_OFFICER}-{TOWN}"
ADMINISTRATOR = f"{Role.ADMINISTRATOR}-{COUNTY}"
FILES_COME_ON = 5
WAIT_FOR_PUBLICITY = 6
MONITORED_CLASSES = frozenset(dictionary("monitored-classes").codes(date(2023, 8, 1)))
_SHOWN = 3
_CSV = "text/csv"
_TYPES = {"csv": _CSV, "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


def instant_of(month: Month) -> datetime:
    """When a month's files are sent: in the morning of the fifth of the month after."""
    following = month.plus(1)
    return datetime(following.year, following.number, FILES_COME_ON, 9, tzinfo=SHANGHAI)


@dataclass(slots=True)
class Play:
    """Plays a town against a running gateway."""

    api: OfficersApi
    town: Town
    directory: RunDirectory
    teller: Teller
    listener: Listener
    standstill: Standstill
    dirty: bool
    engines: Engines
    villages: int
    """So many villages of the town are played through their procedures."""
    forgetful_broker: bool
    """The broker began empty: what happened before this start is sent again for whoever reads."""
    flagged: Counter[str] = field(default_factory=Counter, init=False)
    _began_empty: bool = field(default=False, init=False)

    @property
    def clock(self) -> DemoClock:
        return DemoClock(self.directory.clock)

    async def run(self) -> None:
        """Import what is missing, play what was not played, and let the clock run from there."""
        first = self.town.months[0].first_day
        self._move(datetime(first.year, first.month, first.day, 9, tzinfo=SHANGHAI))
        self._began_empty = not await self._has_households()
        if await self._is_loaded():
            await self._say_again()
        else:
            await self._import()
        done = {
            (item["kind"], item["month"])
            for item in await self.api.pages("/monitoring/v1/comparisons?limit=500", COUNTY_OFFICER)
            if item["result"] and "flagged" in item["result"]
        }
        officers = VillageOfficers(self.api, self.town, self._villages())
        for month in self.town.months:
            files = [
                file for file in self.town.bureau_files(month, dirty=self.dirty) if (file.kind, str(month)) not in done
            ]
            await self.standstill.reached()
            self._move(instant_of(month))
            if files:
                await self._month(month, files)
            await self._procedures(officers, month)
        await self.standstill.reached()
        await self._tell_endings(officers)
        self._go_on(running=True)

    # -- procedures

    def _villages(self) -> tuple[str, ...]:
        """The divisions that are played through: villages first, then communities, in the order of their codes."""
        lived_in = {household.division for household in self.town.households if household.division.startswith(TOWN)}
        return tuple(sorted(lived_in, key=lambda code: (code not in self.town.places.villages, code))[: self.villages])

    async def _procedures(self, officers: VillageOfficers, month: Month) -> None:
        """On the day of the files flags are answered and notices go up; when their days are over the rest follows."""
        begun = instant_of(month)
        for day in (begun, begun + timedelta(days=WAIT_FOR_PUBLICITY)):
            if self.clock.now() > day + timedelta(hours=12):
                continue
            await self.standstill.reached()
            self._move(day)
            with self.teller.doing(f"{month} 办理…", f"{month} procedures…"):
                waiting = await officers.work(day.date())
            if waiting:
                steps = "，".join(f"{step} {count}" for step, count in sorted(waiting.items()))
                self.teller.say(
                    f"    办理  {day.date()}  {steps}",
                    f"    Cases  {day.date()}  {steps.replace('，', ', ')}",
                )

    async def _tell_endings(self, officers: VillageOfficers) -> None:
        ended = await officers.agrees_with_story()
        await self._overview_agrees()
        whole_log = self._began_empty or not self.forgetful_broker
        compared = await agreement(self.engines, self.listener, whole_log=whole_log)
        told = ", ".join(f"{count} {what}" for what, count in compared.items())
        self.teller.say(
            f"一致      登记册、状态主题、网关、公开事件：{told}",
            f"Agreement   registry, state topic, gateway and public events: {told}",
        )
        if ended:
            told = "，".join(f"{how} {count}" for how, count in sorted(ended.items()))
            self.teller.say(
                f"程序     {len(officers.villages)} 个嘎查村（社区）识别 {ended.total()} 户，与故事一致：{told}",
                f"Procedures  {ended.total()} identified in {len(officers.villages)} villages, as the story has it: "
                f"{told.replace('，', ', ')}",
            )

    async def _overview_agrees(self) -> None:
        """The gateway's own projection counts what the registry counts; raises WorkFailed where it does not."""
        shown = await self.api.get(f"/v1/towns/{TOWN}/overview", COUNTY_OFFICER)
        counted = shown["parts"]["monitoring"]
        since = self.town.months[0]
        path = f"/monitoring/v1/elimination/counts?since={since}&division={TOWN}"
        monitored = (await self.api.get(path, COUNTY_OFFICER))["monitored"]
        waiting = (await self.api.get(f"/monitoring/v1/backlog?division={TOWN}", COUNTY_OFFICER))["open"]
        projected = sum(number for name, number in counted["by_class"].items() if name in MONITORED_CLASSES)
        open_flags = sum(counted["flags"].get("open", {}).values())
        if (projected, open_flags) != (monitored, waiting):
            raise WorkFailed("overview", f"{projected} monitored and {open_flags} flags, not {monitored} and {waiting}")

    def stop_clock(self) -> None:
        """Business time stands still between runs."""
        if self.directory.clock.exists():
            self._go_on(running=False)

    def _go_on(self, *, running: bool) -> None:
        # A second ahead: the clock that was just read may be running, and never goes back.
        self.clock.move(self.clock.now() + timedelta(seconds=1), running=running)

    def _move(self, instant: datetime) -> None:
        """The business clock only goes forward: a later start goes on where the last one ended."""
        if not self.directory.clock.exists() or instant > self.clock.now():
            self.clock.move(instant)

    # -- the registry

    @property
    def _national_file(self) -> Path:
        """There from before the import until it has succeeded."""
        return self.directory.path / "national.csv"

    async def _has_households(self) -> bool:
        return bool((await self.api.get("/monitoring/v1/households?limit=1", COUNTY_OFFICER))["items"])

    async def _is_loaded(self) -> bool:
        return await self._has_households() and not self._national_file.exists()

    async def _import(self) -> None:
        watch = Stopwatch()
        with self.teller.doing("正在导入登记册…", "Importing the registry…"):
            if not self._national_file.exists():
                draft = self._national_file.with_suffix(".draft")
                await asyncio.to_thread(write_national_csv, draft, self.town.households)
                draft.replace(self._national_file)
            content = await asyncio.to_thread(self._national_file.read_bytes)
            operation = await self.api.upload("/monitoring/v1/imports/national", content, _CSV, COUNTY_OFFICER)
            result = await self.api.result(operation, COUNTY_OFFICER, self._importing)
            self._national_file.unlink()
        self.teller.say(
            f"登记册     {result['registered']} 户登记，{result['taken_over']} 户承接监测，{result['members']} 人，"
            f"{result['refused']} 户未导入（{watch}）",
            f"Registry    {result['registered']} households registered, {result['taken_over']} taken over as "
            f"monitored, {result['members']} people, {result['refused']} refused ({watch})",
        )

    def _importing(self, progress: dict[str, Any]) -> None:
        done = progress.get("registered", 0) + progress.get("taken_over", 0)
        self.teller.now(f"正在导入登记册…{done} 户", f"Importing the registry… {done} households")

    async def _say_again(self) -> None:
        """The embedded broker keeps nothing: the public events of all earlier runs are sent again, as they were."""
        if not self.forgetful_broker:
            return
        span = {"since": _EVER.isoformat(), "until": datetime.now(UTC).isoformat()}
        await self.api.command("/monitoring/v1/replays", span, ADMINISTRATOR, key=uuid4().hex)
        with self.teller.doing("正在重发以前的事件…", "Sending earlier events again…"):
            await self.standstill.reached()
        self.listener.take_flagged()
        count = self.listener.counts.total()
        self.teller.say(
            f"事件       内置消息服务从空开始，以前的 {count} 条公共事件已按原编号重发",
            f"Events      the embedded broker began empty: {count} earlier events were sent again, ids unchanged",
        )

    # -- one month

    async def _month(self, month: Month, files: Sequence[BureauFile]) -> None:
        watch = Stopwatch()
        with self.teller.doing(f"{month}…", f"{month}…"):
            sums = await self._compared(month, files)
            await self.standstill.reached()
        unusable = sums["rejected"] + sums["faults"]
        self.teller.say(
            f"{month}    {len(files)} 个文件 {sums['rows']} 行：匹配 {sums['matched']}，"
            f"不在登记册 {sums['unmatched']}，不能使用 {unusable}；新预警 {sums['flagged']}（{watch}）",
            f"{month}     {len(files)} files, {sums['rows']} rows: {sums['matched']} matched, "
            f"{sums['unmatched']} not in the registry, {unusable} unusable; {sums['flagged']} flagged ({watch})",
        )
        await self._tell_why(month)
        self._tell_events()

    async def _compared(self, month: Month, files: Sequence[BureauFile]) -> Counter[str]:
        """Send the files, then follow them in turn: the service reads one while the next ones wait."""
        sent = []
        for file in files:
            officer = f"{Role.BUREAU_OFFICER}-{file.kind}-{COUNTY}"
            path = f"/monitoring/v1/comparisons?kind={file.kind}&month={month}"
            content = await asyncio.to_thread(file.content)
            sent.append((file, officer, await self.api.upload(path, content, _TYPES[file.format], officer)))
        sums: Counter[str] = Counter()
        for file, officer, operation in sent:
            result = await self.api.result(operation, officer, partial(self._at, file.path))
            sums.update(
                {name: result[name] for name in ("rows", "matched", "unmatched", "rejected", "faults", "flagged")}
            )
        return sums

    def _at(self, file: str, progress: dict[str, Any]) -> None:
        self.teller.now(
            f"{file}：{progress.get('rows', 0)} 行，新预警 {progress.get('flagged', 0)}",
            f"{file}: {progress.get('rows', 0)} rows, {progress.get('flagged', 0)} flagged",
        )

    async def _tell_why(self, month: Month) -> None:
        """Flags of the day by rule and clause, as an officer may read them."""
        day = instant_of(month).date()
        found = await self.api.pages(f"/monitoring/v1/flags?limit=500&since={day}", COUNTY_OFFICER)
        why = Counter(
            (flag["rule"], flag["finding"]["clause"], flag["finding"]["code"])
            for flag in found
            if flag["opened_on"] == str(day)
        )
        for (rule, clause, code), count in sorted(why.items()):
            self.flagged[rule] += count
            self.teller.say(f"    {count:4d} 户  {clause}  {code}", f"    {count:4d} ×  {clause}  {code}")

    def _tell_events(self) -> None:
        lines = self.listener.take_flagged()
        for line in lines[:_SHOWN]:
            told = f"household-flagged  {line.division}  {line.household}  {line.why}"
            self.teller.say(f"    Kafka  {told}", f"    Kafka  {told}")
        if len(lines) > _SHOWN:
            more = len(lines) - _SHOWN
            self.teller.say(
                f"    Kafka  另有 {more} 条 household-flagged", f"    Kafka  and {more} more household-flagged"
            )
