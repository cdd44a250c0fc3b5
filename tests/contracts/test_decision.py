"""A decision always has a finding, and keeps every value it rests on."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.decision import Answer, Because, Decision, Finding, ParameterUsed
from contracts.parameters import ParameterValue

LINE = ParameterValue(
    key="line",
    value="6500",
    unit="yuan",
    valid_from=date(2024, 1, 1),
    valid_to=None,
    division="150623",
    source="a test",
    clause="M-1.1.25",
    sample=True,
)


def a_finding(answer: Answer = Answer.YES) -> Finding:
    return Finding(
        clause="M-1.1.25",
        code="income-at-the-line",
        answer=answer,
        because=Because(zh="收入恰好等于监测线", en="The income stands on the line"),
        parameters=(ParameterUsed.of(LINE),),
    )


def a_decision(**changes: Any) -> Decision:
    values: dict[str, Any] = {
        "about": "household/1",
        "outcome": "refused",
        "day": date(2024, 3, 31),
        "rule_set": "2024.1",
        "findings": (a_finding(),),
        "facts": {"income": "6500.00"},
        "decided_by": None,
        "decided_at": datetime(2024, 4, 1, 2, 0, tzinfo=UTC),
    }
    return Decision(**(values | changes))


@pytest.mark.parametrize(("known", "answer"), [(True, "yes"), (False, "no"), (None, "unknown")])
def test_what_is_not_known_is_neither_yes_nor_no(known: bool | None, answer: str) -> None:
    assert Answer.of(known) == answer


def test_a_decision_without_a_finding_cannot_be_built() -> None:
    with pytest.raises(ValidationError, match="findings"):
        a_decision(findings=())


def test_a_decision_cannot_be_changed() -> None:
    decision = a_decision()
    with pytest.raises(ValidationError, match="frozen"):
        decision.outcome = "granted"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        decision.findings[0].answer = Answer.NO  # type: ignore[misc]


def test_a_decision_is_taken_at_an_instant_with_a_zone() -> None:
    with pytest.raises(ValidationError, match="decided_at"):
        a_decision(decided_at=datetime(2024, 4, 1, 2, 0))  # noqa: DTZ001


def test_a_decision_reads_back_as_it_was_stored() -> None:
    decision = a_decision(findings=(a_finding(), a_finding(Answer.UNKNOWN)))
    assert Decision.model_validate_json(decision.model_dump_json()) == decision


def test_a_value_used_says_where_it_came_from() -> None:
    used = ParameterUsed.of(LINE)
    assert (used.value, used.unit, used.division, used.source, used.sample) == (
        "6500",
        "yuan",
        "150623",
        "a test",
        True,
    )
    assert (used.valid_from, used.valid_to) == (date(2024, 1, 1), None)


@pytest.mark.parametrize("part", [Finding, Decision, ParameterUsed, Because])
def test_an_unknown_field_is_refused(part: type[Finding | Decision | ParameterUsed | Because]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        part.model_validate({"surprise": 1})
