"""The two tiny services of tests/things.py, for the real Kafka as well."""

from tests.things import start_process

__all__ = ["start_process"]
