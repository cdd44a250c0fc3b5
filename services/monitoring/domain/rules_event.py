"""What happens to a household, and what is reported of it (facts.md 2.5).

Disaster, job loss and the civil-affairs list come from departments (M-1.1.2); declarations, cadres and the public
report in words (M-1.1.5 to 7), so a dated list says which kinds flag at once; incidents likewise (M-1.3.9).
"""

from datetime import date
from decimal import Decimal

from contracts.decision import Because
from contracts.parameters import ParameterBook
from services.monitoring.domain.judgement import Judgement, ScreeningFacts

ABLE_LABOUR = "monitoring.screening.job-loss.able-labour"
LISTED_CATEGORIES = "monitoring.screening.civil-affairs.categories"
REPORTED_KINDS = "monitoring.screening.reported.kinds"
INCIDENT_KINDS = "monitoring.screening.incident.kinds"


def disaster(facts: ScreeningFacts, _book: ParameterBook, _day: date, _division: str) -> Judgement:
    """Any household that a disaster struck, whatever the loss."""
    return Judgement.of(
        "struck-by-disaster",
        True,
        Because(zh="列入受灾农牧户名册", en="The household is on the list of those struck by a disaster"),
        weight=facts.amount,
    )


def job_loss(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A member who is able to work lost a job. More members in the same month weigh more."""
    able = book.find(ABLE_LABOUR, day, division)
    return Judgement.of(
        "job-lost",
        None if facts.labour is None else facts.labour in able.value,
        Because(
            zh=f"失业人员的劳动能力:{facts.labour or '未知'}",
            en=f"Labour ability of the person who lost the job: {facts.labour or 'unknown'}",
        ),
        [able],
        None if facts.persons is None else Decimal(facts.persons),
    )


def civil_affairs(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A member is on the civil-affairs list in a category that counts, and the household is not monitored."""
    categories = book.find(LISTED_CATEGORIES, day, division)
    listed = None if facts.category is None else facts.category in categories.value
    crossed: bool | None
    if listed is False or facts.monitored is True:
        crossed = False
    else:
        crossed = None if listed is None or facts.monitored is None else True
    return Judgement.of(
        "listed-but-not-monitored",
        crossed,
        Because(
            zh=f"民政名册类别:{facts.category or '未知'};监测状态:{_monitored_zh[facts.monitored]}",
            en=f"Civil-affairs category: {facts.category or 'unknown'}; monitored: {_monitored_en[facts.monitored]}",
        ),
        [categories],
    )


def reported(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """The household itself, a cadre or the public reported a hardship of a kind that flags at once."""
    return _of_kind("hardship-reported", facts, key=REPORTED_KINDS, book=book, day=day, division=division)


def incident(facts: ScreeningFacts, book: ParameterBook, day: date, division: str) -> Judgement:
    """A sudden event of a kind that flags at once touched the household."""
    return _of_kind("touched-by-incident", facts, key=INCIDENT_KINDS, book=book, day=day, division=division)


def _of_kind(code: str, facts: ScreeningFacts, *, key: str, book: ParameterBook, day: date, division: str) -> Judgement:
    kinds = book.find(key, day, division)
    return Judgement.of(
        code,
        None if facts.kind is None else facts.kind in kinds.value,
        Because(zh=f"上报类别:{facts.kind or '未知'}", en=f"Kind reported: {facts.kind or 'unknown'}"),
        [kinds],
        facts.amount,
    )


_monitored_zh = {True: "已监测", False: "未监测", None: "未知"}
_monitored_en = {True: "yes", False: "no", None: "unknown"}
