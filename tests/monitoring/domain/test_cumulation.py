"""Expense adds up over a period, each record once: as the newest file has it, else as the newest warning (M-1.1.2)."""

from datetime import date
from decimal import Decimal

from services.monitoring.domain.cumulation import Cumulated, Expense, cumulated

DAY = date(2024, 3, 5)


def expense(record_no: str, amount: str | None, *, day: date = DAY, from_file: bool = False) -> Expense:
    return Expense(record_no=record_no, amount=None if amount is None else Decimal(amount), on=day, from_file=from_file)


def total(*expenses: Expense) -> str | None:
    found = cumulated(expenses).amount
    return None if found is None else str(found)


def test_files_and_warnings_add_up() -> None:
    assert total(expense("1", "300.00", from_file=True), expense("2", "199.99"), expense("3", "0.01")) == "500.00"


def test_the_newest_warning_of_a_record_corrects_the_earlier_one() -> None:
    assert total(expense("1", "300.00"), expense("1", "280.00")) == "280.00"


def test_a_file_has_the_last_word_whichever_came_first() -> None:
    assert total(expense("1", "250.00", from_file=True), expense("1", "300.00")) == "250.00"
    assert total(expense("1", "300.00"), expense("1", "250.00", from_file=True)) == "250.00"


def test_of_two_files_the_newer_one_counts() -> None:
    assert total(expense("1", "250.00", from_file=True), expense("1", "260.00", from_file=True)) == "260.00"


def test_a_refund_takes_away() -> None:
    assert total(expense("1", "250.00"), expense("2", "-50.00")) == "200.00"


def test_unknown_amounts_are_not_zero() -> None:
    assert total(expense("1", None)) is None
    assert total(expense("1", None), expense("2", "0.00")) == "0.00"


def test_the_last_day_is_that_of_the_last_record_that_counts() -> None:
    corrected = [
        expense("1", "1.00", day=date(2024, 3, 9)),
        expense("1", "1.00", day=date(2024, 3, 2)),
        expense("2", "1.00"),
    ]
    assert cumulated(corrected) == Cumulated(Decimal("2.00"), DAY)
