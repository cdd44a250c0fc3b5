"""Where engines keep their data: directories that we made and nobody else shares.

An engine started by root runs as an ordinary user, so its directory must be reachable for that user. The mode of a
directory that we did not make is never changed: where the way is barred, another place is named instead.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from pathlib import Path
from typing import IO

from launcher.engines.errors import DirectoryRefused, EngineInUse

ROOTS_DATA = Path("/var/lib/shouwang")


def data_root(project: Path) -> Path:
    """The directory for all engine data of one clone: `.run` in it, or for root a place that others can reach.

    A clone of root usually lies in a home directory closed to everyone else, PostgreSQL refuses to run as root, and
    nothing may be opened that is not ours; hence /var/lib, one directory for each clone.
    """
    if os.geteuid() != 0:
        return project / ".run"
    clone = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:8]
    return ROOTS_DATA / clone


def own_directory(path: Path, *, mode: int = 0o711) -> Path:
    """Makes the directory and its missing parents; one that exists must belong to us and is left as it is."""
    if not path.parent.exists():
        own_directory(path.parent, mode=mode)
    try:
        path.mkdir()
    except FileExistsError:
        _refuse_foreign(path)
    else:
        # mkdir's own mode is cut by the umask.
        path.chmod(mode)
    return path


def _refuse_foreign(path: Path) -> None:
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise DirectoryRefused(
            f"{path} 不是本用户自己的目录，请改用其他数据目录。",
            f"{path} is not a directory of this user; choose another data directory.",
        )


def barrier_for_others(path: Path) -> Path | None:
    """The first directory on the way to `path`, itself included, that other users may not pass."""
    resolved = path.resolve()
    for step in (*reversed(resolved.parents), resolved):
        if not step.stat().st_mode & stat.S_IXOTH:
            return step
    return None


def hold(directory: Path) -> IO[bytes]:
    """Claims the directory for as long as the returned file is open, so at most until this process ends."""
    claim = (directory / "lock").open("ab")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as busy:
        claim.close()
        raise EngineInUse(
            f"另一个进程正在使用 {directory}，请先停止它。",
            f"Another process is using {directory}; stop it first.",
        ) from busy
    return claim
