"""Moves every threshold of the rules by one unit and asks whether a test turns red: `python -m tools.mutate [paths]`.

What is mutated is derived (tools/mutants.py), not picked. A mutant runs in a copy of the tree: first the quick tests
that name its file, then those over HTTP that carry a clause which it names, then all others. One that no test notices
survives, is printed, and makes the end 1. What is left out is printed with its reason.
"""

import asyncio
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from tools.mutants import Mutant, Skipped, mutants_of

ROOT = Path(__file__).parents[1]
DOMAIN = Path("services/monitoring/domain")
CONTRACTS = ("procedure", "month", "money", "working_day", "resident_id", "parameters")
DEFAULT = (DOMAIN, *(Path("contracts") / f"{name}.py" for name in CONTRACTS))
_QUICK = ("tests/monitoring/domain", "tests/contracts", "tests/docs")
_THOROUGH = (
    "tests/monitoring/cases",
    "tests/monitoring/screening",
    "tests/monitoring/registry",
    "tests/monitoring/visits",
    "tests/monitoring/exchange",
)
_NOT_FOR_MUTANTS = ("tests/contracts/test_published.py",)
"""Tests that compare the tree with what was drawn from it: any change at all would turn them red."""


def found_in(paths: Sequence[Path]) -> Iterator[Mutant | Skipped]:
    """Every mutant of the given files and folders, and what is left out of them, in order."""
    for path in paths:
        whole = ROOT / path
        for file in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            if file.suffix == ".py" or file.name == "parameters.yaml":
                yield from mutants_of(file.relative_to(ROOT), file.read_text(encoding="utf-8"))


def stages(mutant: Mutant) -> list[list[str]]:
    """The test files in the order in which they are asked, each once: those that are likely to notice come first."""
    quick, thorough = (_files(folders) for folders in (_QUICK, _THOROUGH))
    module = mutant.path.with_suffix("").as_posix().replace("/", ".")
    near = [file for file in quick if module in _text(file)]
    marked = [file for file in thorough if any(f'clause("{clause}")' in _text(file) for clause in mutant.clauses)]
    rest = [[file for file in quick if file not in near], [file for file in thorough if file not in marked]]
    return [stage for stage in (near, marked, *rest) if stage]


def _files(folders: Sequence[str]) -> list[str]:
    files = (file.relative_to(ROOT).as_posix() for folder in folders for file in (ROOT / folder).rglob("test_*.py"))
    return sorted(file for file in files if file not in _NOT_FOR_MUTANTS)


def _text(file: str) -> str:
    return re.sub(r"from (\S+) import (\w+)$", r"\1.\2", (ROOT / file).read_text(encoding="utf-8"), flags=re.MULTILINE)


async def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether no test notices the mutant in a copy of the tree; the copy is as it was afterwards."""
    target = copy / mutant.path
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.text, encoding="utf-8")
    try:
        for stage in stages(mutant):
            if not await _green(copy, stage):
                return False
        return True
    finally:
        target.write_text(original, encoding="utf-8")


async def _green(copy: Path, tests: Sequence[str]) -> bool:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-B", "-m", "pytest", "-n0", "-x", "-q", "-p", "no:randomly", "--timeout", "120", *tests,
        cwd=copy, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await process.wait() == 0


async def try_all(found: Sequence[Mutant], workers: int) -> list[Mutant]:
    """The survivors, tried by so many workers at once, each in a copy of its own."""
    waiting = list(reversed(found))
    alive: list[Mutant] = []

    async def work() -> None:
        with tempfile.TemporaryDirectory() as directory:
            copy = Path(directory) / "tree"
            leave = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".run", ".mypy_cache", ".ruff_cache")
            await asyncio.to_thread(shutil.copytree, ROOT, copy, ignore=leave)
            if not await _green(copy, _files(_QUICK)):
                sys.exit("the quick tests are red without any mutation")
            while waiting:
                mutant = waiting.pop()
                if await survives(mutant, copy):
                    alive.append(mutant)
                    print(f"SURVIVED {mutant.place}", flush=True)
                else:
                    print(f"killed   {mutant.place}", flush=True)

    await asyncio.gather(*(work() for _ in range(workers)))
    return alive


def main(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; by default all rules.")] = None,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    only: Annotated[str, typer.Option(help="Only mutants whose place holds this text.")] = "",
    listing: Annotated[bool, typer.Option("--list", help="Only say what would be mutated.")] = False,
) -> None:
    """Mutate, test, and say which mutants no test noticed."""
    found: list[Mutant] = []
    for one in found_in(paths or list(DEFAULT)):
        if isinstance(one, Skipped):
            print(f"skipped  {one.place}: {one.reason}")
        elif only in one.place:
            found.append(one)
    if listing:
        print(*(mutant.place for mutant in found), sep="\n")
        return
    alive = asyncio.run(try_all(found, workers))
    print(f"{len(found)} mutants, {len(alive)} survived")
    for mutant in alive:
        print(f"SURVIVED {mutant.place}")
    sys.exit(1 if alive else 0)


if __name__ == "__main__":
    typer.run(main)
