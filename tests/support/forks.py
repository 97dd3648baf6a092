"""Processes that start at once: forks of one that has imported the command line already.

Starting an interpreter and importing what a command needs takes most of a short command's time.
A fork has its own folder, environment and files, is killed like any process, and ends as an
interpreter ends: threads, what runs at exit, the last flush, the exit code. What has to start from
nothing (an installed script, the imports themselves) needs a process of its own instead.
"""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
COMMAND_LINE = "from pricetrail.__main__ import main\nmain()"


class Forked:
    """A running fork, in the words of `subprocess.Popen`.

    It runs in this process's environment as it is now, and in its folder where none is named.
    `warmed` is what the one that it is forked from did before: a module's `warm_up`, with words.
    """

    def __init__(
        self,
        program: str,
        *arguments: str,
        folder: Path | None = None,
        stdout: int | None = None,
        warmed: tuple[str, ...] = (),
    ) -> None:
        self.returncode: int | None = None
        with ExitStack() as files:
            self._out = files.enter_context(TemporaryFile())
            self._err = files.enter_context(TemporaryFile())
            self._files = files.pop_all()
        request = {
            "program": program,
            "arguments": arguments,
            "folder": str(folder or Path.cwd()),
            "environment": dict(os.environ),
        }
        reading, told = os.pipe()
        out = self._out.fileno() if stdout is None else stdout
        message = json.dumps(request).encode()
        socket.send_fds(_server(warmed), [message], [out, self._err.fileno(), told])
        os.close(told)
        self._told = self._files.enter_context(os.fdopen(reading, "rb", buffering=0))
        self.pid = int(self._told.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        self._files.close()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it, whatever it does."""
        try:
            self.send_signal(signal.SIGKILL)
        except ProcessLookupError:
            return

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends by itself before that."""
        return self.returncode is not None or bool(select.select([self._told], [], [], seconds)[0])

    def wait(self, timeout: float = 60) -> int:
        """Its exit code, or the negative number of the signal that killed it."""
        if self.returncode is None:
            assert self.ends_within(timeout), "it is still running"
            self.returncode = int(self._told.readline())
        return self.returncode

    def told(self) -> str:
        """What it has said on stderr up to now."""
        # Where the file stands is shared with the process: it must not move.
        return os.pread(self._err.fileno(), 1 << 16, 0).decode()

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """What it printed by the time it had ended."""
        self.wait(timeout)
        texts = []
        for file in (self._out, self._err):
            file.seek(0)
            texts.append(file.read().decode())
        return texts[0], texts[1]


@cache
def _server(warmed: tuple[str, ...]) -> socket.socket:
    """The other end of the process that forks, which is started once and ends with this one."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno()), *warmed],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=[theirs.fileno()],
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours
