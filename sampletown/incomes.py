"""A household's income of 2023 by kind: what it nets per head is given, the kinds follow from who lives there."""

from decimal import Decimal
from random import Random

from sampletown.household import ABLE, Income, Member
from sampletown.seat import Seat

INCOME_YEAR = 2023
_FEN = Decimal("0.01")


def income_of(seat: Seat, members: tuple[Member, ...], rng: Random) -> Income:
    """Wages need someone able to work; herds raise production and its cost; elders live on transfers."""
    net = seat.per_capita * len(members)
    elders = sum(member.born_on.year <= INCOME_YEAR - 60 for member in members)
    workers = sum(member.labour in ABLE for member in members)
    transfer = min(net * Decimal("0.5"), Decimal(elders * rng.randint(2000, 5200) + rng.randint(300, 2500)))
    property_income = net * Decimal(rng.randint(0, 6)) / 100
    rest = net - _fen(transfer) - _fen(property_income)
    wage = _fen(rest * _wage_share(seat, workers, rng)) if workers else Decimal("0.00")
    production_net = rest - wage
    cost = _fen(production_net * Decimal(rng.randint(45, 90)) / 100)
    return Income(
        year=INCOME_YEAR,
        wage=wage,
        production=production_net + cost,
        property_income=_fen(property_income),
        transfer=_fen(transfer),
        production_cost=cost,
        per_capita_net=seat.per_capita,
    )


def _wage_share(seat: Seat, workers: int, rng: Random) -> Decimal:
    """A hundred sheep keep one pair of hands at home."""
    herd = seat.sheep + 6 * seat.cattle
    least = 75 if herd == 0 else max(5, 70 - herd // max(1, workers))
    return Decimal(rng.randint(least, least + 20)) / 100


def _fen(amount: Decimal) -> Decimal:
    return amount.quantize(_FEN)
