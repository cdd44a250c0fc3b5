"""The parameter values of monitoring that come with the release (parameters.yaml), read when asked for."""

from contracts.parameter_seed import seed_of
from contracts.parameters import ParameterValue


def load_seed() -> tuple[ParameterValue, ...]:
    """Every seeded value of monitoring; raises ValueError when the file is not what it should be."""
    return seed_of(__package__)
