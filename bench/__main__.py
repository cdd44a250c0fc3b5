"""`python -m bench W1 B1` measures these, `python -m bench` all; prints a table and writes bench/results/."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import comparing, deciding, observing, overview, projecting, reading, registering, relaying, starting
from bench.rounds import Measured
from bench.size import DEFAULT, FULL, TINY, Size
from bench.surroundings import Surroundings, surroundings

RESULTS = Path(__file__).parent / "results"
Measure = Callable[[Surroundings, Size], Awaitable[Measured]]
MEASURES: Mapping[str, Measure] = {
    "W1": registering.w1,
    "W2": registering.w2,
    "R1": reading.r1,
    "R2": reading.r2,
    "O1": relaying.o1,
    "O3": relaying.o3,
    "B1": comparing.b1,
    "C1": projecting.c1,
    "G1": overview.g1,
    "M1": observing.m1,
    "S1": starting.s1,
    "E1": deciding.e1,
    "T1": deciding.t1,
}


async def measure(name: str, size: Size) -> Measured:
    """One measure on engines of its own."""
    async with surroundings() as around:
        return await MEASURES[name](around, size)


def line(found: Measured) -> str:
    """A row of the table."""
    sign = "≤" if found.at_most else "≥"
    spread = f"{min(found.rounds):.2f}–{max(found.rounds):.2f}"
    met = "met" if found.met else "NOT MET"
    return (
        f"| {found.id} | {found.what} | {found.value:.2f}{found.unit} | {sign} {found.goal:g}{found.unit} | {met} "
        f"| {spread} | {found.note} |"
    )


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("measures", nargs="*", metavar="ID", help=", ".join(MEASURES))
    parser.add_argument("--full", action="store_true", help="B1 with a million records")
    parser.add_argument("--tiny", action="store_true", help="only to see that everything runs")
    given = parser.parse_args(arguments)
    names = given.measures or list(MEASURES)
    if unknown := set(names) - MEASURES.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    size = FULL if given.full else TINY if given.tiny else DEFAULT
    print("| # | what | value | goal | | min–max | note |\n|---|---|---|---|---|---|---|", flush=True)
    found = []
    for name in names:
        found.append(asyncio.run(measure(name, size)))
        print(line(found[-1]), flush=True)
    RESULTS.mkdir(exist_ok=True)
    results = [asdict(each) | {"value": each.value, "met": each.met} for each in found]
    file = RESULTS / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json"
    file.write_text(json.dumps(results, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
