"""Named points at which a process kills itself once, for the tests of the delivery guarantee (DEMO only).

Arming writes nothing and costs nothing when off: `point` compares a string. The kill is SIGKILL: no handler runs, no
buffer is flushed, as in a power cut.
"""

import os
import signal

POINTS = (
    "before-commit",
    "after-commit",
    "after-send",
    "after-mark",
    "within-effect",
    "within-import-chunk",
    "within-republish-chunk",
    "within-replay-chunk",
)

_armed = ""


def arm(name: str) -> None:
    """Arm one point by name (empty: none); raises ValueError for a name that does not exist."""
    global _armed  # noqa: PLW0603 -- one process, one armed point; there is nothing to hand it through
    if name and name not in POINTS:
        raise ValueError(f"no such crash point: {name}; there are {', '.join(POINTS)}")
    _armed = name


def point(name: str) -> None:
    """Die here if this point is armed."""
    if name == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
