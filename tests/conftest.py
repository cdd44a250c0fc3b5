"""What holds for every test: sockets are closed, and the real Kafka starts only when asked for.

The fixtures that start engines and open loopback are in tests/engines.py.
"""

from __future__ import annotations

import pytest

pytest_plugins = ["tests.engines", "tests.apps"]

LOOPBACK = ["127.0.0.1", "::1"]
OPENS_LOOPBACK = {"loopback", "real_kafka"}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # Unix sockets stay open: PostgreSQL listens on one, and every event loop wakes itself through a pair of them.
    config.option.disable_socket = True
    config.option.allow_unix_socket = True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if OPENS_LOOPBACK & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.allow_hosts(LOOPBACK))
    if "live" not in config.option.markexpr:
        _deselect_live(config, items)


def _deselect_live(config: pytest.Config, items: list[pytest.Item]) -> None:
    live = [item for item in items if item.get_closest_marker("live")]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [item for item in items if item not in live]
