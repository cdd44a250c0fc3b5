"""The register holds every row of the plan, in our own words, and claims nothing that no test shows."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.clauses import ClauseStatus, Service, UnknownClause, clause, clause_register

TESTS = Path(__file__).parents[1]
SHARED = TESTS.parents[1] / "shared" / "policy"
PLAN = SHARED / "000_198a50be8c3cd124.txt"
COPIED_RUN = 12
"""So many Chinese characters in a row that stand in the plan as well count as copied."""

needs_the_plan = pytest.mark.skipif(not SHARED.is_dir(), reason="the plan and its rows do not lie beside this tree")


def han(text: str) -> str:
    """The Chinese characters alone, so that line breaks and punctuation hide no copy."""
    return "".join(re.findall(r"[\u4e00-\u9fff]", text))


def copied_runs(text: str, original: str) -> list[str]:
    own, plan = han(text), han(original)
    runs = (own[at : at + COPIED_RUN] for at in range(len(own) - COPIED_RUN + 1))
    return [run for run in runs if run in plan]


def marked_clauses(source: str) -> Iterator[str]:
    """Every argument of `pytest.mark.clause(...)` in a test module; anything but a literal id is an error."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="clause", value=ast.Attribute(attr="mark")), args=arguments):
                for argument in arguments:
                    assert isinstance(argument, ast.Constant), "a clause is marked by a literal id"
                    yield str(argument.value)


def clauses_with_tests() -> set[str]:
    return {marked for module in TESTS.rglob("test_*.py") for marked in marked_clauses(module.read_text("utf-8"))}


def test_the_register_has_150_rows_with_ids_of_their_own() -> None:
    assert len(clause_register()) == 150
    assert len({row.id for row in clause_register()}) == 150


def test_the_classes_count_as_the_plan_was_read() -> None:
    assert Counter(row.classes[0].value for row in clause_register()) == {"C": 83, "I": 27, "L": 25, "R": 15}


def test_every_row_is_owned_once() -> None:
    assert {row.owner for row in clause_register()} == set(Service)
    assert [row.id for row in clause_register() if row.owner in row.also or len(set(row.also)) < len(row.also)] == []


def test_every_row_is_explained_in_both_languages() -> None:
    for row in clause_register():
        assert han(row.summary.zh), row.id
        assert re.search("[a-z]", row.summary.en), row.id
        assert not han(row.summary.en), row.id


def test_a_row_is_found_by_its_id() -> None:
    assert clause("M-1.1.24").term == "不得当月识别、当月标注风险消除"
    with pytest.raises(UnknownClause):
        clause("M-9.9.9")


@needs_the_plan
def test_the_rows_are_those_of_the_plan_in_its_order() -> None:
    rows = re.findall(r"^\| ([GPMS]-[\w.]+) \|", (SHARED / "mechanisms.md").read_text("utf-8"), re.MULTILINE)
    assert [row.id for row in clause_register()] == rows


@needs_the_plan
def test_no_summary_is_copied_from_the_plan() -> None:
    plan = PLAN.read_text("utf-8")
    assert [(row.id, run) for row in clause_register() for run in copied_runs(row.summary.zh, plan)] == []


@pytest.mark.parametrize(("length", "copied"), [(COPIED_RUN - 1, False), (COPIED_RUN, True)])
def test_a_copy_is_seen_through_line_breaks_and_marks(length: int, copied: bool) -> None:
    original = "严禁采取简单发钱发物、一\n分了之的做法"
    assert bool(copied_runs("甲，" + han(original)[:length] + "。乙", original)) == copied


def test_what_counts_as_implemented_has_a_marked_test() -> None:
    implemented = {row.id for row in clause_register() if row.status is ClauseStatus.IMPLEMENTED}
    assert implemented - clauses_with_tests() == set()


def test_no_test_is_marked_with_a_clause_that_does_not_exist() -> None:
    assert clauses_with_tests() - {row.id for row in clause_register()} == set()


def test_marks_are_found_on_functions_classes_modules_and_parameters() -> None:
    source = """
import pytest
pytestmark = pytest.mark.clause("A")

@pytest.mark.clause("B", "C")
class TestIt:
    @pytest.mark.clause("D")
    async def test_it(self): ...

@pytest.mark.parametrize("x", [pytest.param(1, marks=[pytest.mark.clause("E")])])
def test_other(x): clause("F")
"""
    assert sorted(marked_clauses(source)) == ["A", "B", "C", "D", "E"]


def test_a_clause_that_is_not_marked_by_a_literal_is_refused() -> None:
    with pytest.raises(AssertionError, match="literal"):
        list(marked_clauses("@pytest.mark.clause(name)\ndef test_it(): ..."))
