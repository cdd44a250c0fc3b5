"""Days, amounts, answers and codes as a Chinese paper writes them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from contracts.clauses import clause
from contracts.decision import Answer
from contracts.dictionary import dictionary
from contracts.money import to_fen
from contracts.month import Month

TEMPLATES = Path(__file__).parent / "templates"

IDENTIFICATION, ELIMINATION = "identification", "elimination"
ORIGINS = {"flag": "预警", "signal": "线索", "incident": "突发事件", "request": "申请"}
ANSWERS = {Answer.YES: "是", Answer.NO: "否", Answer.UNKNOWN: "不明"}
SECURED = {Answer.YES: "已保障", Answer.NO: "未保障", Answer.UNKNOWN: "不明"}
ECONOMY = {
    "bank-deposits": "银行存款",
    "vehicles": "机动车辆",
    "truck": "货车",
    "car": "小汽车",
    "real-estate": "不动产",
    "business-registration": "经营主体登记",
    "pensions": "养老待遇",
    "insurance": "商业保险",
}
"""What may be looked up of a household's economy and what it may own. Codes are open: one that is not here is shown
as it is."""


def day_text(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def month_text(month: Month) -> str:
    return f"{month.year}年{month.number}月"


def amount_text(amount: Decimal | None) -> str:
    """Yuan with two places; 未填报 where nothing was reported, which is not zero."""
    return "未填报" if amount is None else f"{to_fen(amount):,.2f}元"


def known_text(known: bool | None) -> str:
    return ANSWERS[Answer.of(known)]


def code_text(name: str, code: str, day: date) -> str:
    """The term of a code in a dictionary on a day; the code itself where the dictionary no longer has it."""
    entry = dictionary(name).find(code, day)
    return entry.zh if entry else code


def economy_text(codes: tuple[str, ...]) -> str:
    return "、".join(ECONOMY.get(code, code) for code in codes) or "无"


def clause_text(clause_id: str) -> str:
    """The plan's term of a clause, with its number."""
    return f"{clause(clause_id).term}（{clause_id}）"
