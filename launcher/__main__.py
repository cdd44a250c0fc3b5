"""`python -m launcher`, which `make run` calls: everything on this machine, until Ctrl-C or the end of the main job."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from launcher.engines.errors import EngineError
from launcher.engines.places import data_root, own_directory
from launcher.errors import RunError
from launcher.options import PROJECT, Broker, Files, Options
from launcher.run import Run
from launcher.telling import Teller, teller
from sampletown.scale import ScaleName

INTERRUPTED = 130


@contextmanager
def kept_in(data: Path | None, *, fresh: bool) -> Iterator[Path | None]:
    """Where this run's data are kept; what is fresh lies where engines can reach it, and is gone afterwards."""
    if not fresh:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="fresh-", dir=own_directory(data or data_root(PROJECT))) as made:
        Path(made).chmod(0o711)
        yield Path(made)


async def until_stopped(options: Options, out: Teller) -> bool:
    """Carry out the run; a signal ends it in order. Says whether the main job was done."""
    run = Run(options, out)
    task = asyncio.ensure_future(run.carry_out())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Once: a second Ctrl-C must not break off the orderly stop that the first one began.
        loop.add_signal_handler(number, lambda: None if task.cancelling() else task.cancel())
    try:
        await task
    except asyncio.CancelledError:
        out.say("已停止。", "Stopped.")
    return run.main_job_done


def main(
    scale: Annotated[ScaleName, typer.Option(help="Size of the sample place.")] = ScaleName.TOWN,
    seed: Annotated[int, typer.Option(help="Another seed is another town with data of its own.")] = 1,
    port: Annotated[
        int, typer.Option(min=1024, max=65530, help="The gateway's; the services take the next four.")
    ] = 8000,
    kafka: Annotated[
        Broker, typer.Option(help="Embedded, or a real Apache Kafka (Java 17 and Maven).")
    ] = Broker.EMBEDDED,
    files: Annotated[Files, typer.Option(help="Bureaus' files as they should be, or as they are.")] = Files.CLEAN,
    once: Annotated[bool, typer.Option("--once", help="End after the main job.")] = False,
    villages: Annotated[int, typer.Option(min=0, help="So many villages are played through their procedures.")] = 2,
    data: Annotated[
        Path | None, typer.Option(help="Where data are kept; default .run, for root below /var/lib.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Data of this run alone, removed at its end.")] = False,
) -> None:
    """Start the engines, the services and the gateway, and play the sample town."""
    out = teller()
    try:
        with kept_in(data, fresh=fresh) as root:
            done = asyncio.run(until_stopped(Options(scale, seed, port, kafka, files, once, root, villages), out))
    except (EngineError, RunError) as error:
        print(error.message_zh, error.message_en, sep="\n", file=sys.stderr)
        sys.exit(1)
    sys.exit(0 if done else INTERRUPTED)


if __name__ == "__main__":
    typer.run(main)
