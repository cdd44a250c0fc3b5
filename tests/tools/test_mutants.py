"""The mutation script derives every threshold from what is written, and names what it leaves out."""

from pathlib import Path

import pytest

from tools.mutants import Mutant, Skipped, mutants_of, one_unit_off

CODE = Path("rules.py")
PARAMETERS = Path("parameters.yaml")


def texts(path: Path, text: str) -> list[str]:
    return [mutant.text for mutant in mutants_of(path, text) if isinstance(mutant, Mutant)]


def reasons(path: Path, text: str) -> list[str]:
    return [skipped.reason for skipped in mutants_of(path, text) if isinstance(skipped, Skipped)]


@pytest.mark.parametrize(
    ("code", "mutated"),
    [
        ("a < b\n", ["a <= b\n"]),
        ("a <= b\n", ["a < b\n"]),
        ("a > b\n", ["a >= b\n"]),
        ("a >= b\n", ["a > b\n"]),
        ("low <= a < high\n", ["low < a < high\n", "low <= a <= high\n"]),
        ("钱 = '线' < b\n", ["钱 = '线' <= b\n"]),
        ("(a\n <= b)\n", ["(a\n < b)\n"]),
        ("(a <=\n b)\n", ["(a <\n b)\n"]),
        ("a == 5\n", ["a == 6\n", "a == 4\n"]),
        ("MOST = 5\n", ["MOST = 6\n", "MOST = 4\n"]),
        ("timedelta(days=15)\n", ["timedelta(days=16)\n", "timedelta(days=14)\n"]),
        ("a is b and c in d\n", []),
    ],
)
def test_each_line_of_code_is_lost_or_moved(code: str, mutated: list[str]) -> None:
    assert texts(CODE, code) == mutated


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("a[0]\n", "a place in a sequence"),
        ("a[:-1]\n", "a place in a sequence"),
        ("version: int = 0\n", "what a field is before anything is known"),
        ("version += 1\n", "counts versions"),
        ("f'{a:04d} {b(1)}'\n", "part of a text"),
    ],
)
def test_what_is_no_threshold_is_named(code: str, reason: str) -> None:
    assert texts(CODE, code) == []
    assert reasons(CODE, code) == [reason]


def test_a_mutant_of_code_knows_the_clauses_of_its_file() -> None:
    (mutant,) = [one for one in mutants_of(CODE, '"""Incomes (M-1.1.2, S-4.4)."""\na < b\n') if isinstance(one, Mutant)]
    assert mutant.clauses == ("M-1.1.2", "S-4.4")
    assert mutant.place == "rules.py:2:3 < becomes <=  | a < b"


TWO = """values:
  - key: a.line
    value: "5000.00"
    clause: M-1.1.2
  - key: a.quorum
    value: "2/3"
    clause: M-1.1.10
"""


def test_each_parameter_moves_by_one_unit_and_knows_its_own_clause() -> None:
    found = [one for one in mutants_of(PARAMETERS, TWO) if isinstance(one, Mutant)]
    moved = [[line.strip() for line in one.text.splitlines() if "value:" in line] for one in found]
    assert moved == [
        ['value: "5000.01"', 'value: "2/3"'],
        ['value: "4999.99"', 'value: "2/3"'],
        ['value: "5000.00"', 'value: "3/3"'],
        ['value: "5000.00"', 'value: "1/3"'],
    ]
    assert [one.clauses for one in found] == [("M-1.1.2",), ("M-1.1.2",), ("M-1.1.10",), ("M-1.1.10",)]


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("6", ["7", "5"]),
        ('"35"', ['"36"', '"34"']),
        ('"8000.00"', ['"8000.01"', '"7999.99"']),
        ("true", ["false"]),
        ("[C, D]", []),
        ("plan", []),
    ],
)
def test_one_unit_is_that_of_the_last_place(written: str, moved: list[str]) -> None:
    assert one_unit_off(written) == moved


def test_a_list_is_left_out_with_its_reason() -> None:
    assert reasons(PARAMETERS, "  - key: a.grades\n    value: [C, D]\n") == ["a list, a table or a code, not a number"]
