"""A program on the leash ends with its starter, in whatever way that one ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

STARTER = """
import signal, sys
from pathlib import Path
from launcher.engines.leash import start_on_leash
program = start_on_leash(["/bin/sleep", "1000"], log=Path(sys.argv[1]), death_signal=signal.SIGTERM)
print(program.pid, flush=True)
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start takes an orphan over")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("became", [True, False], ids=["running", "not yet running"])
def test_the_program_ends_with_its_starter(how: signal.Signals, became: bool, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        program = os.pidfd_open(pid)
        while became and Path(f"/proc/{pid}/comm").read_text() != "sleep\n":
            pass  # still Python, on its way to become the program
        starter.send_signal(how)
    with os.fdopen(program) as ended:
        assert select.select([ended], [], [], 10)[0]
