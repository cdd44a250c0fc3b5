"""The lines of the story, read from `lines.yaml` beside this file and from nowhere else."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Lines:
    inpatient_relieved: Decimal
    inpatient_ordinary: Decimal
    outpatient: Decimal
    tuition: Decimal
    unsafe_grades: tuple[str, ...]
    litres_per_day: int
    fetch_minutes: int
    short_days: int
    labour: tuple[str, ...]
    monitored: dict[int, Decimal]
    """The monitoring line by year, yuan per head."""


@cache
def story_lines() -> Lines:
    stored = yaml.safe_load((Path(__file__).parent / "lines.yaml").read_text(encoding="utf-8"))
    medical, water = stored["medical"], stored["water"]
    return Lines(
        inpatient_relieved=Decimal(medical["inpatient_relieved_yuan"]),
        inpatient_ordinary=Decimal(medical["inpatient_ordinary_yuan"]),
        outpatient=Decimal(medical["outpatient_yuan"]),
        tuition=Decimal(stored["tuition"]["school_year_yuan"]),
        unsafe_grades=tuple(stored["housing"]["unsafe_grades"]),
        litres_per_day=water["litres_per_day"],
        fetch_minutes=water["fetch_minutes"],
        short_days=water["short_days"],
        labour=tuple(stored["job_loss"]["labour"]),
        monitored={year: Decimal(line) for year, line in stored["monitoring_line"].items()},
    )
