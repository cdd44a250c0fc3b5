"""Money is decimal, exact to the fen, and a string on the wire."""

from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from contracts.money import FEN, Yuan, to_fen


class Body(BaseModel):
    amount: Yuan


class Paid(BaseModel):
    amount: Annotated[Yuan, Field(ge=0)]


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.004", "0.00"),
        ("0.005", "0.01"),
        ("0.006", "0.01"),
        ("1.115", "1.12"),
        ("-0.005", "-0.01"),
        ("2", "2.00"),
    ],
)
def test_half_a_fen_is_rounded_up(exact: str, rounded: str) -> None:
    assert str(to_fen(Decimal(exact))) == rounded


@given(st.decimals(min_value=-10_000_000, max_value=10_000_000, allow_nan=False, places=6))
def test_rounding_moves_an_amount_by_half_a_fen_at_most(amount: Decimal) -> None:
    assert abs(to_fen(amount) - amount) <= FEN / 2


@given(st.decimals(min_value=Decimal("-999999999999.99"), max_value=Decimal("999999999999.99"), places=2))
def test_an_amount_survives_the_wire(amount: Decimal) -> None:
    assert Body.model_validate_json(Body(amount=amount).model_dump_json()).amount == amount


@pytest.mark.parametrize(
    ("text", "written"), [("5000", "5000.00"), ("0.1", "0.10"), ("-0.00", "0.00"), ("-3.5", "-3.50")]
)
def test_an_amount_is_written_with_two_places(text: str, written: str) -> None:
    assert Body.model_validate({"amount": text}).model_dump(mode="json") == {"amount": written}


@pytest.mark.parametrize(
    "amount",
    [
        "12.3",
        "12",
        "true",
        '"1.005"',
        '"1e3"',
        '"1_000"',
        '"１２"',
        '" 12"',
        '"12\\n"',
        '"NaN"',
        '"1,000.00"',
        '""',
        '"1234567890123"',
    ],
)
def test_only_a_plain_decimal_string_is_money(amount: str) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate_json(f'{{"amount": {amount}}}')


@pytest.mark.parametrize("amount", [Decimal("1.001"), Decimal("NaN"), Decimal("Infinity"), 1.5, 1])
def test_our_own_code_cannot_slip_in_a_float_or_a_third_place(amount: object) -> None:
    with pytest.raises(ValidationError):
        Body.model_validate({"amount": amount})


def test_a_field_may_ask_for_more() -> None:
    assert Paid.model_validate({"amount": "0.00"}).amount == 0
    with pytest.raises(ValidationError):
        Paid.model_validate({"amount": "-0.01"})


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_published_schema_asks_for_a_string(mode: str) -> None:
    schema = Body.model_json_schema(mode=mode)["properties"]["amount"]  # type: ignore[arg-type]
    assert schema["type"] == "string"
    assert schema["pattern"]
