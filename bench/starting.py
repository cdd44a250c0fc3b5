"""S1: how soon a service is ready (from the start of its process to /readyz), and what it holds then."""

from pathlib import Path

from bench.rounds import Measured
from bench.size import Size
from bench.surroundings import Surroundings

MOST_MB = 130.0


async def s1(around: Surroundings, size: Size) -> Measured:
    url = await around.database("starting", "monitoring")
    started = [await around.service("services.monitoring", url) for _ in range(min(size.rounds, 3))]
    resident = max(_resident_mb(process.pid) for process in started)
    return Measured(
        id="S1",
        what=f"service ready, resident at most {MOST_MB:.0f} MB",
        rounds=tuple(process.ready_s for process in started),
        goal=2,
        at_most=True,
        unit=" s",
        note=f"{resident:.0f} MB",
        holds=resident <= MOST_MB,
    )


def _resident_mb(pid: int) -> float:
    """What a process holds in memory, as Linux tells it (`VmRSS`, in kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (kilobytes,) = [line.split()[1] for line in lines if line.startswith("VmRSS:")]
    return int(kilobytes) / 1024
