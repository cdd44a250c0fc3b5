"""What one unit is: the mutants of a file of rules or of parameters, and what is left out of them, with the reason.

In code every comparison of order loses or gains its line (`<` and `<=`, `>` and `>=` change places), and every whole
number moves by one, up and down. In parameters every number does by one unit of its last place, every fraction by one
of its parts, and what is true becomes false.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

_ORDER = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}
_CLAUSE = re.compile(r"\b[A-Z]-\d+(?:\.\d+)*\b")
_FRACTION = re.compile(r'"(\d+)/(\d+)"')
_OTHER = {"true": "false", "false": "true"}
_UNREAD = {"monitoring.elimination.indicators-required": "shown to readers; the rule asks for all six answers"}
"""Parameters that no rule reads, each with the reason."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file: its place in words, the whole text after it, and the clauses named beside it."""

    path: Path
    place: str
    text: str
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A number or comparison that is not mutated, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Change:
    """Some bytes of one line that are replaced."""

    row: int
    start: int
    end: int
    by: str
    what: str


def mutants_of(path: Path, text: str) -> Iterator[Mutant | Skipped]:
    """The mutants of one file of code or of parameters, in the order of its lines."""
    lines = text.splitlines(keepends=True)
    of_file = tuple(dict.fromkeys(_CLAUSE.findall(text))) if path.suffix == ".py" else ()
    changes = _of_code(text, lines) if path.suffix == ".py" else _of_parameters(lines)
    for change in changes:
        if isinstance(change, Skipped):
            yield Skipped(f"{path}:{change.place}", change.reason)
            continue
        line = lines[change.row].encode()
        changed = (line[: change.start] + change.by.encode() + line[change.end :]).decode()
        place = f"{path}:{change.row + 1}:{change.start + 1} {change.what}  | {lines[change.row].strip()}"
        whole = "".join([*lines[: change.row], changed, *lines[change.row + 1 :]])
        clauses = of_file or _clause_below(lines, change.row)
        yield Mutant(path, place, whole, clauses)


def _of_code(text: str, lines: list[str]) -> Iterator[_Change | Skipped]:
    found: list[tuple[int, _Change | Skipped]] = []
    tree = ast.parse(text)
    reasons = dict(_left_out(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            found += [(row, change) for row, change in _comparisons(node, lines)]
        elif isinstance(node, ast.Constant) and _is_number(node):
            found += [(node.lineno, change) for change in _numbers(node, lines, reasons.get(id(node)))]
    for _, change in sorted(found, key=lambda pair: pair[0]):
        yield change


def _is_number(node: ast.Constant) -> bool:
    return type(node.value) in (int, float)


def _comparisons(node: ast.Compare, lines: list[str]) -> Iterator[tuple[int, _Change | Skipped]]:
    sides = [node.left, *node.comparators]
    for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
        if type(operator) not in _ORDER:
            continue
        row = _row_of(operator, left, right, lines)
        old, new = _ORDER[type(operator)]
        start = (left.end_col_offset or 0) if row == (left.end_lineno or 0) - 1 else 0
        at = lines[row].encode().index(old.encode(), start)
        yield row, _Change(row, at, at + len(old), new, f"{old} becomes {new}")


def _row_of(operator: ast.cmpop, left: ast.expr, right: ast.expr, lines: list[str]) -> int:
    """The line on which the operator between two sides stands: they may be written on two."""
    first = (left.end_lineno or 1) - 1
    behind = lines[first].encode()[left.end_col_offset or 0 :]
    return first if _ORDER[type(operator)][0].encode() in behind else right.lineno - 1


def _numbers(node: ast.Constant, lines: list[str], reason: str | None) -> Iterator[_Change | Skipped]:
    row = node.lineno - 1
    if reason is not None:
        yield Skipped(f"{node.lineno} {node.value!r}  | {lines[row].strip()}", reason)
        return
    written = lines[row].encode()[node.col_offset : node.end_col_offset].decode()
    for moved in one_unit_off(written):
        yield _Change(row, node.col_offset, node.end_col_offset or 0, moved, f"{written} becomes {moved}")


def _left_out(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The numbers that are no thresholds, by what they stand in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            yield from _within(node.slice, "a place in a sequence")
        elif isinstance(node, ast.JoinedStr):
            yield from _within(node, "part of a text")
        elif isinstance(node, ast.AugAssign):
            yield from _within(node.value, "counts versions")
        elif isinstance(node, ast.AnnAssign) and node.value is not None and isinstance(node.value, ast.Constant):
            yield from _within(node.value, "what a field is before anything is known")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("lru_cache", "Field"):
            yield from _within(node, "a size of a cache or a form")
        elif isinstance(node, ast.FunctionDef):
            for default in node.args.defaults:
                yield from _within(default, "what a field is before anything is known")


def _within(node: ast.AST, reason: str) -> Iterator[tuple[int, str]]:
    return ((id(part), reason) for part in ast.walk(node) if isinstance(part, ast.Constant) and _is_number(part))


def _of_parameters(lines: list[str]) -> Iterator[_Change | Skipped]:
    key = ""
    for row, line in enumerate(lines):
        stripped = line.strip()
        if stripped.startswith("- key:"):
            key = stripped.split(":", 1)[1].strip()
        if not stripped.startswith("value:"):
            continue
        written = stripped.removeprefix("value:").strip()
        moved = one_unit_off(written)
        if key in _UNREAD:
            yield Skipped(f"{row + 1} {key}", _UNREAD[key])
        elif not moved:
            yield Skipped(f"{row + 1} {key} {written}", "a list, a table or a code, not a number")
        for other in moved if key not in _UNREAD else ():
            start = line.index(written)
            yield _Change(row, start, start + len(written), other, f"{key} {written} becomes {other}")


def _clause_below(lines: list[str], row: int) -> tuple[str, ...]:
    """The clauses of a parameter's entry, which ends where the next one begins."""
    entry: list[str] = []
    for line in lines[row + 1 :]:
        if line.strip().startswith("- key:"):
            break
        entry.append(line)
    return tuple(dict.fromkeys(_CLAUSE.findall("".join(entry))))


def one_unit_off(written: str) -> list[str]:
    """A number as it is written, one unit of its last place more and less; nothing for what is no number.

    A fraction is one of its parts more and less; a truth value is the other one.
    """
    if written in _OTHER:
        return [_OTHER[written]]
    if fraction := _FRACTION.fullmatch(written):
        above, below = int(fraction[1]), fraction[2]
        return [f'"{above + 1}/{below}"', f'"{above - 1}/{below}"']
    try:
        number = Decimal(written.strip('"'))
    except InvalidOperation:
        return []
    unit = Decimal(1).scaleb(int(number.as_tuple().exponent))
    quote = '"' if written.startswith('"') else ""
    return [f"{quote}{number + step}{quote}" for step in (unit, -unit)]
