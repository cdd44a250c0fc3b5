"""What a run was asked for, as the Makefile's variables say it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from launcher.engines.places import data_root
from launcher.errors import ScaleRefused
from sampletown.scale import ScaleName

PROJECT = Path(__file__).parents[1]


class Broker(StrEnum):
    EMBEDDED = "embedded"
    REAL = "real"


class Files(StrEnum):
    CLEAN = "clean"
    DIRTY = "dirty"


@dataclass(frozen=True, slots=True)
class Options:
    """`port` is the gateway's; the services take the four after it. `once` ends the run after its main job."""

    scale: ScaleName
    seed: int
    port: int
    broker: Broker
    files: Files
    once: bool
    data: Path | None = None
    villages: int = 2
    """How many villages are played through their procedures; the largest number means all."""

    @property
    def directory(self) -> Path:
        """Where everything of this town is kept between runs; another scale or seed is another town."""
        return (self.data or data_root(PROJECT)) / f"{self.scale}-{self.seed}"

    def refuse_what_cannot_stand(self) -> None:
        """Raise ScaleRefused where the embedded broker would silently drop what it cannot hold."""
        if self.broker is Broker.EMBEDDED and self.scale in (ScaleName.COUNTY, ScaleName.CITY):
            raise ScaleRefused(self.scale)
