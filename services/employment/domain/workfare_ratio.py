"""The least share of pay in a workfare project: every rule in force holds on a base of its own (M-2.2.8).

A plan speaks of the project, a national rule of central funds, a province of its own: the largest ratio is not the
strictest rule, so each is shown with its base, what is required and what was paid, and all must hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from contracts.decision import Answer, Because, Finding, ParameterUsed
from contracts.money import FEN
from contracts.parameters import ParameterBook

CLAUSE = "M-2.2.8"
RATIO = "employment.workfare.pay-ratio"
PROJECT_TOTAL = "project-total"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatioCheck:
    """One rule: yuan of its base (None: the project has no such funds), the least that is required, and its finding."""

    rule: str
    base: str
    base_amount: Decimal | None
    required: Decimal
    paid: Decimal
    finding: Finding


def ratio_checks(
    funds: Mapping[str, Decimal], paid: Decimal, *, book: ParameterBook, day: date, division: str
) -> tuple[RatioCheck, ...]:
    """Each rule in force on the day, the nearest division's first. `funds` are yuan by source, such as
    `central-funds`; the project's total is their sum. Raises ParameterMissing.

    What is required is rounded up to the fen: a fen less than the ratio is less than the ratio.
    """
    total = sum(funds.values(), Decimal(0))
    checks = []
    for value in book.all_in_force(RATIO, day, division):
        used = ParameterUsed.of(value)
        for entry in value.value:
            base, ratio = str(entry["base"]), Decimal(str(entry["ratio"]))
            amount = total if base == PROJECT_TOTAL else funds.get(base)
            required = ((amount or Decimal(0)) * ratio).quantize(FEN, rounding=ROUND_UP)
            checks.append(
                RatioCheck(
                    rule=str(entry["rule"]),
                    base=base,
                    base_amount=amount,
                    required=required,
                    paid=paid,
                    finding=_finding(str(entry["rule"]), base, amount, required, paid, used),
                )
            )
    return tuple(checks)


def _finding(
    rule: str, base: str, amount: Decimal | None, required: Decimal, paid: Decimal, used: ParameterUsed
) -> Finding:
    if amount is None:
        text = Because(
            zh=f"项目无此类资金（{base}），该项不适用", en=f"the project has no {base}: the rule does not apply"
        )
    else:
        text = Because(
            zh=f"以 {base} {amount} 元为基数，应发 {required} 元，已发 {paid} 元",
            en=f"on {amount} yuan of {base} at least {required}, paid {paid}",
        )
    return Finding(
        clause=CLAUSE, code=f"pay-ratio-{rule}", answer=Answer.of(paid >= required), because=text, parameters=(used,)
    )
