"""Moves every threshold of the rules by one unit and asks whether a test turns red: `python -m tools.mutate [paths]`.

Derived, not picked: each comparison of order (`<` and `<=`, `>` and `>=` change places) and each whole number that is
compared in the given domain files, and each number in the seeded parameters, by one unit of its last place. A mutant
runs in a copy of the tree, the quick tests first; one that no test notices survives, is printed, and ends with 1.
"""

import ast
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).parents[1]
DOMAIN = Path("services/monitoring/domain")
PARAMETERS = DOMAIN / "parameters.yaml"
DEFAULT = (DOMAIN, Path("contracts/procedure.py"), Path("contracts/month.py"))
_QUICK = ("tests/monitoring/domain", "tests/contracts", "tests/docs")
_THOROUGH = (
    "tests/monitoring/cases",
    "tests/monitoring/screening",
    "tests/monitoring/registry",
    "tests/monitoring/visits",
)
_ORDER: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
}
_UNREAD = {"monitoring.elimination.indicators-required": "shown to readers; the rule asks for all six answers"}
"""Parameters that no rule reads, each with the reason."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file: its place in words, and the text of the whole file after it."""

    path: Path
    place: str
    text: str


def mutants(paths: Sequence[Path]) -> Iterator[Mutant]:
    """Every mutant of the given files and folders, in order."""
    for path in paths:
        for file in sorted((ROOT / path).rglob("*")) if (ROOT / path).is_dir() else [ROOT / path]:
            if file.suffix == ".py":
                yield from _of_code(file)
            elif file == ROOT / PARAMETERS:
                yield from _of_parameters(file)


def _of_code(file: Path) -> Iterator[Mutant]:
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(operator) in _ORDER and left.end_lineno == right.lineno and left.end_lineno is not None:
                yield _swapped(file, lines, left, right, *_ORDER[type(operator)])
        for side in sides:
            if isinstance(side, ast.Constant) and type(side.value) is int and type(node.ops[0]) in _ORDER:
                yield _moved(file, lines, side, side.value)


def _swapped(file: Path, lines: list[str], left: ast.expr, right: ast.expr, old: str, new: str) -> Mutant:
    row = right.lineno - 1
    text = lines[row].encode()
    start, end = left.end_col_offset or 0, right.col_offset
    between = text[start:end].replace(old.encode(), new.encode(), 1)
    changed = (text[:start] + between + text[end:]).decode()
    return _mutant(file, lines, row, changed, f"{old} becomes {new}")


def _moved(file: Path, lines: list[str], side: ast.Constant, value: int) -> Mutant:
    row = side.lineno - 1
    text = lines[row].encode()
    changed = (text[: side.col_offset] + str(value + 1).encode() + text[side.end_col_offset :]).decode()
    return _mutant(file, lines, row, changed, f"{value} becomes {value + 1}")


def _mutant(file: Path, lines: list[str], row: int, changed: str, what: str) -> Mutant:
    path = file.relative_to(ROOT)
    text = "".join([*lines[:row], changed, *lines[row + 1 :]])
    return Mutant(path, f"{path}:{row + 1} {what}  | {lines[row].strip()}", text)


def _of_parameters(file: Path) -> Iterator[Mutant]:
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    key = ""
    for row, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("- key:"):
            key = stripped.split(":", 1)[1].strip()
        if not stripped.startswith("value:"):
            continue
        if key in _UNREAD:
            print(f"skipped  {key}: {_UNREAD[key]}")
            continue
        moved = _one_more(stripped.removeprefix("value:").strip())
        if moved is not None:
            indent = line[: len(line) - len(line.lstrip())]
            path = file.relative_to(ROOT)
            text = "".join([*lines[:row], f"{indent}value: {moved}\n", *lines[row + 1 :]])
            yield Mutant(path, f"{path}:{row + 1} {key} {stripped} becomes {moved}", text)


def _one_more(written: str) -> str | None:
    """A number as it is written, moved by one unit of its last place; None for a list, a code or a truth value."""
    try:
        number = Decimal(written.strip('"'))
    except InvalidOperation:
        return None
    moved = str(number + Decimal(1).scaleb(int(number.as_tuple().exponent)))
    return f'"{moved}"' if written.startswith('"') else moved


async def survives(mutant: Mutant, copy: Path) -> bool:
    """Whether no test notices the mutant in a copy of the tree; the copy is as it was afterwards."""
    target = copy / mutant.path
    original = target.read_text(encoding="utf-8")
    target.write_text(mutant.text, encoding="utf-8")
    try:
        return await _green(copy, _QUICK) and await _green(copy, _THOROUGH)
    finally:
        target.write_text(original, encoding="utf-8")


async def _green(copy: Path, tests: Sequence[str]) -> bool:
    there = [test for test in tests if (copy / test).exists()]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider", "--timeout", "120", *there,
        "--deselect", "tests/contracts/test_published.py",
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
            await asyncio.to_thread(
                shutil.copytree, ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", "__pycache__", ".run")
            )
            if not await _green(copy, _QUICK):
                raise SystemExit("the quick tests are red without any mutation")
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
    listing: Annotated[bool, typer.Option("--list", help="Only say what would be mutated.")] = False,
) -> None:
    """Mutate, test, and say which mutants no test noticed."""
    found = list(mutants(paths or list(DEFAULT)))
    if listing:
        print(*(mutant.place for mutant in found), sep="\n")
        return
    alive = asyncio.run(try_all(found, workers))
    print(f"{len(found)} mutants, {len(alive)} survived")
    sys.exit(1 if alive else 0)


if __name__ == "__main__":
    typer.run(main)
