"""What may be told in public about hardship: everything whose own name would tell health becomes `other-hardship`.

The dictionaries say which kinds may be named. It is closed by default: a kind that none of them knows is not named,
and neither is an accident, which so often means an injury.
"""

from functools import cache

from contracts.decision import Finding
from contracts.dictionary import dictionary
from contracts.events.monitoring import OTHER_HARDSHIP, PublicFinding, PublicParameter
from contracts.files.bureau import BUREAU_FILES, MEDICAL
from contracts.files.national import NATIONAL

_INCIDENTS_OF_HEALTH = frozenset({"public-health", "accident"})
_REPORTERS = ("self-declared-", "cadre-reported-", "socially-reported-", "incident-")


def tells_health(source: str) -> bool:
    """Whether naming this signal kind, file kind or rule in public would tell a person's health, or might."""
    for reporter in _REPORTERS:
        source = source.removeprefix(reporter)
    return source not in _named_in_public()


@cache
def _named_in_public() -> frozenset[str]:
    kinds = {e.code for e in dictionary("signal-kinds").entries if e.extra.get("published_as") == e.code}
    risks = {e.code: e.extra.get("tells_health") is not False for e in dictionary("risk-types").entries}
    incidents = {entry.code for entry in dictionary("incident-kinds").entries}
    files = {kind for kind in BUREAU_FILES if kind != MEDICAL.kind} | {NATIONAL.kind}
    harmless = {code for code, tells in risks.items() if not tells}
    return frozenset(kinds | incidents | files | harmless) - _INCIDENTS_OF_HEALTH - {OTHER_HARDSHIP}


def public_kind(kind: str) -> str:
    """A signal kind, file kind or rule as events and state messages name it."""
    return OTHER_HARDSHIP if tells_health(kind) else kind


def public_period(rule: str, period: str) -> str | None:
    """The period, unless its form (a month, a calendar year) would tell which health rule it was."""
    return None if tells_health(rule) else period


def public_finding(finding: Finding, source: str) -> PublicFinding:
    """A finding without because and measured value; where its source tells health, nothing but `other-hardship`."""
    if tells_health(source):
        return PublicFinding(clause=None, code=OTHER_HARDSHIP, answer=finding.answer.value)
    return told_finding(finding)


def told_finding(finding: Finding) -> PublicFinding:
    """A finding whose source tells no health: clause, code, answer and the values of policy, never a fact."""
    return PublicFinding(
        clause=finding.clause,
        code=finding.code,
        answer=finding.answer.value,
        parameters=tuple(
            PublicParameter(key=used.key, value=tuple(used.value) if isinstance(used.value, list) else used.value)
            for used in finding.parameters
        ),
    )
