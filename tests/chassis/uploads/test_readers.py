"""Every reader reads the same in SQL and in Python, and no cell makes one raise."""

from datetime import date
from decimal import Decimal

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.uploads import cells
from chassis.uploads.sql import key_pads, statements
from contracts.month import Month
from contracts.resident_id import person_key

FORMS = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\x00"), max_size=12),
    st.text(alphabet=st.sampled_from("0123456789０１２９-/.,年月日元¥￥ 　\t\u2028'=+@XxＸE是否YyNn:T_"), max_size=24),
    st.from_regex(r"\A[0-9]{4}[-/.]?[0-9]{1,2}[-/.]?[0-9]{1,2}( 0:00)?\Z"),
    st.from_regex(r"\A[0-9 _+-]{4}-[0-9 _+-]{2}-[0-9 _+-]{2}\Z"),
    st.from_regex(r"\A[-+]?[0-9]{0,13},?[0-9]{1,4}(\.[0-9]{0,8})?元?\Z"),
    st.from_regex(r"\A[0-9]{6}(19|20|00)[0-9]{2}[01][0-9][0-3][0-9]{4}[0-9X]([0-9]{2,4})?\Z"),
    st.from_regex(r"\A[0-9]{15}\Z"),
    st.dates().map(str),
)
READERS = ("read_text", "compact", "read_date", "read_month", "read_number", "read_yuan", "read_yes_no")
IDS = ("read_resident_id", "resident_id_problem")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(FORMS, min_size=50, max_size=50))
async def test_sql_and_python_read_the_same(database: asyncpg.Connection, written: list[str]) -> None:
    for name in (*READERS, *IDS):
        found = await database.fetch(f"SELECT cell, chassis.{name}(cell) AS read FROM unnest($1::text[]) cell", written)
        for cell, read in found:
            expected = getattr(cells, name)(cell)
            if isinstance(expected, Month):
                expected = date(expected.year, expected.number, 1)
            assert read == expected, (name, cell)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(FORMS, min_size=50, max_size=50))
async def test_a_cell_is_blank_when_no_text_is_read_from_it(database: asyncpg.Connection, written: list[str]) -> None:
    found = await database.fetch("SELECT cell, chassis.is_blank(cell) AS blank FROM unnest($1::text[]) cell", written)
    assert [(cell, blank) for cell, blank in found] == [(cell, cells.read_text(cell) is None) for cell in written]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.dates(date(1, 1, 1)), min_size=20, max_size=20), serial=st.integers(0, 999))
async def test_sql_and_python_agree_on_numbers_that_are_valid(
    database: asyncpg.Connection, days: list[date], serial: int
) -> None:
    bodies = [f"150623{day:%Y%m%d}".replace(" ", "0").zfill(14)[:14] + f"{serial:03}" for day in days]
    numbers = await database.fetchval(
        "SELECT array_agg(body || chassis.check_character(body)) FROM unnest($1::text[]) body", bodies
    )
    for number in numbers:
        read = await database.fetchrow(
            "SELECT chassis.read_resident_id($1) AS read, chassis.resident_id_problem($1) AS problem", number
        )
        assert read is not None
        assert (read["read"], read["problem"]) == (cells.read_resident_id(number), cells.resident_id_problem(number))


@pytest.mark.parametrize(
    ("written", "number", "problem"),
    [
        ("11010519491231002X", "11010519491231002X", None),
        ("110105491231002", "11010519491231002X", None),
        ("'11010519491231002x", "11010519491231002X", None),
        (" １１０１０５ 19491231002Ｘ", "11010519491231002X", None),
        ("11010519491231002X41", "11010519491231002X", None),
        ("11010519491231002X4312", "11010519491231002X", None),
        ("110105194912310021", None, "id-check-digit"),
        ("11010519490229002X", None, "id-birth-date"),
        ("1101051949123100X2", None, "id-form"),
        ("1.10105E+17", None, "id-number-format"),
        ("", None, None),
        ("　", None, None),
    ],
)
async def test_resident_ids(
    database: asyncpg.Connection, written: str, number: str | None, problem: str | None
) -> None:
    assert await database.fetchval("SELECT chassis.read_resident_id($1)", written) == number
    assert await database.fetchval("SELECT chassis.resident_id_problem($1)", written) == problem
    assert (cells.read_resident_id(written), cells.resident_id_problem(written)) == (number, problem)


@pytest.mark.parametrize(
    ("reader", "written", "read"),
    [
        ("read_date", "2024-03-05", date(2024, 3, 5)),
        ("read_date", "2024/3/5", date(2024, 3, 5)),
        ("read_date", "20240305", date(2024, 3, 5)),
        ("read_date", "２０２４年３月５日", date(2024, 3, 5)),
        ("read_date", "2024/3/5 0:00", date(2024, 3, 5)),
        ("read_date", "2024-02-29", date(2024, 2, 29)),
        ("read_date", "2023-02-29", None),
        ("read_date", "2024-13-01", None),
        ("read_date", "1899-12-31", None),
        ("read_date", "45356", None),
        ("read_month", "202403", date(2024, 3, 1)),
        ("read_month", "2024年3月", date(2024, 3, 1)),
        ("read_month", "2024-03-01", date(2024, 3, 1)),
        ("read_month", "2024-03-02", None),
        ("read_yuan", "1,234.5", Decimal("1234.50")),
        ("read_yuan", "￥１２元", Decimal("12.00")),
        ("read_yuan", "-0.10", Decimal("-0.10")),
        ("read_yuan", "1.230", Decimal("1.23")),
        ("read_yuan", "1.234", None),
        ("read_yuan", "12,34", None),
        ("read_yuan", "999999999999.99", Decimal("999999999999.99")),
        ("read_yuan", "1000000000000", None),
        ("read_yuan", "1e3", None),
        ("read_yuan", "NaN", None),
        ("read_number", "35.125", Decimal("35.125")),
        ("read_yes_no", "是", True),
        ("read_yes_no", " n ", False),
        ("read_yes_no", "不详", None),
        ("read_text", " 阿拉坦·其其格　", "阿拉坦·其其格"),
        ("read_text", "'=1+1", "=1+1"),
        ("read_text", "　", None),
    ],
)
async def test_readers(database: asyncpg.Connection, reader: str, written: str, read: object) -> None:
    assert await database.fetchval(f"SELECT chassis.{reader}($1)", written) == read
    in_python = getattr(cells, reader)(written)
    assert (date(in_python.year, in_python.number, 1) if isinstance(in_python, Month) else in_python) == read


@pytest.mark.parametrize("secret", [b"k", b"x" * 64, b"y" * 65, bytes(range(256))])
async def test_the_person_key_in_sql_is_the_one_of_the_contract(database: asyncpg.Connection, secret: bytes) -> None:
    number = "11010519491231002X"
    in_sql = await database.fetchval("SELECT chassis.person_key($1, $2, $3)", number, *key_pads(secret))
    assert in_sql == person_key(number, secret)


async def test_the_statements_can_be_executed_again(bare_schema: asyncpg.Connection) -> None:
    for statement in statements() * 2:
        await bare_schema.execute(statement)
    assert await bare_schema.fetchval("SELECT chassis.read_date(NULL)") is None
