"""A small file of settings that is read again when it changes, so that registering an app needs no restart."""

from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import structlog

T = TypeVar("T")
log = structlog.get_logger(__name__)


class WatchedFile(Generic[T]):
    """The parsed content of a file. A missing file has the content of an empty one; a broken change is reported."""

    def __init__(self, file: Path | None, parse: Callable[[str], T], empty: T) -> None:
        self._file = file
        self._parse = parse
        self._content = self._empty = empty
        self._seen: tuple[int, int, int] | None = None

    def load(self) -> T:
        """Read it now; raises ValueError when its content is not what it must be. For the start of a process."""
        self._seen = None
        return self._read()

    @property
    def content(self) -> T:
        """What it holds now; after a change that cannot be read, what it held before."""
        try:
            return self._read()
        except ValueError as error:
            log.error("settings-file-unreadable", file=str(self._file), error=type(error).__name__)
            return self._content

    def _read(self) -> T:
        if self._file is None:
            return self._empty
        try:
            status = self._file.stat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen != self._seen:
                self._seen = seen
                self._content = self._parse(self._file.read_text())
        except FileNotFoundError:
            self._seen, self._content = None, self._empty
        return self._content
