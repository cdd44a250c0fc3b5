"""A synthetic town, county or city for demonstrations, tests and measurements.

Nobody in it lives: names, resident ids, villages and every event are made from a seed. It knows the layouts of
files in `contracts` and its own lines in `lines.yaml`, and never asks a service what it would decide.
"""

from sampletown.town import Town, build_town

__all__ = ["Town", "build_town"]
