"""A safe house and safe water (facts.md 2.6; clause M-1.1.2). One failing indicator makes water unsafe."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from contracts.decision import Because
from contracts.parameters import ParameterBook
from services.monitoring.domain.judgement import Judgement, ScreeningFacts

UNSAFE_GRADES = "monitoring.screening.housing.unsafe-grades"
WATER_LITRES = "monitoring.screening.water.litres-per-day"
WATER_FETCH_MINUTES = "monitoring.screening.water.fetch-minutes"
WATER_SHORT_DAYS = "monitoring.screening.water.short-days"

_RANK = {"A": 1, "B": 2, "C": 3, "D": 4}


def housing(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """The house was appraised in a grade that counts as dangerous. The worse the grade, the heavier."""
    unsafe = book.find(UNSAFE_GRADES, day, division)
    rank = _RANK.get(facts.grade or "")
    return Judgement.of(
        "housing-unsafe",
        None if rank is None else facts.grade in unsafe.value,
        Because(
            zh=f"住房安全鉴定等级{facts.grade or '?'},危房等级为{'、'.join(unsafe.value)}",
            en=f"The house is of grade {facts.grade or '?'}; dangerous are {', '.join(unsafe.value)}",
        ),
        [unsafe],
        None if rank is None else Decimal(rank),
    )


def water(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """Quantity, quality, convenience or assurance fails: too few litres, not up to standard, too far, too often short.

    On a line passes. Nothing failing is safe only when all four are known.
    """
    litres = book.find(WATER_LITRES, day, division)
    minutes = book.find(WATER_FETCH_MINUTES, day, division)
    days = book.find(WATER_SHORT_DAYS, day, division)
    failing = {
        ("水量", "quantity"): _test(facts.litres_per_day, lambda value: value < litres.decimal),
        ("水质", "quality"): None if facts.quality_ok is None else not facts.quality_ok,
        ("用水方便程度", "convenience"): _test(facts.fetch_minutes, lambda value: value > minutes.decimal),
        ("供水保证率", "assurance"): _test(facts.short_days, lambda value: value > days.decimal),
    }
    failed = [name for name, fails in failing.items() if fails]
    unknown = [name for name, fails in failing.items() if fails is None]
    return Judgement.of(
        "water-unsafe",
        True if failed else None if unknown else False,
        Because(
            zh=f"饮水安全不达标:{_listed(failed, 0, '无')};未知:{_listed(unknown, 0, '无')}",
            en=f"Water fails in: {_listed(failed, 1, 'nothing')}; unknown: {_listed(unknown, 1, 'nothing')}",
        ),
        [litres, minutes, days],
        Decimal(len(failed)),
    )


def _test(value: Decimal | None, fails: Callable[[Decimal], bool]) -> bool | None:
    return None if value is None else fails(value)


def _listed(names: Iterable[tuple[str, str]], language: int, nothing: str) -> str:
    return ("、", ", ")[language].join(name[language] for name in names) or nothing
