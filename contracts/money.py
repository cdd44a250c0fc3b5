"""Money: decimal yuan with two places, a decimal string on the wire, never a float."""

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

FEN = Decimal("0.01")
_PATTERN = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"
_WRITTEN = re.compile(_PATTERN.removeprefix("^").removesuffix("$"))


def _decimal_string(value: object) -> Decimal:
    """Only a string (or a Decimal of ours) is money: a number of JSON has been a float on its way."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _WRITTEN.fullmatch(value):
        raise ValueError("money is a decimal string in yuan with at most two places")
    return Decimal(value)


def _two_places(amount: Decimal) -> str:
    return f"{amount + 0:.2f}"  # Adding zero turns a negative zero into zero.


Yuan = Annotated[
    Decimal,
    Field(max_digits=14, decimal_places=2, allow_inf_nan=False),
    BeforeValidator(_decimal_string),
    PlainSerializer(_two_places, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _PATTERN, "examples": ["8200.00"]}),
]
"""An amount in yuan with at most two places; negative only where a field says so."""


def to_fen(amount: Decimal) -> Decimal:
    """Round half up to the fen. Programmes with a rule of their own (a low-income top-up) do not use this."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)
