"""What keeps a run from beginning is told in one plain line of each language that says what to do."""

import socket
from pathlib import Path

import pytest

from launcher.errors import PortTaken, ScaleRefused
from launcher.options import Broker, Files, Options
from launcher.ports import HOST, ports_from, refuse_taken
from launcher.telling import language_of
from sampletown.scale import ScaleName


def options(scale: ScaleName = ScaleName.TOWN, broker: Broker = Broker.EMBEDDED, seed: int = 1) -> Options:
    return Options(scale, seed, 8000, broker, Files.CLEAN, once=True, data=Path("/data"))


@pytest.mark.parametrize("scale", [ScaleName.TINY, ScaleName.TOWN])
def test_the_embedded_broker_holds_a_town(scale: ScaleName) -> None:
    options(scale).refuse_what_cannot_stand()


@pytest.mark.parametrize("scale", [ScaleName.COUNTY, ScaleName.CITY])
def test_beyond_a_town_a_real_kafka_is_asked_for(scale: ScaleName) -> None:
    with pytest.raises(ScaleRefused) as refused:
        options(scale).refuse_what_cannot_stand()
    for line in (refused.value.message_zh, refused.value.message_en):
        assert f"make run SCALE={scale} KAFKA=real" in line
        assert "\n" not in line
    options(scale, Broker.REAL).refuse_what_cannot_stand()


def test_each_town_has_data_of_its_own() -> None:
    one, ten = options(seed=1).directory, options(seed=10).directory
    assert one != ten
    assert options(ScaleName.TINY).directory != one


def test_the_services_take_the_ports_after_the_gateway() -> None:
    expected = {"gateway": 9000, "monitoring": 9001, "assets": 9002, "employment": 9003, "relief": 9004}
    assert ports_from(9000) == expected


def test_a_port_in_use_is_named_with_its_service(loopback: None) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            refuse_taken({"relief": port})
        for line in (refused.value.message_zh, refused.value.message_en):
            assert str(port) in line
            assert "relief" in line
            assert "make run PORT=" in line
    refuse_taken({"relief": port})


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": ""}, "en"),
    ],
)
def test_the_terminal_decides_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of(environment) == language
