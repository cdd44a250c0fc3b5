"""The sample town, made once for these tests."""

import pytest

from sampletown import Town, build_town
from sampletown.household import Household


@pytest.fixture(scope="session")
def town() -> Town:
    return build_town(seed=1)


@pytest.fixture(scope="session")
def tiny() -> Town:
    return build_town(seed=1, scale="tiny")


@pytest.fixture(scope="session")
def households(town: Town) -> tuple[Household, ...]:
    return tuple(town.households)
