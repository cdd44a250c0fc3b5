"""Judge what was signalled, raise or join flags, and record the signals: the one way from evidence to a flag.

Single signals, bulk comparisons and incidents all come here, so that a rule is applied in one way only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

from chassis.unit_of_work import UnitOfWork
from contracts.decision import Answer
from services.monitoring.domain.flags import Flag
from services.monitoring.domain.ids import FlagId
from services.monitoring.domain.judgement import ScreeningFinding
from services.monitoring.domain.signals import Signal
from services.monitoring.storage import flags, signals


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A signal with what its rule found in the evidence of its period."""

    signal: Signal
    finding: ScreeningFinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a batch: the recorded signals, and the flags that were raised (again)."""

    signals: tuple[Signal, ...]
    raised: tuple[Flag, ...]


async def judge_signals(uow: UnitOfWork, judged: Sequence[Judged], *, on: date, keep_uncrossed: bool) -> Outcome:
    """Record signals and carry their findings to the flags of their households.

    With `keep_uncrossed` every signal is recorded, as when a person reports one; without it only those that crossed
    their rule are, as in a comparison, whose raw rows are kept anyway. Evidence that a flag holds already is passed
    over, so a repeated file changes nothing.
    """
    known = await flags.find_many(
        uow.driver, {(j.signal.household_id, j.finding.rule, j.finding.period) for j in judged}
    )
    changed: dict[str, Flag] = {}
    raised: dict[str, Flag] = {}
    recorded: list[Signal] = []
    for one in judged:
        flag = known.get((one.signal.household_id, one.finding.rule, one.finding.period))
        if one.finding.crossed is not Answer.YES and flag is None:
            if keep_uncrossed:
                recorded.append(one.signal)
            continue
        if flag is None:
            flag = Flag.raised(
                flag_id=FlagId(str(uuid4())),
                household_id=one.signal.household_id,
                division=one.signal.division,
                finding=one.finding,
                signals=[one.signal.id],
                on=on,
            )
            known[flag.key] = raised[flag.id] = changed[flag.id] = flag
        elif not keep_uncrossed and _is_known(flag, one.finding):
            continue
        else:
            if flag.attach(finding=one.finding, signals=[one.signal.id], on=on):
                raised[flag.id] = flag
            changed[flag.id] = flag
        recorded.append(replace(one.signal, flag_id=flag.id))
    if recorded:
        await signals.add(uow, recorded)
    if changed:
        await flags.save(uow, list(changed.values()))
    return Outcome(signals=tuple(recorded), raised=tuple(raised.values()))


def _is_known(flag: Flag, finding: ScreeningFinding) -> bool:
    return any(evidence.finding.finding == finding.finding for evidence in flag.evidence)
