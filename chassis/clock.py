"""The two times. Business time governs policy days, limits and event times; system time governs everything technical.

Business time is the system clock, or with DEMO a demo clock that all processes read from one file: it stands at an
instant until it is moved, or runs at normal pace from there. Moving it is the launcher's (or a test's) act.
"""

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from contracts.month import policy_day


class BusinessClock(Protocol):
    def now(self) -> datetime:
        """The business instant, aware and in UTC."""
        ...

    def today(self) -> date:
        """The policy day in Asia/Shanghai."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return policy_day(self.now())


@dataclass(frozen=True, slots=True)
class _Setting:
    instant: datetime
    moved_at: datetime
    running: bool


class DemoClock:
    """Reads its file again only when it changed; a missing file means that the demo has not begun: system time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: tuple[int, int] | None = None
        self._setting: _Setting | None = None

    def now(self) -> datetime:
        system = datetime.now(UTC)
        setting = self._read()
        if setting is None:
            return system
        return setting.instant + (system - setting.moved_at if setting.running else timedelta(0))

    def today(self) -> date:
        return policy_day(self.now())

    def _read(self) -> _Setting | None:
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        seen = (status.st_mtime_ns, status.st_ino)
        if seen != self._seen:
            raw = json.loads(self._file.read_text())
            self._setting = _Setting(
                datetime.fromisoformat(raw["instant"]), datetime.fromisoformat(raw["moved_at"]), raw["running"]
            )
            self._seen = seen
        return self._setting

    def move(self, instant: datetime, *, running: bool = False) -> None:
        """Put the clock at an instant, for every process that reads the file; raises ValueError backwards."""
        current = self._read()
        if current is not None and instant < self.now():
            raise ValueError("the business clock never goes back")
        raw = {
            "instant": instant.astimezone(UTC).isoformat(),
            "moved_at": datetime.now(UTC).isoformat(),
            "running": running,
        }
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(raw))
        os.replace(draft, self._file)


def business_clock(demo: bool, file: Path | None) -> BusinessClock:
    """The clock that the settings ask for: the demo clock only with DEMO and a file."""
    return DemoClock(file) if demo and file is not None else SystemClock()
