"""The two tiny services on which the delivery guarantee is tested (tests/things.py)."""

from tests.things import start_process

__all__ = ["start_process"]
