"""Money: decimal yuan with two places, a decimal string on the wire, never a float."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from pydantic import Field, PlainSerializer

FEN = Decimal("0.01")

Yuan = Annotated[
    Decimal,
    Field(max_digits=14, decimal_places=2, allow_inf_nan=False),
    PlainSerializer(lambda value: f"{value:.2f}", return_type=str, when_used="json"),
]
"""An amount in yuan with at most two places; negative only where a field says so."""


def to_fen(amount: Decimal) -> Decimal:
    """Round half up to the fen. Programmes with a rule of their own (a low-income top-up) do not use this."""
    return amount.quantize(FEN, rounding=ROUND_HALF_UP)
