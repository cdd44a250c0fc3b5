"""Starts a program that cannot outlive the process that started it.

Run as a script it is the short step between fork and exec: it gives up root where asked, binds the program's life
to its parent's, and becomes the program. A preexec function would do the same, but in the memory of a parent whose
other threads (Kafka clients, for instance) may hold locks at that moment. Standard library only: it runs with -I -S.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

PR_SET_PDEATHSIG = 1


def start_on_leash(
    command: Sequence[str],
    *,
    log: Path,
    death_signal: signal.Signals,
    user: str | None = None,
    directory: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts the program as `user`, its output appended to `log`; the pid is the program's own.

    When this process ends in whatever way, the program gets `death_signal` (Linux only; elsewhere the next start
    takes the orphan over). The program leads a session of its own, so that Ctrl-C in the terminal reaches the
    launcher alone, which then stops things in order.
    """
    arguments = [str(os.getpid()), death_signal.name, user or "", *command]

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=directory,
                env=None if environment is None else dict(environment),
                start_new_session=True,
            )

    return _parent_thread().submit(start).result()


@cache
def _parent_thread() -> ThreadPoolExecutor:
    """One thread that lives as long as the process: the kernel takes the end of the starting thread for the parent's.

    A worker thread of an event loop, say, ends with the loop, and would take the program with it.
    """
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="leash")


def become(parent: int, death_signal: signal.Signals, user: str, command: Sequence[str]) -> None:
    """Turns this process into the program; returns only by raising."""
    if user:
        _give_up_root(user)
    # After the change of user, which would clear it.
    if sys.platform == "linux":
        _die_with_parent(parent, death_signal)
    os.execv(command[0], list(command))


def _give_up_root(user: str) -> None:
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


def _die_with_parent(parent: int, death_signal: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    # The parent may have ended before the kernel was asked; then nobody will ever send the signal.
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    become(int(sys.argv[1]), signal.Signals[sys.argv[2]], sys.argv[3], sys.argv[4:])
