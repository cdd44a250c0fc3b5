"""One run in order: directory, ports, engines, databases, services, the main job, and then rest until it is stopped."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

import httpx

from chassis.clock import DemoClock
from launcher.engines.places import hold
from launcher.environment import children
from launcher.listening import Listener
from launcher.officers_api import OfficersApi
from launcher.options import Broker, Files, Options
from launcher.play import COUNTY_OFFICER, TOWN, TOWN_OFFICER, Play
from launcher.ports import HOST, ports_from, refuse_taken
from launcher.processes import Children
from launcher.run_directory import RunDirectory
from launcher.standing import Engines, standing_engines
from launcher.standstill import Standstill
from launcher.telling import Stopwatch, Teller
from launcher.topics import GATEWAY
from sampletown import Town, build_town

REQUEST_WITHIN_S = 120.0


class Run:
    """`main_job_done` tells how far it came when it was stopped."""

    def __init__(self, options: Options, out: Teller) -> None:
        self._options = options
        self._out = out
        self._watch = Stopwatch()
        self.main_job_done = False

    async def carry_out(self) -> None:
        """Return after the main job with `once`, otherwise when cancelled. Raises RunError and EngineError."""
        self._options.refuse_what_cannot_stand()
        directory = RunDirectory(self._options.directory)
        directory.prepare()
        with hold(directory.path):
            ports = ports_from(self._options.port)
            refuse_taken(ports)
            town = build_town(self._options.seed, self._options.scale)
            directory.name_officers(town.officers)
            directory.name_divisions(town.places.divisions)
            self._tell_begin(directory)
            async with standing_engines(directory, self._options.broker, self._out) as engines:
                processes = Children(children(directory, engines, ports), self._out, directory)
                with self._out.doing("正在启动服务…", "Starting the services…"):
                    await processes.start()
                try:
                    await self._with_services(town, directory, engines, processes, f"http://{HOST}:{ports[GATEWAY]}")
                finally:
                    await processes.stop()

    async def _with_services(
        self, town: Town, directory: RunDirectory, engines: Engines, processes: Children, address: str
    ) -> None:
        self._out.say(f"服务       五个服务就绪，网关 {address}", f"Services    all five ready, gateway at {address}")
        listener = Listener(engines.bootstrap_servers)
        async with (
            httpx.AsyncClient(base_url=address, timeout=REQUEST_WITHIN_S, trust_env=False) as client,
            Standstill(engines, listener, DemoClock(directory.clock)) as standstill,
        ):
            play = Play(
                api=OfficersApi(client),
                town=town,
                directory=directory,
                teller=self._out,
                listener=listener,
                standstill=standstill,
                engines=engines,
                dirty=self._options.files is Files.DIRTY,
                villages=self._options.villages,
                forgetful_broker=engines.broker is Broker.EMBEDDED,
            )
            try:
                await _first_of(self._main_job(play, address), listener.run(), processes.keep_running())
            finally:
                play.stop_clock()

    async def _main_job(self, play: Play, address: str) -> None:
        await play.run()
        await self._tell_end(play, address)
        self.main_job_done = True
        if not self._options.once:
            await asyncio.Event().wait()

    def _tell_begin(self, directory: RunDirectory) -> None:
        about = f"{self._options.scale}, seed {self._options.seed}"
        self._out.say(
            f"守望       样例 {about}，全部为合成数据；数据目录 {directory.path}",
            f"Shouwang    sample {about}, all of it synthetic; data in {directory.path}",
        )

    async def _tell_end(self, play: Play, address: str) -> None:
        for kind, count in sorted(play.listener.counts.items()):
            self._out.say(f"事件       {count:6d}  {kind}", f"Events      {count:6d}  {kind}")
        await self._tell_examples(play)
        watch = self._watch
        self._out.say(f"主要工作完成，用时 {watch}。", f"The main job is done in {watch}.")
        token = await play.api.token(TOWN_OFFICER)
        self._out.say(f"接口       {address}  ·  {address}/docs", f"API         {address}  ·  {address}/docs")
        self._out.say(f"令牌       TOKEN={token}", f"Token       TOKEN={token}")
        for path in (f"v1/towns/{TOWN}/overview", "monitoring/v1/flags?limit=3", "monitoring/v1/backlog"):
            line = f'curl -s -H "Authorization: Bearer $TOKEN" "{address}/{path}"'
            self._out.say(f"试一试     {line}", f"Try         {line}")
        if not self._options.once:
            self._out.say("按 Ctrl-C 停止。", "Ctrl-C stops everything.")

    async def _tell_examples(self, play: Play) -> None:
        """A few open flags with their reasons, as the API tells them to an officer."""
        flags = (await play.api.get("/monitoring/v1/flags?limit=5&standing=open", COUNTY_OFFICER))["items"]
        for flag in flags:
            because = flag["finding"]["because"]
            about = f"{flag['household_id']}  {flag['finding']['clause']}"
            self._out.say(f"预警       {about}  {because['zh']}", f"Flag        {about}  {because['en']}")


async def _first_of(*work: Coroutine[Any, Any, None]) -> None:
    """Do all at once until one ends, then end the others; its error is raised."""
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError, Exception):  # the first one's error was raised above
                await task
