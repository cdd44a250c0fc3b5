"""Spool files are ours alone, and none outlives its use."""

import os
from pathlib import Path

import pytest

from chassis.uploads.spool import own_directory, spooled, sweep


def used_and_failed(directory: Path, seen: list[Path]) -> None:
    with spooled(directory, ".xlsx") as path:
        assert path.stat().st_mode & 0o077 == 0
        assert path.parent.stat().st_mode & 0o077 == 0
        seen.append(path)
        raise RuntimeError


def test_a_spool_file_is_readable_by_its_owner_only_and_goes_with_its_use(tmp_path: Path) -> None:
    seen: list[Path] = []
    with pytest.raises(RuntimeError):
        used_and_failed(tmp_path / "spool", seen)
    assert not seen[0].exists()


def test_only_what_a_dead_process_left_is_swept(tmp_path: Path) -> None:
    spool = own_directory(tmp_path / "spool")
    old, new, other = spool / "spool-old", spool / "spool-new", spool / "other"
    for path in (old, new, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (0, 0))
    assert sweep(spool, older_than_seconds=3600) == 1
    assert sorted(spool.iterdir()) == [other, new]
