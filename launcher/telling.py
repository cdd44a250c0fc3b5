"""What the launcher tells the person who started it: plain lines, in the language of the terminal.

On a terminal the line of what is being done moves; elsewhere (a pipe, a CI log) only finished lines are written.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status

ZH, EN = "zh", "en"


def language_of(environment: Mapping[str, str]) -> str:
    """`zh` where the terminal speaks Chinese, otherwise `en`; the first variable that is set decides, as in POSIX."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return ZH if environment[name].lower().startswith("zh") else EN
    return EN


@dataclass(slots=True)
class Teller:
    """Writes to the console; `moving` is the line that changes while something is being done."""

    console: Console
    language: str
    moving: Status | None = field(default=None, init=False)

    def say(self, zh: str, en: str) -> None:
        """One finished line."""
        self.console.print(zh if self.language == ZH else en)

    @contextmanager
    def doing(self, zh: str, en: str) -> Iterator["Teller"]:
        """Show what is being done until it is done."""
        if not self.console.is_terminal:
            yield self
            return
        with self.console.status(zh if self.language == ZH else en) as moving:
            self.moving = moving
            try:
                yield self
            finally:
                self.moving = None

    def now(self, zh: str, en: str) -> None:
        """Change the moving line; nothing where lines do not move."""
        if self.moving is not None:
            self.moving.update(zh if self.language == ZH else en)


def teller() -> Teller:
    """For standard output: colours and moving lines on a terminal, plain text elsewhere."""
    return Teller(Console(markup=False, highlight=False, soft_wrap=True), language_of(os.environ))


@dataclass(frozen=True, slots=True)
class Stopwatch:
    started: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        return f"{time.monotonic() - self.started:.1f} s"
