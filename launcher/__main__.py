"""`make run`: engines, migrations, five services, the sample town played, and one Ctrl-C."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer

from contracts.access import Role
from launcher.environment import children
from launcher.errors import RunError
from launcher.listening import Listener
from launcher.options import Broker, Files, Options
from launcher.play import TOWN, Play
from launcher.ports import HOST, ports_from, refuse_taken
from launcher.processes import Children
from launcher.run_directory import RunDirectory
from launcher.standing import standing_engines
from launcher.telling import ZH, Stopwatch, Teller, teller
from launcher.topics import GATEWAY
from sampletown import build_town
from sampletown.scale import ScaleName


async def run(options: Options, out: Teller) -> None:
    """The whole run; raises RunError where it cannot go on."""
    watch = Stopwatch()
    options.refuse_what_cannot_stand()
    ports = ports_from(options.port)
    refuse_taken(ports)
    directory = RunDirectory(options.directory)
    directory.prepare()
    town = build_town(options.seed, options.scale)
    directory.name_officers(town.officers)
    address = f"http://{HOST}:{ports[GATEWAY]}"
    async with standing_engines(directory, options.broker, out) as engines:
        running = Children(children(directory, engines, ports), out, directory)
        async with running, httpx.AsyncClient(base_url=address, timeout=30) as client:
            out.say(f"服务       五个服务就绪，网关 {address}", f"Services    all five ready, gateway at {address}")
            listener = Listener(engines.bootstrap_servers, out)
            play = Play(client, town, directory, out, dirty=options.files is Files.DIRTY)
            background = [asyncio.create_task(listener.run()), asyncio.create_task(running.keep_running())]
            try:
                with out.doing("正在播放样例镇…", "Playing the sample town…"):
                    await play.run()
                await listener.settled()
                await _tell(out, play, listener, address, watch)
                if not options.once:
                    await asyncio.wait(background, return_when=asyncio.FIRST_COMPLETED)
                    for task in background:
                        if task.done():
                            task.result()
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)


async def _tell(out: Teller, play: Play, listener: Listener, address: str, watch: Stopwatch) -> None:
    for kind, count in sorted(listener.counts.items()):
        out.say(f"事件       {count:6d}  {kind}", f"Events      {count:6d}  {kind}")
    for flag in await play.examples():
        finding = flag["finding"]
        because = finding["because"]["zh" if out.language == ZH else "en"]
        line = f"{flag['household_id']}  {finding['clause']}  {because}"
        out.say(f"预警       {line}", f"Flag        {line}")
    token = await play.token(f"{Role.TOWN_OFFICER}-{TOWN}")
    out.say(f"主要工作完成，用时 {watch}。", f"The main job is done in {watch}.")
    out.say(f"令牌       TOKEN={token}", f"Token       TOKEN={token}")
    for path in (f"v1/towns/{TOWN}/overview", "monitoring/v1/flags?limit=3", "monitoring/v1/backlog"):
        line = f'curl -s -H "Authorization: Bearer $TOKEN" "{address}/{path}"'
        out.say(f"试一试     {line}", f"Try         {line}")


def main(
    scale: Annotated[ScaleName, typer.Option()] = ScaleName.TOWN,
    seed: Annotated[int, typer.Option()] = 1,
    port: Annotated[int, typer.Option(min=1024, max=65000)] = 8000,
    kafka: Annotated[Broker, typer.Option()] = Broker.EMBEDDED,
    files: Annotated[Files, typer.Option()] = Files.CLEAN,
    once: Annotated[bool, typer.Option("--once")] = False,
    data: Annotated[Path | None, typer.Option()] = None,
) -> None:
    """Start everything on this machine and play the sample town."""
    out = teller()

    async def until_stopped() -> None:
        task = asyncio.ensure_future(run(Options(scale, seed, port, kafka, files, once, data), out))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(until_stopped())
    except RunError as error:
        sys.exit(error.message_zh if out.language == ZH else error.message_en)


if __name__ == "__main__":
    typer.run(main)
