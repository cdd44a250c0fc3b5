"""What may be told in public: closed by default, and never a measured value."""

from datetime import date
from decimal import Decimal

import pytest

from services.monitoring.domain.judgement import ScreeningFacts
from services.monitoring.domain.public import public_finding, public_kind, public_period
from services.monitoring.domain.screening import RULES, screen
from tests.builders import VILLAGE, a_book


@pytest.mark.parametrize("kind", ["tuition", "housing", "water", "disaster", "job-loss", "civil-affairs", "fire"])
def test_kinds_that_tell_nothing_of_health_are_named(kind: str) -> None:
    assert public_kind(kind) == kind
    assert public_kind(f"self-declared-{kind}") == f"self-declared-{kind}"
    assert public_period(kind, "2023") == "2023"


@pytest.mark.parametrize(
    "kind",
    [
        "medical",
        "medical-inpatient",
        "medical-outpatient",
        "illness",
        "disability",
        "epidemic",
        "public-health",
        "accident",
        "a-kind-of-tomorrow",
        "",
        "other-hardship",
    ],
)
def test_health_accidents_and_every_unknown_kind_are_other_hardship(kind: str) -> None:
    assert public_kind(kind) == "other-hardship"
    assert public_kind(f"incident-{kind}") == "other-hardship"
    assert public_period(kind, "2023-11") is None


def test_a_public_finding_has_clause_code_answer_and_line_but_no_measured_value() -> None:
    rule, day = RULES["tuition"], date(2023, 11, 30)
    finding = screen(
        rule,
        ScreeningFacts(amount=Decimal("23410.57")),
        book=a_book(),
        period=rule.period_of(day),
        day=day,
        division=VILLAGE,
    )
    said = public_finding(finding.finding, finding.rule)
    assert said.model_dump() == {
        "clause": "M-1.1.2",
        "code": "tuition-above-line",
        "answer": "yes",
        "parameters": ({"key": "monitoring.screening.tuition.school-year", "value": "10000.00"},),
    }
    assert "23410" not in said.model_dump_json()


def test_a_line_that_is_a_list_of_codes_is_told_as_one() -> None:
    rule, day = RULES["housing"], date(2023, 11, 30)
    finding = screen(
        rule, ScreeningFacts(grade="D"), book=a_book(), period=rule.period_of(day, "J-1"), day=day, division=VILLAGE
    )
    assert public_finding(finding.finding, "housing").parameters[0].value == ("C", "D")
