"""Every measure still runs, with a tiny size; its figure decides nothing."""

import pytest

from bench.__main__ import MEASURES, measure
from bench.size import TINY


@pytest.mark.slow
@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize("name", sorted(MEASURES))
async def test_a_measure_runs(name: str) -> None:
    found = await measure(name, TINY)
    assert found.id == name
    assert found.value > 0
