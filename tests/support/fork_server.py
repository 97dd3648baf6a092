"""A process that has imported the command line and forks at each request (a child of tests)."""

import gc
import io
import json
import os
import socket
import sys
import time
from importlib import import_module
from typing import Any, NoReturn

from pricetrail.commands.registry import REGISTRY

_LONGEST = 1 << 20
# What commands import only once they run.
_LATER = ("alembic.command", "psycopg", "sqlalchemy.dialects.postgresql.psycopg")


def prepare(warmed: str = "", *words: str) -> None:
    """Import what every command needs, so that its forks need not, and warm up for some of them."""
    for name in ("pricetrail.cli", *(entry.module for entry in REGISTRY), *_LATER):
        import_module(name)
    if warmed:
        import_module(warmed).warm_up(*words)
    gc.collect()
    gc.freeze()


def next_fork(link: socket.socket) -> str:
    """Answer requests until there are no more; in each fork alone, return the program to run."""
    while True:
        message, files, _, _ = socket.recv_fds(link, _LONGEST, 3)
        _reap()
        if not message:
            os._exit(0)
        if os.fork() == 0:
            out, err, told = files
            if child := os.fork():
                _watch(child, told)
            os.close(told)
            link.close()
            return _set_up(json.loads(message), out, err)
        for file in files:
            os.close(file)


def _reap() -> None:
    """Wait for watchers that have ended; their times count as this process's children's."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _watch(child: int, told: int) -> NoReturn:
    """Tell the number of a fork, and its exit code once it has ended."""
    os.write(told, b"%d\n" % child)
    _, status = os.waitpid(child, 0)
    os.write(told, b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _set_up(request: dict[str, object], out: int, err: int) -> str:
    """Be the process that was asked for: its folder, environment, arguments and files."""
    for file, number in ((out, 1), (err, 2)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(str(request["folder"]))
    environment, arguments = request["environment"], request["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.stdout = _stream(1, "strict")
    sys.stderr = _stream(2, "backslashreplace")
    sys.argv = ["-c", *arguments]
    return str(request["program"])


def _stream(number: int, errors: str) -> io.TextIOWrapper:
    """A standard stream, opened anew as the interpreter does for whatever file it now is."""
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    raw: Any = io.FileIO(number, "wb", closefd=False)
    return io.TextIOWrapper(
        raw if unbuffered else io.BufferedWriter(raw),
        "utf-8",
        errors,
        line_buffering=number == 2 or raw.isatty(),
        write_through=unbuffered,
    )


if __name__ == "__main__":
    prepare(*sys.argv[2:])
    # At the top, so that what it raises, and its end, are the interpreter's as in any process.
    exec(next_fork(socket.socket(fileno=int(sys.argv[1]))), {"__name__": "__main__"})
